"""Random interruptions in real time: the live session on a virtual sound card."""

import threading
import time
from collections.abc import Callable

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.duplex.phrases import OPENINGS
from assistant.bench.duplex.promises import broken_in
from assistant.bench.live_session import clips, live_session
from assistant.bench.plan import Plan
from assistant.bench.soak_figures import Reading
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.errors import UserError
from assistant.session.live import LiveSession
from assistant.session.simulation.report import AUDIBLE
from assistant.session.stream import Stream, StreamItem

DEEDS = 20
"""Things that the user does between two readings."""
SAYINGS = ("stop", "what is the capital of france", "yeah", "say that again", "no i said tell me a joke", "go on")
REST_S = 8.0
"""How long it may take to come to rest after the last thing."""
BUFFERED_S = 0.1
"""What the sound card has taken already is heard."""
UNSEEN = ("token_generated", "partial_transcript", "save_turn", "listen", "discard")
"""What the promises are not about is not kept."""
SILENCE_S = 0.5
"""Before a sentence whose beginning is looked for in the sound."""
EARLIEST_S, LATEST_S = 0.3, 1.0
"""Where its beginning is looked for, around the time that the core knows."""


def interrupt_live(plan: Plan, minutes: float, seed: int, done: Callable[[float], None]) -> list[Reading]:
    """Do random things for `minutes`; `done` is told how many are over. Raises UserError as `live_session` does."""
    said = clips(plan, SAYINGS)
    random = np.random.default_rng(seed)
    readings = []
    with live_session(plan) as (session, card), session.subscribe() as stream:
        begun = time.monotonic()
        while (now := time.monotonic()) < begun + 60 * minutes:
            readings.append(_round(session, card, stream, said, random))
            done((now - begun) / 60)
        if stream.dropped:
            raise UserError(f"{stream.dropped} events were lost; try again on a machine that is less busy.")
    return readings


def _round(
    session: LiveSession, card: VirtualSoundCard, stream: Stream, said: dict[str, Pcm], random: np.random.Generator
) -> Reading:
    """Some interruptions in a conversation of their own, and what came of them."""
    begun = time.monotonic()
    session.new_conversation()
    with card.recording() as recording:
        started = time.monotonic() - recording.pcm.size / SAMPLE_RATE
        for _ in range(DEEDS):
            _deed(session, card, said, random)
            threading.Event().wait(float(random.uniform(0.3, 2.5)))
        session.stop()
        problems = _come_to_rest(session)
        sound = recording.pcm
    items = _drain(stream)
    log = [{"at": item.at, "event": item.name, **item.fields} for item in items if item.name not in UNSEEN]
    return Reading(
        deeds=DEEDS,
        cuts=sum(entry["event"] == "speech_interrupted" and not entry["update"] for entry in log),
        restores=sum(entry["event"] == "restore" for entry in log),
        seconds=time.monotonic() - begun,
        broken=broken_in(log, BUFFERED_S) + problems,
        lag_s=_lag(items, sound, started),
    )


def _deed(session: LiveSession, card: VirtualSoundCard, said: dict[str, Pcm], random: np.random.Generator) -> None:
    """One thing that a user may do at any moment."""
    kind = random.choice(("type", "stop", "silence", "continue", "say"), p=(0.35, 0.1, 0.05, 0.1, 0.4))
    if kind == "type":
        session.say(str(random.choice(OPENINGS)))
    elif kind == "stop":
        session.stop()
    elif kind == "silence":
        session.stop_speech()
    elif kind == "continue":
        session.continue_reply()
    else:
        card.speak(said[str(random.choice(list(said)))]).wait()


def _come_to_rest(session: LiveSession) -> list[str]:
    """Wait until nothing is said or prepared any more; a sentence where that does not come."""
    deadline = time.monotonic() + REST_S
    while time.monotonic() < deadline:
        status = session.status()
        if status.state == "listening" and not status.speaking and not status.pending_sentences:
            return []
        threading.Event().wait(0.1)
    return [f"it did not come to rest: {status.state} after {REST_S:g} s"]


def _drain(stream: Stream) -> list[StreamItem]:
    items = []
    while (item := stream.get(timeout=0.0)) is not None:
        items.append(item)
    return items


def _lag(items: list[StreamItem], sound: Pcm, started: float) -> float | None:
    """How much later than the core thinks sentences began in `sound`, which began at `started`: the median, seconds."""
    lags = []
    quiet_since = 0.0
    for item in items:
        if item.name in ("playout_finished", "playout_stopped"):
            quiet_since = item.at
        elif item.name == "playout_started" and item.at - quiet_since > SILENCE_S:
            begin = round((item.at - started - EARLIEST_S) * SAMPLE_RATE)
            window = sound[max(0, begin) : max(0, begin + round((EARLIEST_S + LATEST_S) * SAMPLE_RATE))]
            audible = np.flatnonzero(np.abs(window.astype(np.int32)) >= AUDIBLE)
            if begin >= 0 and audible.size:
                lags.append(int(audible[0]) / SAMPLE_RATE - EARLIEST_S)
    return float(np.median(lags)) if lags else None
