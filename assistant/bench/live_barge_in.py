"""Interrupting the live session by voice, through real streams on a virtual sound card of our own."""

import logging
import os
import queue
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm, resample, to_int16
from assistant.audio.room import scale_to_dbfs
from assistant.bench.plan import Plan, Readings, running_voice
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.core.effects import Duck
from assistant.errors import UserError
from assistant.session.live import LiveSession
from assistant.session.snapshot import Snapshot, State
from assistant.session.sound import DeviceSound

PROGRAMS = ("pulseaudio", "pactl", "parec", "pacat")
PATIENCE_S = 30.0
SETTLING_S = 2.5
"""Streams on a fresh virtual card stall at times for so long."""
LEVEL_DBFS = -26.0


def barge_in_sound_card(plan: Plan) -> Readings:
    """Say “stop” over stories. Raises UserError where PulseAudio's programs are missing or nothing is heard."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise UserError(f"A virtual sound card needs {' and '.join(missing)}: install PulseAudio and its utilities.")
    stop = _stop_word(plan)
    delays = np.random.default_rng(1).uniform(1.5, 3.0, plan.rounds(8))
    with VirtualSoundCard() as card, _environment(card.environment), _listening(plan) as (session, states, log):
        threading.Event().wait(SETTLING_S)
        ducked, silent = zip(*(_interrupt(session, states, log, card, stop, delay) for delay in delays), strict=True)
    return {"ducked": list(ducked), "silent": list(silent)}


class _Log(logging.Handler):
    """What the session logs of interruptions: (wall-clock seconds, milliseconds), the latter None for a duck."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.entries: queue.SimpleQueue[tuple[float, float | None]] = queue.SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep ducks and interruptions."""
        if not isinstance(record.args, tuple) or not record.args:
            return
        if isinstance(record.args[0], Duck):
            self.entries.put((record.created, None))
        elif record.msg.startswith("interrupted") and isinstance(record.args[-1], float):
            self.entries.put((record.created, record.args[-1]))


def _interrupt(
    session: LiveSession,
    states: "queue.SimpleQueue[State]",
    log: _Log,
    card: VirtualSoundCard,
    stop: Pcm,
    delay: float,
) -> tuple[float, float]:
    """Milliseconds from the user's onset (as voice activity dates it) to the duck, and to our last sample."""
    session.new_conversation()
    session.say("tell me a story")
    _wait_for(states, State.SPEAKING)
    threading.Event().wait(delay)
    speaking = card.speak(stop)
    try:
        ducked_at = None
        while True:
            at, latency = log.entries.get(timeout=PATIENCE_S)
            if latency is not None:
                break
            ducked_at = at
    except queue.Empty as error:
        raise UserError("The virtual sound card brought no “stop” to the session; try again.") from error
    finally:
        speaking.wait()
    _wait_for(states, State.LISTENING)
    onset = at - latency / 1000
    return 1000 * ((ducked_at or at) - onset), latency


def _wait_for(states: "queue.SimpleQueue[State]", wanted: State) -> None:
    try:
        while states.get(timeout=PATIENCE_S) is not wanted:
            pass
    except queue.Empty as error:
        raise UserError(f"The session did not come to be {wanted.value}; `parley doctor` tells more.") from error


@contextmanager
def _listening(plan: Plan) -> Iterator[tuple[LiveSession, "queue.SimpleQueue[State]", _Log]]:
    """A live session that has opened its devices and loaded its engines, and keeps nothing."""
    setup, log = plan.setup, _Log()
    session = LiveSession(setup, DeviceSound(setup), setup.mind(), setup.voice(), setup.ear, time.monotonic, 0.0)
    states: queue.SimpleQueue[State] = queue.SimpleQueue()
    ready = threading.Event()

    def note(snapshot: Snapshot) -> None:
        states.put(snapshot.state)
        if all(engine.ready for engine in snapshot.engines) and snapshot.microphone and snapshot.loudspeaker:
            ready.set()

    session.subscribe(note)
    logger = logging.getLogger("assistant.session.live")
    level = logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        session.start()
        if not ready.wait(PATIENCE_S):
            raise UserError("The session did not get ready on the virtual sound card; `parley doctor` tells more.")
        yield session, states, log
    finally:
        session.close()
        logger.removeHandler(log)
        logger.setLevel(level)


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


def _stop_word(plan: Plan) -> Pcm:
    with running_voice(plan) as voice:
        speech = voice.synthesise("stop", "en-gb")
    return to_int16(scale_to_dbfs(resample(speech.pcm, speech.rate, SAMPLE_RATE), LEVEL_DBFS))
