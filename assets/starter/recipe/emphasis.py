"""More weight in the loss for names and pronouns that repeat a person of the same conversation.

They are few among all tokens, and without it a model of this size gets the sums right long before
it calls people by their names.
"""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch import Tensor

from draw import HE, SHE

PRONOUNS = ("he He him his His".split(), "she She her Her".split())
WEIGHT = 6.0


class Emphasis:
    def __init__(self, tokenizer: Tokenizer, device: str) -> None:
        size = tokenizer.get_vocab_size()
        names, genders = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
        pronouns = torch.zeros(size, dtype=torch.bool)

        def spellings(word: str) -> list[int]:
            encoded = [tokenizer.encode(form).ids for form in (word, f" {word}")]
            return [ids[0] for ids in encoded if len(ids) == 1]

        for index, name in enumerate(HE + SHE):
            names[spellings(name)] = index + 1
            genders[spellings(name)] = 1 if index < len(HE) else 2
        for gender, words in enumerate(PRONOUNS, start=1):
            for word in words:
                genders[spellings(word)] = gender
                pronouns[spellings(word)] = True
        self.names, self.genders, self.pronouns = names.to(device), genders.to(device), pronouns.to(device)

    def weights(self, rows: Tensor) -> Tensor:
        """[batch, length - 1], for the targets rows[:, 1:]; 1 where nothing is repeated."""
        length = rows.shape[1] - 1
        before = torch.ones(length, length, dtype=torch.bool, device=rows.device).tril()

        def repeated(classes: Tensor) -> Tensor:
            seen, target = classes[rows[:, :-1]], classes[rows[:, 1:]]
            return ((target[:, :, None] == seen[:, None, :]) & before).any(-1) & (target > 0)

        again = repeated(self.names) | (repeated(self.genders) & self.pronouns[rows[:, 1:]])
        return 1 + (WEIGHT - 1) * again.float()
