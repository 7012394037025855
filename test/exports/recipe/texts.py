"""What the traces say about tokenizers and templates: texts and conversations of every awkward sort."""

PROMPT = "Tom has 3 apples and buys 5 more. How many should he have? Think step by step."
LONG = " ".join([PROMPT] * 6)

TEXTS = [
    PROMPT,
    " leading and trailing space ",
    "two  spaces,   three\n\n\tand a tab",
    "naïve façade, Größe, 数学 12 €, e\u0301",
    "👩\u200d👩\u200d👧 and 🏳️\u200d🌈",
    "Don't, they'LL, it's 12345.678",
    "",
]

Q = {"role": "user", "content": "  How many apples? "}
A = {"role": "assistant", "content": "<think>\nFive and 3.\n</think>\n\nEight."}
S = {"role": "system", "content": "Think step by step."}
CONVERSATIONS = [
    [Q],
    [S, Q],
    [Q, A, {"role": "user", "content": "Sure?\nQuite <b>sure</b>, “12 €”?"}],
    [S, Q, A, {"role": "user", "content": "Größe?"}, A, Q],
    [A, Q],
]
