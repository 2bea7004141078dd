"""`parley bench soak`: thousands of random interruptions on the real engines, in virtual or in real time.

Nothing may leak, get stuck or drift apart: memory and objects are counted after every conversation, each one has to
come to rest with all promises kept, and the text taken as heard is compared with the sound that was played.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.status import Status

from assistant.bench.duplex.cases import Case, Draw
from assistant.bench.duplex.heard import words_off
from assistant.bench.duplex.phrases import OPENINGS, SAYINGS
from assistant.bench.duplex.play import Job, Played, make_clips, make_sounds, play_case
from assistant.bench.duplex.promises import broken
from assistant.bench.duplex.show import show_rows
from assistant.bench.machine import machine, machine_line
from assistant.bench.plan import Plan, running_voice
from assistant.bench.soak_figures import Reading, rows
from assistant.bench.soak_live import interrupt_live
from assistant.core.interruptions import Kind
from assistant.session.simulation.scenario import UserEntry
from assistant.session.simulation.simulate import engines_for
from assistant.settings import Settings

PER_CONVERSATION = 20
"""Things that the user does in one conversation."""
REPLY_TOKENS = 30

_KINDS = (Kind.CANCELLATION, Kind.CORRECTION, Kind.REDIRECT, Kind.CLARIFICATION, Kind.BACKCHANNEL, Kind.RESUME)
_PRESSES = ("stop", "stop_speech", "continue")


def conversations(count: int, seed: int, voices: Sequence[str | None], sounds: Sequence[str]) -> list[Case]:
    """Random conversations with `count` things done by the user in all; the same for the same arguments."""
    cases = []
    for number in range(-(-count // PER_CONVERSATION)):
        draw = Draw(seed, "soak", number, voices, sounds)
        deeds = [_deed(draw, n) for n in range(min(PER_CONVERSATION, count - number * PER_CONVERSATION))]
        cases.append(Case(f"soak-{number + 1:03d}", "soak", draw.silence(*deeds), ()))
    return cases


def _deed(draw: Draw, number: int) -> UserEntry:
    """One thing at a random time after the one before: whatever Parley is doing then."""
    when: dict[str, Any] = {"after": f"deed{number - 1}", "offset_s": draw.seconds(0.05, 3.0)}
    if number == 0:
        when = {"at": 0.5}
    name = f"deed{number}"
    kind = draw.pick(("type", "type", "press", "say", "say", "say", "sound"))
    if number == 0 or kind == "type":
        return UserEntry(name=name, type=draw.pick(OPENINGS), **when)
    if kind == "press":
        return UserEntry(name=name, press=draw.pick(_PRESSES), **when)
    if kind == "sound":
        return draw.sound(name, **when)
    return draw.say(name, draw.pick(SAYINGS[draw.pick(_KINDS)]), **when)


def soak(
    console: Console,
    overrides: Mapping[str, object],
    *,
    count: int = 2000,
    live_minutes: float | None = None,
    seed: int = 1,
    as_json: bool = False,
) -> None:
    """Interrupt `count` times in virtual time, or for `live_minutes` in real time, and show what became of it.

    Raises UserError where an engine or, in real time, a virtual sound card cannot be used.
    """
    plan = Plan(Settings().with_changes({"chat_max_tokens": REPLY_TOKENS} | dict(overrides)))
    begun = monotonic()
    with console.status("Interrupting …") as status:
        if live_minutes is None:
            done = partial(_show_count, status, count)
            readings = interrupt_virtual(plan, count, seed, done)
        else:
            readings = interrupt_live(plan, live_minutes, seed, partial(_show_minutes, status, live_minutes))
    wall_s = monotonic() - begun
    if as_json:
        found = {"machine": machine(), "seed": seed, "live": live_minutes is not None, "wall_s": round(wall_s, 1)}
        found["figures"] = [asdict(row) | {"met": row.met} for row in rows(readings)]
        found["readings"] = [asdict(reading) for reading in readings]
        console.file.write(json.dumps(found) + "\n")
        return
    minutes = sum(reading.seconds for reading in readings) / 60
    kind = "real" if live_minutes is not None else "virtual"
    console.print(machine_line(machine()), highlight=False, style="dim", soft_wrap=True)
    console.print(f"{minutes:.0f} minutes of {kind} time in {wall_s:.0f} s", highlight=False, style="dim")
    show_rows(console, rows(readings))
    for number, reading in enumerate(readings):
        for problem in reading.broken:
            console.print(f"conversation {number + 1}: {problem}", markup=False, highlight=False, soft_wrap=True)


def _show_count(status: Status, count: int, done: int) -> None:
    status.update(f"{done} of {count} interruptions …")


def _show_minutes(status: Status, minutes: float, done: float) -> None:
    status.update(f"{done:.0f} of {minutes:g} minutes …")


def interrupt_virtual(plan: Plan, count: int, seed: int, done: Callable[[int], None]) -> list[Reading]:
    """Do `count` random things in virtual time; `done` is told how many are over. Raises UserError."""
    readings: list[Reading] = []
    with tempfile.TemporaryDirectory(prefix="parley-soak-") as name:
        folder = Path(name)
        sounds = make_sounds(folder)
        with running_voice(plan) as voice:
            english = [v.id for v in voice.voices() if any(tag.lower().startswith("en") for tag in v.languages)]
            cases = conversations(count, seed, english or [None], sounds)
            job = Job(plan.settings, folder, make_clips(cases, voice))
        with engines_for(plan.setup) as engines:
            for case in cases:
                readings.append(_read(play_case(case, job, engines)))
                done(sum(reading.deeds for reading in readings))
    return readings


def _read(played: Played) -> Reading:
    log = played.log
    epochs = {entry["epoch"] for entry in log if entry["event"] == "playout_stopped"}
    problems = broken(played)
    deeds = sum(entry["event"] == "user" for entry in log)
    if deeds < len(played.scenario.user):
        problems.append(f"only {deeds} of {len(played.scenario.user)} things could be done")
    return Reading(
        deeds=deeds,
        cuts=sum(entry["event"] == "speech_interrupted" and not entry["update"] for entry in log),
        restores=sum(entry["event"] == "restore" for entry in log),
        seconds=played.run.duration_s,
        broken=problems,
        words_off=[words for epoch in sorted(epochs) if (words := words_off(played, epoch)) is not None],
    )
