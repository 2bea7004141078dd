"""`parley bench duplex`: generates, plays and scores, and prints a table or one JSON object."""

import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from assistant.bench.duplex.cases import Want, generate
from assistant.bench.duplex.groups import GROUPS
from assistant.bench.duplex.keep import judge_and_keep
from assistant.bench.duplex.play import Job, add_sounds, make_clips, make_sounds, play_all
from assistant.bench.duplex.rates import rows
from assistant.bench.duplex.score import Judged, Verdict, judge
from assistant.bench.duplex.show import show_rows
from assistant.bench.machine import machine, machine_line
from assistant.bench.plan import Plan, running_voice
from assistant.engines.voice import Pyttsx3Voice
from assistant.errors import UserError
from assistant.paths import make_folder
from assistant.settings import Settings

VARIANTS = ("+f2", "+f3", "+f5", "+m3", "+m7")
"""Speakers that espeak makes out of each of its voices."""
_ESPEAK = "gmw/"
"""The ids of espeak's English voices begin so."""


def duplex(
    console: Console,
    overrides: Mapping[str, object],
    *,
    count: int = 260,
    seed: int = 1,
    jobs: int | None = None,
    only: str | None = None,
    keep: Path | None = None,
    sounds: Path | None = None,
    as_json: bool = False,
) -> None:
    """Play about `count` scenarios on the default settings changed by `overrides`, and show how they were met.

    `only`: one group of scenarios. `keep`: a folder for the scenarios, and for events and sound of those that went
    wrong. `sounds`: a folder of recordings that are no interruption, to use beside the computed ones. Raises UserError.
    """
    if only is not None and only not in (names := [group.name for group in GROUPS]):
        raise UserError(f'There is no group "{only}" of scenarios: use {", ".join(names)}.')
    settings = Settings().with_changes(overrides)
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-duplex-")))
        make_folder(folder)
        status = stack.enter_context(console.status("Making the users …"))
        with running_voice(Plan(settings)) as voice:
            noises = make_sounds(folder) + (add_sounds(sounds, folder) if sounds else [])
            cases = [c for c in generate(GROUPS, count, seed, _voices(voice), noises) if only in (None, c.group)]
            job = Job(settings, folder, make_clips(cases, voice))
        found = play_all(
            cases,
            job,
            judge if keep is None else judge_and_keep,
            jobs or os.cpu_count() or 1,
            lambda done: status.update(f"{done} of {len(cases)} scenarios …"),
        )
    wall_s = time.monotonic() - begun
    if as_json:
        console.file.write(json.dumps(_as_json(found, seed, wall_s)) + "\n")
    else:
        _show(console, found, seed, wall_s)


def _voices(voice: Pyttsx3Voice) -> list[str | None]:
    """The English voices of this computer, with espeak's variants; the default one where there is none."""
    english = [v.id for v in voice.voices() if any(tag.lower().startswith("en") for tag in v.languages)]
    variants = [f"{name}{variant}" for name in english if name.startswith(_ESPEAK) for variant in VARIANTS]
    return [*english, *variants] or [None]


def _as_json(found: Sequence[Judged], seed: int, wall_s: float) -> dict[str, Any]:
    return {
        "machine": machine(),
        "seed": seed,
        "scenarios": len(found),
        "virtual_s": round(sum(judged.virtual_s for judged in found), 2),
        "wall_s": round(wall_s, 1),
        "figures": [asdict(row) | {"met": row.met} for row in rows(found)],
        "cases": [asdict(judged) | {"missed": judged.missed} for judged in found],
    }


def _show(console: Console, found: Sequence[Judged], seed: int, wall_s: float) -> None:
    virtual_s = sum(judged.virtual_s for judged in found)
    console.print(machine_line(machine()), highlight=False, style="dim", soft_wrap=True)
    console.print(
        f"{len(found)} scenarios (seed {seed}), {virtual_s / 60:.0f} minutes of virtual time in {wall_s:.0f} s",
        highlight=False,
        style="dim",
    )
    show_rows(console, rows(found))
    _show_missed(console, found)


def _show_missed(console: Console, found: Sequence[Judged]) -> None:
    """What went wrong, one line each."""
    lines = []
    for judged in found:
        lines += [_line(verdict) for verdict in judged.verdicts if verdict.missed]
        lines += [f"{judged.verdicts[0].case}: {problem}" for problem in judged.broken]
    if lines:
        console.print(Text(f"\nWhat went wrong ({sum(judged.missed for judged in found)} scenarios)", style="bold"))
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _line(verdict: Verdict) -> str:
    wanted = f"{verdict.want.value}{f', {verdict.kind.value}' if verdict.kind else ''}"
    reason = verdict.evidence or verdict.reason
    got = f"{verdict.decision}{f' ({reason})' if reason else ''}, {verdict.found or 'no kind'}"
    answer = ", unanswered" if verdict.wants_answer and verdict.answered_after_s is None else ""
    unasked = verdict.answered_unasked or (verdict.want is Want.GO_ON and verdict.decision != "cut")
    answer = ", answered unasked" if unasked else answer
    return f'{verdict.case}: "{verdict.text}" heard as "{verdict.transcript}"; wanted {wanted}; got {got}{answer}'
