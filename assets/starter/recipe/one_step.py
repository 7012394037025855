"""Word problems that one operation solves: adding, taking away, groups, sharing, comparing."""

from __future__ import annotations

from draw import Draw, Problem, Registry, plural

ONE_STEP = Registry()


@ONE_STEP.kind("add", 2.0)
def add(d: Draw) -> Problem:
    p, things = d.person(), d.things()
    a, b = d.number(1, 60), d.number(1, 40)
    gain, gains = d.random.choice(
        [
            ("buy", "buys"),
            ("find", "finds"),
            ("get", "gets"),
            ("pick", "picks"),
            ("win", "wins"),
            ("make", "makes"),
            ("collect", "collects"),
            ("receive", "receives"),
        ]
    )
    story = d.pick(
        f"{p.name} has {a} {things} and {gains} {b} more.",
        f"{p.name} has {a} {things}. {p.He} {gains} {b} more.",
        f"{p.name} had {a} {things}. Then {p.he} {gains} {b} more {things}.",
        f"{p.name} starts with {a} {things} and then {gains} {b} more.",
        f"There are {a} {things} in {p.name}'s bag. {p.He} {gains} {b} more.",
        f"{p.name} has {a} {things}. A friend gives {p.him} {b} more.",
    )
    ask = d.pick(
        f"How many {things} does {p.he} have?",
        f"How many {things} does {p.name} have?",
        f"How many {things} does {p.he} have now?",
        f"How many {things} does {p.name} have in all?",
        f"How many {things} will {p.he} have?",
        f"How many {things} does {p.he} have altogether?",
    )
    more = f"{p.He} {gains} {b} more." if gains in story else f"{p.He} gets {b} more."
    steps = (f"{p.name} starts with {a} {things}.", more, f"{a} + {b} = {a + b}.")
    return Problem("add", f"{story} {ask}", steps, a + b, things, p)


@ONE_STEP.kind("take", 2.0)
def take(d: Draw) -> Problem:
    p, friend = d.people(2)
    things = d.things()
    a = d.number(3, 99)
    b = d.number(1, a - 1)
    lose, loses = d.random.choice(
        [
            ("give away", "gives away"),
            ("lose", "loses"),
            ("sell", "sells"),
            ("use", "uses"),
            ("drop", "drops"),
            ("throw away", "throws away"),
        ]
    )
    story, less = d.random.choice(
        [
            (f"{p.name} has {a} {things} and {loses} {b} of them.", f"{p.He} {loses} {b}."),
            (f"{p.name} has {a} {things}. {p.He} {loses} {b}.", f"{p.He} {loses} {b}."),
            (f"{p.name} had {a} {things}. Then {p.he} {loses} {b} {things}.", f"{p.He} {loses} {b}."),
            (f"{p.name} has {a} {things} and gives {b} to {friend.name}.", f"{p.He} gives {b} to {friend.name}."),
            (f"{p.name} has {a} {things}. {friend.name} takes {b} of them.", f"{friend.name} takes {b}."),
        ]
    )
    ask = d.pick(
        f"How many {things} does {p.he} have left?",
        f"How many {things} does {p.name} have now?",
        f"How many {things} are left?",
        f"How many {things} will {p.he} have left?",
        f"How many {things} would remain?",
    )
    steps = (f"{p.name} starts with {a} {things}.", less, f"{a} - {b} = {a - b}.")
    return Problem("take", f"{story} {ask}", steps, a - b, things, p)


@ONE_STEP.kind("groups", 2.0)
def groups(d: Draw) -> Problem:
    p, things, box = d.person(), d.things(), d.box()
    n, m = d.number(2, 12), d.number(2, 12)
    boxes = plural(box)
    story = d.pick(
        f"{p.name} has {n} {boxes} with {m} {things} in each {box}.",
        f"There are {n} {boxes}. Each {box} holds {m} {things}.",
        f"{p.name} fills {n} {boxes}. {p.He} puts {m} {things} in each {box}.",
        f"{p.name} buys {n} {boxes} of {things}. Every {box} has {m} {things}.",
        f"A shop has {n} {boxes} with {m} {things} each.",
    )
    ask = d.pick(
        f"How many {things} are there in all?",
        f"How many {things} is that altogether?",
        f"How many {things} are there?",
        "What is the total?",
    )
    steps = (f"There are {n} {boxes}.", f"Each {box} has {m} {things}.", f"{n} x {m} = {n * m}.")
    return Problem("groups", f"{story} {ask}", steps, n * m, things)


@ONE_STEP.kind("share", 2.0)
def share(d: Draw) -> Problem:
    p, things = d.person(), d.things()
    n, m = d.number(2, 12), d.number(2, 12)
    who, one = d.random.choice(
        [
            ("friends", "friend"),
            ("children", "child"),
            ("students", "student"),
            ("boxes", "box"),
            ("bags", "bag"),
            ("plates", "plate"),
            ("neighbors", "neighbor"),
        ]
    )
    story = d.pick(
        f"{p.name} shares {n * m} {things} equally among {n} {who}.",
        f"{p.name} has {n * m} {things}. {p.He} divides them equally among {n} {who}.",
        f"{n * m} {things} are split equally between {n} {who}.",
        f"{p.name} wants to share {n * m} {things} fairly between {n} {who}.",
    )
    ask = d.pick(
        f"How many {things} does each {one} get?",
        f"How many {things} should each {one} get?",
        f"How many {things} will each {one} have?",
        f"How many {things} go to each {one}?",
    )
    steps = (
        f"There are {n * m} {things} for {n} {who}.",
        d.pick("They are shared equally, so divide.", f"Each {one} gets the same number, so divide."),
        f"{n * m} / {n} = {m}.",
    )
    return Problem("share", f"{story} {ask}", steps, m, things)


@ONE_STEP.kind("compare", 1.5)
def compare(d: Draw) -> Problem:
    p, q = d.people(2)
    things = d.things()
    small = d.number(1, 60)
    gap = d.number(1, 39)
    big = small + gap
    if d.chance(0.6):
        ask = d.pick(
            f"How many more {things} does {p.name} have than {q.name}?",
            f"How many more {things} does {p.name} have?",
        )
    else:
        ask = d.pick(
            f"How many fewer {things} does {q.name} have than {p.name}?",
            f"How many {things} must {q.name} get to have as many as {p.name}?",
        )
    story = d.pick(
        f"{p.name} has {big} {things} and {q.name} has {small}.",
        f"{p.name} has {big} {things}. {q.name} has {small} {things}.",
        f"{q.name} has {small} {things}, but {p.name} has {big}.",
    )
    steps = (
        f"{p.name} has {big} and {q.name} has {small}.",
        d.pick("The difference is what we need.", "To compare, subtract."),
        f"{big} - {small} = {gap}.",
    )
    return Problem("compare", f"{story} {ask}", steps, gap, things)
