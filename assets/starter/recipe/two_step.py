"""Word problems that take two operations."""

from __future__ import annotations

from draw import Draw, Problem, Registry, plural

TWO_STEP = Registry()


@TWO_STEP.kind("add_take", 2.0)
def add_take(d: Draw) -> Problem:
    p, friend = d.people(2)
    things = d.things()
    a, b = d.number(2, 50), d.number(1, 40)
    c = d.number(1, a + b - 1)
    gains = d.pick("buys", "finds", "gets", "picks", "makes")
    loses = d.pick("gives away", "loses", "sells", "uses")
    middle, total = a + b, a + b - c
    ask = d.pick(
        f"How many {things} does {p.he} have now?",
        f"How many {things} does {p.name} have left?",
        f"How many {things} will {p.he} have?",
        f"How many {things} are left?",
    )
    if d.chance(0.65):
        story = d.pick(
            f"{p.name} has {a} {things}. {p.He} {gains} {b} more and then {loses} {c}.",
            f"{p.name} has {a} {things}. {p.He} {gains} {b} more. Then {p.he} {loses} {c} of them.",
            f"{p.name} had {a} {things}, {gains} {b} more and gives {c} to {friend.name}.",
        )
        steps = (f"First {p.he} has {a} + {b} = {middle} {things}.", f"Then {c} are gone: {middle} - {c} = {total}.")
        return Problem("add_take", f"{story} {ask}", steps, total, things, p)
    # The other order: first fewer, then more.
    c = d.number(1, a - 1)
    middle, total = a - c, a - c + b
    story = d.pick(
        f"{p.name} has {a} {things}. {p.He} {loses} {c} and then {gains} {b} more.",
        f"{p.name} has {a} {things} and {loses} {c} of them. Later {p.he} {gains} {b} more.",
    )
    steps = (f"First {p.he} has {a} - {c} = {middle} {things}.", f"Then {b} more come: {middle} + {b} = {total}.")
    return Problem("add_take", f"{story} {ask}", steps, total, things, p)


@TWO_STEP.kind("twice_half", 2.0)
def twice_half(d: Draw) -> Problem:
    p, q = d.people(2)
    things = d.things()
    a = d.number(2, 30)
    both = d.chance(0.5)
    form = d.number(0, 2)
    if form == 0:
        have, other = a, 2 * a
        story = f"{p.name} has {have} {things}. {q.name} has twice as many{d.pick('', f' as {p.name}')}."
        first = f"{q.name} has 2 x {have} = {other} {things}."
    elif form == 1:
        have, other = 2 * a, a
        story = f"{p.name} has {have} {things}. {q.name} has half as many{d.pick('', f' as {p.name}')}."
        first = f"{q.name} has {have} / 2 = {other} {things}."
    else:
        n = d.random.choice([3, 4, 5])
        have = d.number(2, 12)
        other = n * have
        word = {3: "three", 4: "four", 5: "five"}[n]
        story = f"{p.name} has {have} {things}. {q.name} has {word} times as many."
        first = f"{q.name} has {n} x {have} = {other} {things}."
    if not both:
        ask = f"How many {things} does {q.name} have?"
        return Problem("twice_half", f"{story} {ask}", (f"{p.name} has {have} {things}.", first), other, things, q)
    ask = d.pick(
        f"How many {things} do they have together?",
        f"How many {things} do they have in all?",
        f"How many {things} would they have if they put them together?",
    )
    return Problem(
        "twice_half",
        f"{story} {ask}",
        (first, f"Together they have {have} + {other} = {have + other}."),
        have + other,
        things,
    )


@TWO_STEP.kind("change", 2.0)
def change(d: Draw) -> Problem:
    p, good = d.person(), d.goods()
    n, cost = d.number(1, 9), d.number(2, 12)
    total = n * cost
    bill = d.random.choice([b for b in (10, 20, 50, 100) if b > total] or [total + d.number(1, 20)])
    ask = d.pick(
        f"How much change does {p.he} get?",
        f"How much change should {p.he} get back?",
        f"How many dollars will {p.he} have left?",
        "How much money is left?",
    )
    if n == 1:
        story = d.pick(
            f"{p.name} buys a {good} for ${cost} and pays with a ${bill} bill.",
            f"{p.name} has ${bill}. {p.He} buys a {good} that costs ${cost}.",
        )
        steps = (
            f"The {good} costs {cost} dollars.",
            f"{p.name} pays with {bill} dollars.",
            f"{bill} - {cost} = {bill - cost}.",
        )
    else:
        story = d.pick(
            f"{p.name} buys {n} {plural(good)} for ${cost} each and pays with a ${bill} bill.",
            f"{p.name} has ${bill}. {p.He} buys {n} {plural(good)} that cost ${cost} each.",
            f"A {good} costs {cost} dollars. {p.name} buys {n} of them and pays with {bill} dollars.",
        )
        steps = (
            f"The {plural(good)} cost {n} x {cost} = {total} dollars.",
            f"The change is {bill} - {total} = {bill - total}.",
        )
    return Problem("change", f"{story} {ask}", steps, bill - total, "dollars")


@TWO_STEP.kind("three_totals", 1.5)
def three_totals(d: Draw) -> Problem:
    p, q, r = d.people(3)
    things = d.things()
    a, b, c = d.number(1, 33), d.number(1, 33), d.number(1, 33)
    story = d.pick(
        f"{p.name} has {a} {things}, {q.name} has {b} and {r.name} has {c}.",
        f"{p.name}, {q.name} and {r.name} have {a}, {b} and {c} {things}.",
        f"{p.name} finds {a} {things}. {q.name} finds {b} and {r.name} finds {c}.",
    )
    ask = d.pick(
        f"How many {things} do they have together?",
        f"How many {things} do they have in all?",
        f"What is the total number of {things}?",
    )
    steps = (
        f"First add {p.name} and {q.name}: {a} + {b} = {a + b}.",
        f"Then add {r.name}: {a + b} + {c} = {a + b + c}.",
    )
    return Problem("three_totals", f"{story} {ask}", steps, a + b + c, things)


@TWO_STEP.kind("leftover", 1.5)
def leftover(d: Draw) -> Problem:
    p, things, box = d.person(), d.things(), d.box()
    size, full = d.number(3, 10), d.number(2, 9)
    rest = d.number(1, size - 1)
    total = size * full + rest
    boxes = plural(box)
    story = d.pick(
        f"{p.name} packs {total} {things} into {boxes} of {size}.",
        f"{p.name} has {total} {things}. Each {box} holds {size}.",
        f"{p.name} must pack {total} {things}. {size} {things} fit in a {box}.",
    )
    if d.chance(0.7):
        ask = d.pick(
            f"How many {things} are left over?",
            f"How many {things} would be left after filling as many {boxes} as {p.he} can?",
        )
        answer = rest
        steps = (
            f"{full} {boxes} are full because {full} x {size} = {size * full}.",
            f"{total} - {size * full} = {rest}.",
        )
    else:
        ask = d.pick(f"How many full {boxes} are there?", f"How many {boxes} can {p.he} fill?")
        answer = full
        steps = (f"{full} x {size} = {size * full}, and {rest} are left over.", f"So {full} {boxes} are full.")
    return Problem("leftover", f"{story} {ask}", steps, answer, things if answer == rest else boxes)
