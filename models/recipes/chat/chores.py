"""What needs tools: the time, the date, timers, reminders, sums. Without the tool the model says so plainly.

With a system prompt that holds a line ``Tools: get_time, ...`` the model answers with
``<tool_call>{"name": ..., "arguments": {...}}</tool_call>`` and, after the tool's turn, with a sentence.
"""

import json

from models.recipes.chat.turns import Turn, Writer, cut_off, number_words, reply

TOOLS = ("get_time", "get_date", "set_timer", "set_reminder", "calculate")
OFF = {
    "get_time": "I cannot tell the time yet in this version.",
    "get_date": "I cannot tell the date yet in this version.",
    "set_timer": "I cannot set timers yet in this version.",
    "set_reminder": "I cannot set reminders yet in this version.",
    "calculate": "I cannot do sums yet in this version.",
}
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
AMOUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 90)
OPERATIONS = {"+": ("plus",), "-": ("minus",), "*": ("times", "multiplied by"), "/": ("divided by",)}
DONE = Turn("tool", '{"ok": true}')


def call(name: str, **arguments: object) -> Turn:
    """A tool call as the model writes it."""
    text = json.dumps({"name": name, "arguments": arguments})
    return reply(f"<tool_call>{text}</tool_call>", key=text)


def _use(w: Writer, ask: Turn, done: Turn, result: Turn, answer: str, name: str) -> list[Turn]:
    """The call, its result and the answer; or, without the tool, the plain refusal."""
    if name in w.tools:
        return [ask, done, result, reply(answer)]
    return [ask, reply(OFF[name], key="yet in this version")]


def time(w: Writer) -> list[Turn]:
    """The time of day."""
    now = f"{w.rng.randint(0, 23):02d}:{w.rng.randint(0, 59):02d}"
    result = Turn("tool", json.dumps({"time": now}))
    return _use(w, w.ask("time"), call("get_time"), result, f"It is {now}.", "get_time")


def date(w: Writer) -> list[Turn]:
    """The date of today."""
    today = f"{w.pick(DAYS)}, {w.pick(MONTHS)} {w.rng.randint(1, 31)}"
    result = Turn("tool", json.dumps({"date": today}))
    return _use(w, w.ask("date"), call("get_date"), result, f"Today is {today}.", "get_date")


def timer(w: Writer) -> list[Turn]:
    """A timer, sometimes with a label, sometimes corrected."""
    amount, unit = w.pick(AMOUNTS), w.pick(("minute", "minute", "minute", "second", "hour"))
    label = w.word("labels") if w.chance(0.35) else ""
    asked = _amount(w.number(amount), amount, unit) + (f" for the {label}" if label else "")
    extra = {"label": label} if label else {}
    purpose = f", for the {label}" if label else ""
    answer = f"Okay. The timer is set for {_amount(str(amount), amount, unit)}{purpose}."
    done = call("set_timer", amount=amount, unit=f"{unit}s", **extra)
    turns = _use(w, w.ask("timer", x=asked), done, DONE, answer, "set_timer")
    if "set_timer" in w.tools and w.chance(0.4):
        amount = w.pick(n for n in AMOUNTS if n != amount)
        turns[-1] = cut_off(w.rng, turns[-1].text) if w.chance(0.5) else turns[-1]
        turns += [
            w.ask("correct", x=_amount(w.number(amount), amount, unit)),
            call("set_timer", amount=amount, unit=f"{unit}s", **extra),
            DONE,
            reply(f"Sorry. The timer is now set for {_amount(str(amount), amount, unit)}."),
        ]
    return turns


def _amount(shown: str, n: int, unit: str) -> str:
    return f"{shown} {unit}" + ("" if n == 1 else "s")


def _clock(w: Writer) -> tuple[str, str]:
    """A time of day, as asked for ("half past" is left out) and as written in the call."""
    hour, minute, half = w.rng.randint(1, 12), w.pick((0, 0, 15, 30, 45)), w.pick(("am", "pm"))
    written = f"{hour}:{minute:02d} {half}" if minute else f"{hour} {half}"
    spoken = f"{number_words(hour)} {number_words(minute)} {half}" if minute else f"{number_words(hour)} {half}"
    return (written if w.typed else spoken), written


def _task(w: Writer) -> str:
    return f"{w.word('verbs')} {w.word('objects')}"


def reminder(w: Writer) -> list[Turn]:
    """A reminder: task, day and time are copied; the day or the time may be corrected afterwards."""
    task = _task(w)
    if "set_reminder" not in w.tools and w.chance(0.4):
        return [w.ask("remind_plain", task=task), reply(OFF["set_reminder"], key="yet in this version")]
    day, (asked, at) = w.pick(DAYS), _clock(w)
    ask = w.ask("remind", task=task, day=day, time=asked)
    answer = f"Okay. I will remind you to {task.replace('my ', 'your ')} on {day} at {at}."
    turns = _use(w, ask, call("set_reminder", text=task, day=day, time=at), DONE, answer, "set_reminder")
    if "set_reminder" not in w.tools:
        return turns
    for _ in range(w.pick((0, 0, 1, 1, 2))):
        turns[-1] = cut_off(w.rng, turns[-1].text) if w.chance(0.5) else turns[-1]
        if w.chance(0.6):
            day = asked = w.pick(d for d in DAYS if d != day)
        else:
            asked, at = _clock(w)
        turns += [
            w.ask("correct", x=asked),
            call("set_reminder", text=task, day=day, time=at),
            DONE,
            reply(f"Sorry. I changed it to {day} at {at}."),
        ]
    return turns


def calculation(w: Writer) -> list[Turn]:
    """A sum of two numbers under a hundred."""
    sign = w.pick(OPERATIONS)
    a, b = w.rng.randint(1, 99), w.rng.randint(1, 99)
    if sign == "/":
        b = w.rng.randint(2, 9)
        a = b * w.rng.randint(1, 99 // b)
    value = {"+": a + b, "-": a - b, "*": a * b, "/": a // b}[sign]
    word = w.pick(OPERATIONS[sign])
    ask = w.ask("calculate", x=f"{w.number(a)} {word} {w.number(b)}")
    done = call("calculate", expression=f"{a} {sign} {b}")
    result = Turn("tool", json.dumps({"result": value}))
    return _use(w, ask, done, result, f"{a} {word} {b} is {value}.", "calculate")
