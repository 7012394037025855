"""Makes the fixtures: tiny models through the real exporters, and beside each what PyTorch and transformers say of it.

    python test/exports/recipe/make.py [NAME...]
"""

from __future__ import annotations

import datetime
import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

import torch
import transformers
from transformers import AutoTokenizer
from transformers.utils import chat_template_utils

import exporters
import families
import reference
import texts
from recipes import RECIPES, Recipe

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
LARGEST = 300_000
# Templates may write today's date; the tests set their clock to it.
TODAY = datetime.datetime(2026, 3, 4, 12)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return TODAY


def tokenizer_trace(folder: Path) -> dict[str, Any]:
    """What transformers makes of texts and conversations with the folder's own files."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = []
    for text in texts.TEXTS + [f"{token}hi {token} there" for token in tokenizer.all_special_tokens[:2]]:
        ids = tokenizer(text)["input_ids"]
        encoded.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    conversations = []
    older = folder / "chat_template.json"
    if older.exists():
        tokenizer.chat_template = json.loads(older.read_text(encoding="utf-8"))["chat_template"]
    if tokenizer.chat_template:
        for messages in texts.CONVERSATIONS:
            try:
                with mock.patch.object(chat_template_utils, "datetime", Clock):
                    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True)
                conversations.append({"messages": messages, "text": text, "ids": ids})
            except Exception as error:
                conversations.append({"messages": messages, "error": str(error)})
    return {"texts": encoded, "conversations": conversations}


def make(recipe: Recipe, into: Path) -> None:
    tokenizer = recipe.tokenizer()
    for seed in range(100):
        with tempfile.TemporaryDirectory() as temporary:
            model = families.make(recipe.family, tokenizer, seed, **recipe.changes)
            source = Path(temporary) / "source"
            model.generation_config.eos_token_id = recipe.ends(tokenizer)
            model.save_pretrained(source)
            tokenizer.save_pretrained(source, save_jinja_files=recipe.jinja_file)
            if recipe.edit:
                recipe.edit(source)
            folder = Path(temporary) / recipe.name
            recipe.export(source, folder)
            exported = AutoTokenizer.from_pretrained(folder)
            try:
                traces = recipe.traces(model, folder, exported(texts.PROMPT)["input_ids"])
                long = recipe.traces(model, folder, exported(texts.LONG)["input_ids"]) if recipe.long else {}
            except reference.TooClose:
                continue
            record = {
                "family": recipe.family,
                "made": exporters.versions(recipe.made_with),
                **tokenizer_trace(folder),
                "dtypes": traces,
            }
            if long:
                record["long"] = {"prompt": texts.LONG, "dtypes": long}
            (folder / "trace.json").write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree(folder, into)
            break
    else:
        raise SystemExit(f"{recipe.name}: no seed gives clear answers")
    report(into, seed)


def report(folder: Path, seed: int) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    total = sum(file.stat().st_size for file in files)
    large = [file.name for file in files if file.stat().st_size > LARGEST]
    print(f"{folder.name:28} seed {seed:2}  {total // 1000:5} kB  {', '.join(large)}", flush=True)


def main() -> None:
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    asked = sys.argv[1:]
    for recipe in RECIPES:
        if not asked or recipe.name in asked:
            make(recipe, FIXTURES / recipe.name)


if __name__ == "__main__":
    main()
