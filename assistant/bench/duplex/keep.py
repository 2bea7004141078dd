"""Keeping scenarios, so that `parley simulate` can play them again and an ear can judge what went wrong."""

import json
from dataclasses import asdict

import tomlkit

from assistant.bench.duplex.play import Played
from assistant.bench.duplex.score import Judged, judge
from assistant.session.simulation.report import write_out


def judge_and_keep(played: Played) -> Judged:
    """Judge a case and write it beside the sounds: its scenario; of a missed one also events, sound and verdict."""
    judged = judge(played)
    folder = played.folder
    known = played.scenario.model_dump(mode="json", exclude_defaults=True)
    (folder / f"{played.case.name}.toml").write_text(tomlkit.dumps(known), encoding="utf-8")
    if judged.missed:
        missed = folder / played.case.name
        missed.mkdir(exist_ok=True)
        write_out(missed, played.run)
        (missed / "verdict.json").write_text(json.dumps(asdict(judged), indent=2) + "\n", encoding="utf-8")
    return judged
