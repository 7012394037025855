"""Word problems that one operation solves: prices, distances, ages, what is missing."""

from __future__ import annotations

from draw import Draw, Problem, Registry, plural

MEASURES = Registry()


@MEASURES.kind("price", 1.5)
def price(d: Draw) -> Problem:
    p, good = d.person(), d.goods()
    n, cost = d.number(2, 12), d.number(2, 12)
    story = d.pick(
        f"A {good} costs ${cost}. {p.name} buys {n} {plural(good)}.",
        f"{p.name} buys {n} {plural(good)} for ${cost} each.",
        f"Each {good} costs {cost} dollars and {p.name} wants {n} of them.",
        f"{p.name} needs {n} {plural(good)}. One {good} costs ${cost}.",
    )
    ask = d.pick(
        f"How much does {p.he} pay?",
        f"How much should {p.he} pay?",
        f"How many dollars will {p.he} spend?",
        f"How much must {p.name} pay in total?",
        "What is the total cost?",
    )
    steps = (f"One {good} costs {cost} dollars.", f"{p.name} buys {n}.", f"{n} x {cost} = {n * cost}.")
    return Problem("price", f"{story} {ask}", steps, n * cost, "dollars")


@MEASURES.kind("distance", 1.0)
def distance(d: Draw) -> Problem:
    p = d.person()
    hours = d.number(2, 9)
    speed = d.random.choice([3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 50, 60])
    total = speed * hours
    unit = d.pick("miles", "km")
    way, ways = d.random.choice(
        [("walk", "walks"), ("run", "runs")]
        if speed < 7
        else [("travel", "travels"), ("drive", "drives"), ("ride", "rides")]
    )
    if d.chance(0.65):
        story = d.pick(
            f"{p.name} {ways} at {speed} {unit} per hour for {hours} hours.",
            f"{p.name} {ways} {speed} {unit} every hour. {p.He} {ways} for {hours} hours.",
        )
        ask = d.pick(f"How far does {p.he} go?", f"How many {unit} does {p.he} {way}?", f"How far can {p.name} go?")
        steps = (
            f"In one hour {p.name} goes {speed} {unit}.",
            f"{p.He} goes for {hours} hours.",
            f"{speed} x {hours} = {total}.",
        )
        return Problem("distance", f"{story} {ask}", steps, total, unit)
    story = f"{p.name} {ways} {total} {unit} at {speed} {unit} per hour."
    ask = d.pick("How many hours does it take?", f"How many hours will {p.he} need?")
    steps = (
        f"The way is {total} {unit}.",
        f"{p.name} goes {speed} {unit} in one hour.",
        f"{total} / {speed} = {hours}.",
    )
    return Problem("distance", f"{story} {ask}", steps, hours, "hours")


@MEASURES.kind("ages", 1.5)
def ages(d: Draw) -> Problem:
    p, q = d.people(2)
    age, years = d.number(4, 60), d.number(2, 30)
    form = d.number(0, 2)
    if form == 0:
        ask = d.pick(f"How old will {p.he} be in {years} years?", f"What will be {p.his} age {years} years from now?")
        return Problem(
            "ages",
            f"{p.name} is {age} years old. {ask}",
            (
                f"{p.name} is {age} now.",
                f"In {years} years {p.he} will be {years} years older.",
                f"{age} + {years} = {age + years}.",
            ),
            age + years,
            "years",
        )
    if form == 1:
        now = age + years
        return Problem(
            "ages",
            f"{p.name} is {now} years old. How old was {p.he} {years} years ago?",
            (
                f"{p.name} is {now} now.",
                f"{years} years ago {p.he} was {years} years younger.",
                f"{now} - {years} = {age}.",
            ),
            age,
            "years",
        )
    older = d.chance(0.5)
    base = age if older else age + years
    result = base + years if older else base - years
    word, sign = ("older", "+") if older else ("younger", "-")
    return Problem(
        "ages",
        f"{p.name} is {base} years old. {q.name} is {years} years {word} than {p.name}. How old is {q.name}?",
        (f"{p.name} is {base}.", f"{q.name} is {years} years {word}.", f"{base} {sign} {years} = {result}."),
        result,
        "years",
    )


@MEASURES.kind("missing", 1.5)
def missing(d: Draw) -> Problem:
    p, things = d.person(), d.things()
    have, need = d.number(1, 60), d.number(1, 39)
    goal = have + need
    if d.chance(0.4):
        good = d.goods()
        question = d.pick(
            f"{p.name} wants a {good} that costs ${goal}. {p.He} has ${have}. How much more money does {p.he} need?",
            f"A {good} costs {goal} dollars. {p.name} has saved {have} dollars. "
            f"How many more dollars must {p.he} save?",
        )
        first, unit = f"The {good} costs {goal} dollars.", "dollars"
    else:
        question = d.pick(
            f"{p.name} needs {goal} {things}. {p.He} has {have}. How many more {things} should {p.he} get?",
            f"{p.name} has {have} {things} and wants {goal}. How many more does {p.he} need?",
            f"{p.name} must collect {goal} {things}. So far {p.he} has {have}. How many are missing?",
        )
        first, unit = f"{p.name} needs {goal} {things}.", things
    steps = (first, f"{p.He} has {have}.", f"{goal} - {have} = {need}.")
    return Problem("missing", question, steps, need, unit)
