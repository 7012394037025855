"""Renders each template with each conversation as transformers does; JSON on stdin and stdout."""

import json
import sys
from datetime import datetime

from transformers.utils import chat_template_utils


class Today(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 6, 9, 5, 3, 250_000)


def answer(template, conversation):
    try:
        rendered, _ = chat_template_utils.render_jinja_template(
            conversations=[conversation["messages"]],
            chat_template=template,
            add_generation_prompt=conversation["addGenerationPrompt"],
            **conversation["variables"],
        )
        return {"text": rendered[0]}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


chat_template_utils.datetime = Today
sys.stdin.reconfigure(encoding="utf-8")
asked = json.load(sys.stdin)
json.dump([[answer(template, each) for each in asked["conversations"]] for template in asked["templates"]], sys.stdout)
