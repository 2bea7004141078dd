"""How Parley takes and gives up the floor, in the simulated room: virtual time, real ears, real core, real player."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from assistant.bench.plan import Plan, Readings, running_voice
from assistant.session.setup import Setup
from assistant.session.simulation.report import report
from assistant.session.simulation.scenario import RoomTable, Scenario, UserEntry
from assistant.session.simulation.simulate import engines_for
from assistant.session.simulation.simulation import Simulation
from assistant.session.simulation.world import Engines

REPLY_TOKENS = 80
"""A story of this length lasts longer than the latest interruption begins."""
VOICES = 4
OUTPUTS = ("speaker", "headset")
QUESTIONS = ("what is the capital of france", "tell me a joke", "tell me a story")
INTERRUPTIONS = ("stop", "what is the capital of france", "no tell me a joke")

User = dict[str, Any]


def reply(plan: Plan) -> Readings:
    """Ask questions; from the last audible sample of each to the first of the answer."""
    cases = [
        Scenario(seed=seed, user=(UserEntry(at=1.0, say=QUESTIONS[seed % len(QUESTIONS)], voice=voice),))
        for seed, voice, _ in _variations(plan, 24)
    ]
    users = [users[-1] for users in _play(plan, cases)]
    answered = [user for user in users if user["reply_audible_s"] is not None]
    return {
        "endpoint": _milliseconds(answered, "end_s", "endpoint_s"),
        "first_sample": _milliseconds(answered, "end_s", "reply_audible_s"),
        "unanswered": [100 * (1 - len(answered) / len(users))],
    }


def stop_button(plan: Plan) -> Readings:
    """Press Stop while Parley tells a story; to the last audible sample."""
    cases = [
        _over_the_story(seed, "speaker", UserEntry(after="playout_started", offset_s=offset_s, press="stop"))
        for seed, _, offset_s in _variations(plan, 24)
    ]
    return {"silence": _milliseconds([users[-1] for users in _play(plan, cases)], "onset_s", "last_audible_s")}


def barge_in(plan: Plan) -> Readings:
    """Speak while Parley tells a story: three interruptions, several voices, offsets and seeds, two rooms."""
    readings: Readings = {}
    for output in OUTPUTS:
        cases = [
            _over_the_story(seed, output, _interruption(seed, voice, offset_s))
            for seed, voice, offset_s in _variations(plan, 24)
        ]
        users = [users[-1] for users in _play(plan, cases)]
        cut = [user for user in users if user["decision"] == "cut"]
        readings |= {
            f"{output}_duck": _milliseconds(users, "onset_s", "ducked_s"),
            f"{output}_cut": _milliseconds(cut, "onset_s", "cut_s"),
            f"{output}_missed": [100 * (1 - len(cut) / len(users))],
        }
    return readings


def _variations(plan: Plan, thorough: int) -> Iterator[tuple[int, str | None, float]]:
    """Seeds from 1 on, the user's voice, and how long after our first sound the user acts; the same on every run."""
    random = np.random.default_rng(1)
    voices = _english_voices(plan)
    for number in range(plan.rounds(thorough)):
        # Each voice says everything: three sentences, and the voices change after each three.
        yield (
            number + 1,
            voices[number // len(INTERRUPTIONS) % len(voices)],
            random.uniform(1.5, 5.0),
        )


def _english_voices(plan: Plan) -> list[str | None]:
    with running_voice(plan) as voice:
        english = (v.id for v in voice.voices() if any(tag.lower().startswith("en") for tag in v.languages))
        return [*islice(english, VOICES)] or [None]


def _interruption(seed: int, voice: str | None, offset_s: float) -> UserEntry:
    words = INTERRUPTIONS[seed % len(INTERRUPTIONS)]
    return UserEntry(after="playout_started", offset_s=offset_s, say=words, voice=voice, role="barge_in")


def _over_the_story(seed: int, output: Any, deed: UserEntry) -> Scenario:
    """The story is asked for by typing: whether it is understood is not the question here."""
    return Scenario(seed=seed, room=RoomTable(output=output), user=(UserEntry(at=0.5, type="tell me a story"), deed))


def _play(plan: Plan, scenarios: Sequence[Scenario]) -> list[list[User]]:
    """What came of the users of each scenario; the engines are started once for all."""
    setup = Setup.of(plan.settings.with_changes({"chat_max_tokens": REPLY_TOKENS}))
    with engines_for(setup) as engines:
        return [_users(scenario, setup, engines) for scenario in scenarios]


def _users(scenario: Scenario, setup: Setup, engines: Engines) -> list[User]:
    simulation = Simulation(scenario, Path(), setup, engines)
    run = simulation.play()
    users: list[User] = report(scenario.title, run, simulation.script.acts, simulation.conversation)["users"]
    return users


def _milliseconds(users: Sequence[User], begin: str, end: str) -> list[float]:
    """Of those to whom both happened; 0 where `end` was first: who presses Stop in a pause has silence already."""
    both = [user for user in users if user[begin] is not None and user[end] is not None]
    return [max(0.0, 1000 * (user[end] - user[begin])) for user in both]
