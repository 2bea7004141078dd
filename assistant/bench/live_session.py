"""The live session on a virtual sound card of our own, for benchmarks in real time."""

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from assistant.audio.pcm import SAMPLE_RATE, Pcm, resample, to_int16
from assistant.audio.room import scale_to_dbfs
from assistant.bench.plan import Plan, running_voice
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.errors import UserError
from assistant.session.live import LiveSession
from assistant.session.snapshot import Snapshot
from assistant.session.sound import DeviceSound

PROGRAMS = ("pulseaudio", "pactl", "parec", "pacat")
PATIENCE_S = 30.0
SETTLING_S = 2.5
"""Streams on a fresh virtual card stall at times for so long."""
LEVEL_DBFS = -26.0


@contextmanager
def live_session(plan: Plan) -> Iterator[tuple[LiveSession, VirtualSoundCard]]:
    """A session that listens on a virtual sound card with all engines loaded, and keeps nothing.

    Raises UserError where PulseAudio's programs are missing, or the session does not get ready.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise UserError(f"A virtual sound card needs {' and '.join(missing)}: install PulseAudio and its utilities.")
    with VirtualSoundCard() as card, _environment(card.environment):
        setup, ready = plan.setup, threading.Event()
        session = LiveSession(setup, DeviceSound(setup), setup.mind(), setup.voice(), setup.ear, time.monotonic, 0.0)

        def note(snapshot: Snapshot) -> None:
            if all(engine.ready for engine in snapshot.engines) and snapshot.microphone and snapshot.loudspeaker:
                ready.set()

        session.subscribe(note)
        try:
            session.start()
            if not ready.wait(PATIENCE_S):
                raise UserError("The session did not get ready on the virtual sound card; `parley doctor` tells more.")
            threading.Event().wait(SETTLING_S)
            yield session, card
        finally:
            session.close()


def clips(plan: Plan, texts: Sequence[str], voice: str = "en-gb") -> dict[str, Pcm]:
    """What users say, int16 at 16 kHz, at the level of a talker before the microphone."""
    with running_voice(plan) as speaker:
        said = {text: speaker.synthesise(text, voice) for text in texts}
    sounds = {text: resample(speech.pcm, speech.rate, SAMPLE_RATE) for text, speech in said.items()}
    return {text: to_int16(scale_to_dbfs(sound, LEVEL_DBFS)) for text, sound in sounds.items()}


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
