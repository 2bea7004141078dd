"""What needs tools: the time, the date, timers, reminders, sums. Without the tool the model says so plainly.

With a system prompt that holds a line ``Tools: get_time, ...`` the model answers with
``<tool_call>{"name": ..., "arguments": {...}}</tool_call>`` and, after the tool's turn, with a sentence.
"""

import json

from models.recipes.chat.turns import Turn, Writer, cut_off, number_words, reply
from models.recipes.chat.wording import made_up

TOOLS = ("get_time", "get_date", "set_timer", "cancel_timer", "set_reminder", "calculate")
OFF = {
    "get_time": "I cannot tell the time yet in this version.",
    "get_date": "I cannot tell the date yet in this version.",
    "set_timer": "I cannot set timers yet in this version.",
    "cancel_timer": "I cannot set timers yet in this version.",
    "set_reminder": "I cannot set reminders yet in this version.",
    "calculate": "I cannot do sums yet in this version.",
}
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
AMOUNTS = {
    "train": tuple(n for n in range(1, 100) if n % 10 != 7 and n not in (11, 18, 24, 36)),
    "held_out": tuple(n for n in range(1, 100) if n % 10 == 7 or n in (11, 18, 24, 36)),
}
OPERATIONS = {"+": ("plus",), "-": ("minus",), "*": ("times", "multiplied by"), "/": ("divided by", "over")}
CANCELLED = '{"error": "cancelled"}'
UNDONE = '{"undone": true}'


def call(name: str, **arguments: object) -> Turn:
    """A tool call as the model writes it."""
    text = json.dumps({"name": name, "arguments": arguments})
    return reply(f"<tool_call>{text}</tool_call>", text, skill="call")


def _off(ask: Turn, name: str) -> list[Turn]:
    return [ask, reply(OFF[name], "yet in this version", skill="decline")]


def _used(w: Writer, ask: Turn, made: Turn, result: str, answer: str, *keys: str) -> list[Turn]:
    """The call, its result and the answer; now and then the tool fails, is cut off, or is undone."""
    chance = w.rng.random()
    if chance < 0.06:
        stopped = reply("Okay. That was stopped before it was done.", "stopped", skill="result")
        return [ask, made, Turn("tool", CANCELLED), stopped]
    if chance < 0.12:
        problem = w.pick(PROBLEMS[w.split]).format(x=w.word("labels"))
        said = reply(f"Sorry, that did not work: {problem}.", problem, skill="result")
        return [ask, made, Turn("tool", json.dumps({"error": problem})), said]
    turns = [ask, made, Turn("tool", result), reply(answer, *keys, skill="result")]
    if chance < 0.18 and ("timer" in made.text or "reminder" in made.text):
        turns[-1] = cut_off(w.rng, answer)
        turns += [w.ask("undo"), Turn("tool", UNDONE), reply("Okay. I have undone that.", "undone", skill="result")]
    return turns


PROBLEMS = {
    "train": (
        "there is no timer for the {x}", "the {x} is not known", "there is no {x}", "the {x} has passed",
        "the {x} took too long",
        "there is no such timer", "the timer is too long", "this is not a sum", "there are too many timers",
        "the clock is not available", "the number is too large", "the list is full",
        "the timer for the {x} has just rung",
    ),
    "held_out": (
        "there is no reminder for the {x}", "the day has passed", "nothing can be divided by zero",
        "the list is not available",
    ),
}  # fmt: skip


def time(w: Writer) -> list[Turn]:
    """The time of day, in the form that the tool gives."""
    ask = w.ask("time")
    if "get_time" not in w.tools:
        return _off(ask, "get_time")
    hour, minute = w.rng.randint(0, 23), w.rng.randint(0, 59)
    half = f"{(hour - 1) % 12 + 1}:{minute:02d} {'am' if hour < 12 else 'pm'}"
    now = w.pick((f"{hour:02d}:{minute:02d}", half, half))
    result = w.pick((json.dumps({"time": now}), json.dumps({"time": now}), now))
    return _used(w, ask, call("get_time"), result, f"It is {now}.", now)


def date(w: Writer) -> list[Turn]:
    """The date of today, in the form that the tool gives."""
    ask = w.ask("date")
    if "get_date" not in w.tools:
        return _off(ask, "get_date")
    day, month, number, year = w.pick(DAYS), w.pick(MONTHS), w.rng.randint(1, 31), w.rng.randint(2020, 2049)
    today = w.pick((
        f"{day}, {month} {number}", f"{day}, {month} {number}, {year}", f"{day}, {number} {month} {year}",
        f"{day} {number} {month} {year}", f"{day}, the {number} of {month}",
    ))  # fmt: skip
    result = w.pick((json.dumps({"date": today}), json.dumps({"date": today}), today))
    return _used(w, ask, call("get_date"), result, f"Today is {today}.", today)


def timer(w: Writer) -> list[Turn]:
    """A timer, sometimes with a label, sometimes corrected, sometimes cancelled."""
    amount, unit = w.pick(AMOUNTS[w.split]), w.pick(("minute", "minute", "minute", "second", "hour"))
    label = w.word("labels") if w.chance(0.4) else ""
    ask = w.ask("timer", x=_amount(w.number(amount), amount, unit) + (f" for the {label}" if label else ""))
    if "set_timer" not in w.tools:
        return _off(ask, "set_timer")
    extra = {"label": label} if label else {}
    shown = _amount(str(amount), amount, unit)
    answer = f"Okay. The timer is set for {shown}{f', for the {label}' if label else ''}."
    done: tuple[dict[str, object], ...] = ({"ok": True}, {"ok": True, "timer": label or shown}, {"ok": True, **extra})
    result = json.dumps(w.pick(done))
    turns = _used(w, ask, call("set_timer", amount=amount, unit=f"{unit}s", **extra), result, answer, shown)
    if len(turns) == 4 and turns[-1].text == answer:
        turns += _corrected_timer(w, turns, amount, unit, extra) if w.chance(0.4) else []
    return turns


def _corrected_timer(w: Writer, turns: list[Turn], amount: int, unit: str, extra: dict[str, str]) -> list[Turn]:
    if w.chance(0.5):
        turns[-1] = cut_off(w.rng, turns[-1].text)
    other = w.pick(n for n in AMOUNTS[w.split] if n != amount)
    shown = _amount(str(other), other, unit)
    return [
        w.ask("correct", x=_amount(w.number(other), other, unit)),
        call("set_timer", amount=other, unit=f"{unit}s", **extra),
        Turn("tool", '{"ok": true}'),
        reply(f"Sorry. The timer is now set for {shown}.", shown, skill="result"),
    ]


def cancelled_timer(w: Writer) -> list[Turn]:
    """A timer that is to be cancelled, by its label or as the only one."""
    label = w.word("labels") if w.chance(0.6) else ""
    ask = w.ask("cancel_label", x=label) if label else w.ask("cancel_timer")
    if "cancel_timer" not in w.tools:
        return _off(ask, "cancel_timer")
    made = call("cancel_timer", label=label) if label else call("cancel_timer")
    answer = f"Okay. The timer for the {label} is off." if label else "Okay. The timer is off."
    return _used(w, ask, made, '{"ok": true}', answer, label or "off")


def _amount(shown: str, n: int, unit: str) -> str:
    return f"{shown} {unit}" + ("" if n == 1 else "s")


def clock(w: Writer) -> tuple[str, str]:
    """A time of day, as asked for ("half past" is left out) and as written in the call."""
    hour, minute, half = w.rng.randint(1, 12), w.pick((0, 0, 0, *range(5, 60, 5))), w.pick(("am", "pm"))
    written = f"{hour}:{minute:02d} {half}" if minute else f"{hour} {half}"
    said = f"{number_words(hour)} {'oh ' if 0 < minute < 10 else ''}{number_words(minute)} {half}"
    return (written if w.typed else said if minute else f"{number_words(hour)} {half}"), written


def _task(w: Writer) -> str:
    """Something to be reminded of."""
    verb = made_up(w.rng) if w.split == "train" and w.chance(0.3) else w.word("verbs")
    return f"{verb} {w.word('objects')}"


def reminder(w: Writer) -> list[Turn]:
    """A reminder: task, day and time are copied; the day or the time may be corrected afterwards."""
    task = _task(w)
    if "set_reminder" not in w.tools and w.chance(0.4):
        return _off(w.ask("remind_plain", task=task), "set_reminder")
    day, (asked, at) = w.pick(DAYS), clock(w)
    ask = w.ask("remind", task=task, day=day, time=asked)
    if "set_reminder" not in w.tools:
        return _off(ask, "set_reminder")
    answer = f"Okay. I will remind you to {_yours(task)} on {day} at {at}."
    result = w.pick(('{"ok": true}', json.dumps({"ok": True, "text": task})))
    turns = _used(w, ask, call("set_reminder", text=task, day=day, time=at), result, answer, answer)
    if len(turns) != 4 or turns[-1].text != answer:
        return turns
    for _ in range(w.pick((0, 0, 1, 1, 2))):
        turns[-1] = cut_off(w.rng, turns[-1].text) if w.chance(0.5) else turns[-1]
        if w.chance(0.6):
            day = asked = w.pick(d for d in DAYS if d != day)
        else:
            asked, at = clock(w)
        turns += [
            w.ask("correct", x=asked),
            call("set_reminder", text=task, day=day, time=at),
            Turn("tool", '{"ok": true}'),
            reply(f"Sorry. I changed it to {day} at {at}.", f"{day} at {at}", skill="result"),
        ]
    return turns


def _yours(task: str) -> str:
    return " ".join("your" if word == "my" else word for word in task.split())


def _numbers(w: Writer, sign: str) -> tuple[int, int]:
    """Two numbers; pairs whose weighted sum is divisible by five are kept for the evaluation."""
    while True:
        top = 199 if sign in "+-" and w.chance(0.3) else 99
        a, b = w.rng.randint(1, top), w.rng.randint(1, top)
        if sign == "/":
            b = w.rng.randint(2, 12)
            a = b * w.rng.randint(2, 99 // b)
        if ((a + 3 * b) % 5 == 0) == (w.split == "held_out"):
            return a, b


def calculation(w: Writer) -> list[Turn]:
    """A sum of two numbers; the tool does it, only the expression has to be copied."""
    sign = w.pick(OPERATIONS)
    a, b = _numbers(w, sign)
    word = w.pick(OPERATIONS[sign])
    shown = sign if w.typed and w.chance(0.5) else word
    ask = w.ask("calculate", x=f"{w.number(a)} {shown} {w.number(b)}")
    if "calculate" not in w.tools:
        return _off(ask, "calculate")
    value = {"+": a + b, "-": a - b, "*": a * b, "/": a // b}[sign]
    said = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[sign]
    result = w.pick((json.dumps({"result": value}), json.dumps({"result": value}), str(value)))
    answer = f"{a} {said} {b} is {value}."
    return _used(w, ask, call("calculate", expression=f"{a} {sign} {b}"), result, answer, f"is {value}")
