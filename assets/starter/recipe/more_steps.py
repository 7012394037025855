"""More word problems of two operations, daily rates, and bare arithmetic."""

from __future__ import annotations

from draw import VEHICLES, Draw, Problem, Registry, plural

MORE_STEPS = Registry()


@MORE_STEPS.kind("groups_extra", 1.5)
def groups_extra(d: Draw) -> Problem:
    p, things, box = d.person(), d.things(), d.box()
    n, m, extra = d.number(2, 9), d.number(2, 10), d.number(1, 9)
    boxes = plural(box)
    more = d.chance(0.6) or extra >= n * m
    total = n * m + extra if more else n * m - extra
    start = f"{p.name} has {n} {boxes} with {m} {things} each"
    if more:
        story = d.pick(f"{start} and {extra} more {things}.", f"{start}. {p.He} also has {extra} loose {things}.")
        last = f"With {extra} more: {n * m} + {extra} = {total}."
    else:
        story = d.pick(
            f"{start}. {p.He} gives away {extra}.", f"{start}. {extra} of the {things} are broken and must go."
        )
        last = f"Without {extra}: {n * m} - {extra} = {total}."
    ask = d.pick(
        f"How many {things} does {p.he} have?",
        f"How many {things} does {p.name} have in all?" if more else f"How many {things} are left?",
    )
    return Problem(
        "groups_extra", f"{story} {ask}", (f"The {boxes} hold {n} x {m} = {n * m} {things}.", last), total, things, p
    )


@MORE_STEPS.kind("earn", 1.5)
def earn(d: Draw) -> Problem:
    p, good = d.person(), d.goods()
    hours, wage = d.number(2, 10), d.number(3, 12)
    pay = hours * wage
    cost = d.number(1, min(pay - 1, 40))
    story = d.pick(
        f"{p.name} earns ${wage} an hour and works {hours} hours.",
        f"{p.name} works {hours} hours for {wage} dollars an hour.",
    )
    if d.chance(0.35):
        ask = d.pick(f"How much does {p.he} earn?", f"How many dollars will {p.he} earn?")
        return Problem(
            "earn",
            f"{story} {ask}",
            (f"In one hour {p.he} earns {wage} dollars.", f"{hours} x {wage} = {pay}."),
            pay,
            "dollars",
        )
    ask = d.pick("How much money is left?", f"How much would {p.he} have left?")
    return Problem(
        "earn",
        f"{story} Then {p.he} buys a {good} for ${cost}. {ask}",
        (
            f"First {p.he} earns {hours} x {wage} = {pay} dollars.",
            f"Then {p.he} pays {cost}: {pay} - {cost} = {pay - cost}.",
        ),
        pay - cost,
        "dollars",
    )


@MORE_STEPS.kind("days", 1.0)
def days(d: Draw) -> Problem:
    p = d.person()
    m, n = d.number(2, 12), d.number(2, 12)
    does, do, unit = d.random.choice(
        [
            ("reads", "read", "pages"),
            ("runs", "run", "laps"),
            ("writes", "write", "letters"),
            ("solves", "solve", "puzzles"),
            ("bakes", "bake", "rolls"),
            ("plants", "plant", "trees"),
        ]
    )
    period, periods = d.random.choice([("day", "days"), ("week", "weeks"), ("hour", "hours")])
    if d.chance(0.6):
        question = (
            f"{p.name} {does} {m} {unit} every {period}. How many {unit} "
            f"{d.pick(f'does {p.he} {do}', f'will {p.he} {do}', f'can {p.he} {do}')} in {n} {periods}?"
        )
        return Problem(
            "days", question, (f"In one {period} {p.he} {does} {m} {unit}.", f"{n} x {m} = {n * m}."), n * m, unit, None
        )
    question = (
        f"{p.name} {does} {m} {unit} every {period}. How many {periods} "
        f"{d.pick(f'does {p.he} need', 'will it take')} to {do} {n * m} {unit}?"
    )
    return Problem(
        "days", question, (f"In one {period} {p.he} {does} {m} {unit}.", f"{n * m} / {m} = {n}."), n, periods, None
    )


@MORE_STEPS.kind("riders", 1.0)
def riders(d: Draw) -> Problem:
    vehicle = d.random.choice(VEHICLES[1:3])
    a = d.number(5, 60)
    off = d.number(1, a - 1)
    on = d.number(1, 35)
    story = d.pick(
        f"There are {a} people on a {vehicle}. At the stop {off} get off and {on} get on.",
        f"A {vehicle} has {a} passengers. {off} leave and {on} come in.",
    )
    ask = d.pick(f"How many people are on the {vehicle} now?", "How many are there now?")
    return Problem(
        "riders",
        f"{story} {ask}",
        (f"First {a} - {off} = {a - off} stay.", f"Then {on} come: {a - off} + {on} = {a - off + on}."),
        a - off + on,
        "people",
    )


@MORE_STEPS.kind("arithmetic", 2.5)
def arithmetic(d: Draw) -> Problem:
    form = d.number(0, 3)
    if form == 0:
        a, b = d.number(1, 99), d.number(1, 99)
        sum_, value = f"{a} + {b}", a + b
    elif form == 1:
        a = d.number(2, 120)
        b = d.number(1, a)
        sum_, value = f"{a} - {b}", a - b
    elif form == 2:
        a, b = d.number(2, 12), d.number(2, 12)
        sum_, value = f"{a} x {b}", a * b
    else:
        a, b = d.number(2, 12), d.number(2, 12)
        sum_, value = f"{a * b} / {b}", a
    question = d.pick(f"What is {sum_}?", f"Calculate {sum_}.", f"How much is {sum_}?", f"{sum_} = ?")
    return Problem("arithmetic", question, (f"{sum_} = {value}.",), value)
