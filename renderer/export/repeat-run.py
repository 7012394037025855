"""Repeats a run of SLOT Studio with PyTorch and transformers: the loss of every step, and every token of greedy answers.

    pip install torch transformers
    python THIS_FILE [MODEL]

MODEL is a folder with config.json and safetensors, a .gguf file, or a hub id; by default the run's own. SLOT: arXiv
2505.12392. What the run gave stands in RUN and is printed beside what comes out here.
"""

import base64
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

RUN = json.loads("RUN")

# The reference's two settings of AdamW: its transformers runner and its vLLM runner, which divides the mean gradient
# by the number of targets once more.
PRESETS = {
    "transformers": {"betas": (0.9, 0.999), "eps": 1e-5, "weight_decay": 1e-8, "divides": False},
    "vllm": {"betas": (0.9, 0.95), "eps": 1e-6, "weight_decay": 1e-5, "divides": True},
}


def open_model(name):
    path = Path(name)
    # Other attention leaves a soft cap out, where a model has one.
    options = {"dtype": torch.float32, "attn_implementation": "eager"}
    if path.suffix == ".gguf":
        model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, **options)
    else:
        model = AutoModelForCausalLM.from_pretrained(name, **options)
    return model.eval().requires_grad_(False)


class Delta:
    """Adds delta to the last hidden states: to what goes into the head, so that all after it is the model's own."""

    def __init__(self, model, size):
        self.vector = torch.zeros(size, requires_grad=True)
        self.handle = model.get_output_embeddings().register_forward_pre_hook(self.add)

    def add(self, _module, args):
        return (args[0] + self.vector, *args[1:])


def prompt_loss(model, ids, weights):
    logits = model(ids[None], use_cache=False).logits[0, :-1].float()
    losses = torch.nn.functional.cross_entropy(logits, ids[1:], reduction="none")
    return (losses * weights).sum()


def optimiser_of(lane, delta):
    preset = PRESETS[lane["preset"]]
    decay = preset["weight_decay"] if lane["weight_decay"] is None else lane["weight_decay"]
    if lane["sgd"]:
        return torch.optim.SGD([delta], lr=lane["lr"], weight_decay=decay)
    betas, eps = lane["betas"] or preset["betas"], lane["eps"] or preset["eps"]
    return torch.optim.AdamW([delta], lr=lane["lr"], betas=tuple(betas), eps=eps, weight_decay=decay)


def learn(model, lane, ids, delta):
    """As many steps as the run took; yields the loss before each, and after the last."""
    weights = torch.tensor(lane["weights"] or [1 / (len(ids) - 1)] * (len(ids) - 1))
    optimiser = optimiser_of(lane, delta.vector)
    for _ in range(lane["steps"]):
        loss = prompt_loss(model, ids, weights)
        optimiser.zero_grad()
        loss.backward()
        if PRESETS[lane["preset"]]["divides"]:
            delta.vector.grad /= int((weights > 0).sum())
        yield loss.item()
        optimiser.step()
    with torch.no_grad():
        yield prompt_loss(model, ids, weights).item()


def make(model, lane, ids, delta):
    """A given delta, or a control of the lane's own; yields the loss without it, and with it."""
    made_of = lane["made_of"]
    weights = torch.tensor(lane["weights"] or [1 / (len(ids) - 1)] * (len(ids) - 1))
    with torch.no_grad():
        yield prompt_loss(model, ids, weights).item()
    if made_of["terms"] is None:
        for _ in learn(model, lane, ids, delta):
            pass
        vector = delta.vector.detach() * made_of["factor"]
    else:
        vector = sum(term["factor"] * numbers(term["values"]) for term in made_of["terms"])
    if made_of["centred"]:
        # Without what moves the mean logit: the part along the mean row of the head's matrix.
        mean = model.get_output_embeddings().weight.mean(0)
        vector = vector - mean * (mean @ vector) / (mean @ mean)
    with torch.no_grad():
        delta.vector.copy_(vector)
        yield prompt_loss(model, ids, weights).item()


def numbers(values):
    """float32, little-endian, in base64, as the run keeps a given delta."""
    return torch.frombuffer(bytearray(base64.b64decode(values)), dtype=torch.float32)


@torch.no_grad()
def equal_tokens(model, ids, forced, answer):
    """How many tokens of the run's greedy answer are chosen here too, before the first that is not."""
    given, cache, count = ids[None], None, 0
    for index, token in enumerate(answer):
        out = model(given, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        if index >= len(forced) and int(out.logits[0, -1].argmax()) != token:
            break
        given, count = torch.tensor([[token]]), count + 1
    return count


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else RUN["model"]
    if name is None:
        sys.exit("Name the model: a folder with config.json and safetensors, a .gguf file, or a hub id.")
    model = open_model(name)
    print(f"{name} in float32; the run of {RUN['at']} had its weights as {RUN['dtype']}")
    for lane in RUN["left_out"]:
        print(f"left out is {lane}")
    for lane in RUN["lanes"]:
        ids = torch.tensor(lane["ids"])
        delta = Delta(model, model.get_output_embeddings().weight.shape[1])
        print(f"\n{lane['name']}")
        if lane["losses"]:
            losses = (make if lane["made_of"] else learn)(model, lane, ids, delta)
            for step, (here, there) in enumerate(zip(losses, lane["losses"])):
                print(f"  step {step}: loss {here:.6f}, SLOT Studio {there:.6f}, difference {abs(here - there):.1e}")
        if RUN["greedy"]:
            count = equal_tokens(model, ids, lane["forced"], lane["answer"])
            print(f"  answer: {count} of {len(lane['answer'])} tokens are the same")
        delta.handle.remove()


main()
