"""Interrupting the live session by voice, through real streams on a virtual sound card of our own."""

import threading
from typing import Any

import numpy as np

from assistant.audio.pcm import Pcm
from assistant.bench.live_session import PATIENCE_S, clips, live_session
from assistant.bench.plan import Plan, Readings
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.errors import UserError
from assistant.session.live import LiveSession
from assistant.session.stream import Stream


def barge_in_sound_card(plan: Plan) -> Readings:
    """Say “stop” over stories. Raises UserError where PulseAudio's programs are missing or nothing is heard."""
    stop = clips(plan, ["stop"])["stop"]
    delays = np.random.default_rng(1).uniform(1.5, 3.0, plan.rounds(8))
    with live_session(plan) as (session, card), session.subscribe() as stream:
        records = [_interrupt(session, stream, card, stop, delay) for delay in delays]
    return {
        "ducked": [1000 * (record["duck_latency_s"] or record["latency_s"]) for record in records],
        "silent": [1000 * record["latency_s"] for record in records],
    }


def _interrupt(session: LiveSession, stream: Stream, card: VirtualSoundCard, stop: Pcm, delay: float) -> dict[str, Any]:
    """The record of one interruption; its latencies run from the user's onset, as voice activity dates it."""
    session.new_conversation()
    session.say("tell me a story")
    _wait_for(stream, "playout_started")
    threading.Event().wait(delay)
    speaking = card.speak(stop)
    try:
        record: dict[str, Any] = _wait_for(stream, "speech_interrupted")["record"]
    finally:
        speaking.wait()
    return record


def _wait_for(stream: Stream, name: str) -> Any:
    """The fields of the next event or effect called `name`."""
    while (item := stream.get(PATIENCE_S)) is not None:
        if item.name == name:
            return item.fields
    raise UserError(f"On the virtual sound card there was no {name.replace('_', ' ')}; try again.")
