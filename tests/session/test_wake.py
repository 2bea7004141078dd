"""The wake phrase: what the gate lets through, and the recogniser that opens it."""

import numpy as np
import pytest

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, resample
from assistant.audio.vad import EnergyVad
from assistant.core.events import Event, InterruptRequested, SpeechStarted, SpeechStopped
from assistant.engines.protocols import Speech
from assistant.engines.stt_vosk import StopSpotter, VoskModel
from assistant.engines.stt_vosk_wake import WakeSpotter
from assistant.engines.voice import Pyttsx3Voice
from assistant.errors import UserError
from assistant.library import STARTER
from assistant.session.wake import BEFORE_S, LISTENS_S, Gate, WakeGate
from tests.audio.sounds import frames, silence

SPEECH = np.full(FRAME, 1000, dtype=np.int16)
NOTHING = np.zeros(FRAME, dtype=np.int16)
ON, OFF = "on", "off"


class FakeSpotter:
    """Hears the phrase when `after` seconds of sound have come since the last reset."""

    def __init__(self, after: float = 1e9) -> None:
        self.after = after
        self.heard = 0
        self.resets = 0

    def accept(self, pcm: Pcm) -> float | None:
        before, self.heard = self.heard, self.heard + pcm.size
        due = self.after * SAMPLE_RATE
        return self.after if before < due <= self.heard else None

    def reset(self) -> None:
        self.heard = 0
        self.resets += 1


class FakeStopWords:
    def __init__(self) -> None:
        self.hears = False

    def accept(self, pcm: Pcm) -> str | None:
        return "stop" if self.hears else None

    def reset(self) -> None:
        pass


class Room:
    """A gate and a clock; `say` lets somebody talk, `hush` lets nobody."""

    def __init__(self, phrase_after: float = 1e9) -> None:
        self.spotter = FakeSpotter(phrase_after)
        self.stop_words = FakeStopWords()
        self.gate = WakeGate(self.spotter, self.stop_words)
        self.now = 100.0
        self.passed: list[Event] = []

    def say(self, seconds: float) -> None:
        self._frame(SPEECH, SpeechStarted(self.now + 0.01, self.now - 0.05))
        self._frames(SPEECH, seconds - 0.02)
        self._frame(SPEECH, SpeechStopped(self.now + 0.01, self.now - 0.2))

    def hush(self, seconds: float) -> None:
        self._frames(NOTHING, seconds)

    def kinds(self) -> list[type[Event]]:
        kinds = [type(event) for event in self.passed]
        self.passed.clear()
        return kinds

    def _frames(self, pcm: Pcm, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            self._frame(pcm)

    def _frame(self, pcm: Pcm, *events: Event) -> None:
        self.now += 0.01
        self.passed += self.gate.hear(pcm, self.now, events)


def test_without_the_phrase_nothing_passes() -> None:
    room = Room()
    for _ in range(3):
        room.say(2.0)
        room.hush(1.0)
    assert room.kinds() == []
    assert room.spotter.resets == 3


def test_the_rest_of_the_sentence_is_the_turn() -> None:
    room = Room(phrase_after=BEFORE_S + 0.8)
    room.hush(1.0)
    began = room.now
    room.say(2.0)
    started, stopped = room.passed
    assert isinstance(started, SpeechStarted)
    assert started.onset == pytest.approx(began + 0.8, abs=0.011)
    assert room.gate.called_at == started.onset
    assert isinstance(stopped, SpeechStopped)


def test_after_the_phrase_there_is_time_to_begin() -> None:
    room = Room(phrase_after=0.3)
    room.say(0.5)
    room.gate.turn_over(had_words=False)
    room.kinds()
    room.hush(LISTENS_S - 1.0)
    room.say(1.0)
    assert room.kinds() == [SpeechStarted, SpeechStopped]


def test_but_not_for_ever() -> None:
    room = Room(phrase_after=0.3)
    room.say(0.5)
    room.gate.turn_over(had_words=False)
    room.kinds()
    room.hush(LISTENS_S + 1.0)
    assert room.gate.state is Gate.CLOSED
    room.spotter.after = 1e9
    room.say(1.0)
    assert room.kinds() == []


def test_one_phrase_is_for_one_turn() -> None:
    room = Room(phrase_after=0.3)
    room.say(1.0)
    room.hush(0.3)
    room.say(1.0)  # the turn goes on after a pause
    assert room.kinds() == [SpeechStarted, SpeechStopped] * 2
    room.gate.turn_over(had_words=True)
    room.spotter.after = 1e9
    room.say(1.0)
    assert room.kinds() == []


def test_an_end_passes_if_its_beginning_has() -> None:
    room = Room(phrase_after=0.3)
    room._frame(SPEECH, SpeechStarted(room.now, room.now))
    room._frames(SPEECH, 1.0)
    room.gate.turn_over(had_words=True)
    room._frame(SPEECH, SpeechStopped(room.now, room.now))
    assert room.kinds() == [SpeechStarted, SpeechStopped]


def test_a_turn_that_is_over_while_somebody_talks_on_needs_the_phrase_again() -> None:
    room = Room(phrase_after=0.3)
    room._frame(SPEECH, SpeechStarted(room.now, room.now))
    room._frames(SPEECH, 1.0)
    room.gate.turn_over(had_words=True)
    room.kinds()
    room.spotter.after = 1e9
    room._frames(SPEECH, 1.0)
    assert room.kinds() == []
    assert room.spotter.resets == 2


def test_a_stop_word_needs_no_phrase() -> None:
    room = Room()
    room.stop_words.hears = True
    room.say(1.0)
    assert room.kinds() == [InterruptRequested]


def test_push_to_talk_needs_no_phrase() -> None:
    room = Room()
    room.gate.hold(True, room.now)
    room.hush(LISTENS_S * 2)
    room.say(1.0)
    room.gate.hold(False, room.now)
    assert room.kinds() == [SpeechStarted, SpeechStopped]
    room.gate.turn_over(had_words=True)
    room.say(1.0)
    assert room.kinds() == []


def test_other_events_always_pass() -> None:
    room = Room()
    room._frame(NOTHING, InterruptRequested(room.now, reason=None))  # type: ignore[arg-type]  # any event will do
    assert room.kinds() == [InterruptRequested]


@pytest.fixture(scope="module")
def model() -> VoskModel:
    return VoskModel(STARTER / "recogniser")


@pytest.fixture(scope="module")
def said() -> dict[str, Pcm]:
    """Our own synthesiser's words, with quiet around them."""
    texts = ("hey computer what time is it", "what is the weather like today", "hey computer")
    voice = Pyttsx3Voice()
    voice.start()
    speeches: dict[str, Speech] = {text: voice.synthesise(text) for text in texts}
    voice.close()
    return {
        text: np.concatenate((silence(0.6), resample(speech.pcm, speech.rate, SAMPLE_RATE), silence(0.8)))
        for text, speech in speeches.items()
    }


def through(model: VoskModel, pcm: Pcm) -> tuple[list[Event], WakeGate]:
    """What passes of `pcm`, with a real recogniser and a real voice activity detector."""
    gate = WakeGate(WakeSpotter(model, "Hey computer"), StopSpotter(model, ["stop"]))
    vad = EnergyVad()
    passed: list[Event] = []
    for frame, at in frames(pcm):
        passed += gate.hear(frame, at, vad.process(frame, at))
    return passed, gate


def test_the_phrase_is_heard_and_where_it_ends(model: VoskModel, said: dict[str, Pcm]) -> None:
    passed, gate = through(model, said["hey computer what time is it"])
    assert [type(event) for event in passed] == [SpeechStarted, SpeechStopped]
    assert gate.called_at == pytest.approx(1.25, abs=0.25)


def test_the_phrase_alone_opens_the_gate_too(model: VoskModel, said: dict[str, Pcm]) -> None:
    passed, gate = through(model, said["hey computer"])
    assert gate.state is Gate.TURN
    assert isinstance(passed[0], SpeechStarted)


def test_other_words_do_not(model: VoskModel, said: dict[str, Pcm]) -> None:
    passed, gate = through(model, said["what is the weather like today"])
    assert passed == []
    assert gate.state is Gate.CLOSED


@pytest.mark.parametrize("phrase", ["hey xylophonist", ""])
def test_a_phrase_that_cannot_be_heard_is_refused(model: VoskModel, phrase: str) -> None:
    with pytest.raises(UserError, match="choose another wake phrase"):
        WakeSpotter(model, phrase)


def test_the_wrong_sound_is_refused(model: VoskModel) -> None:
    with pytest.raises(TypeError, match="int16"):
        WakeSpotter(model, "hey computer").accept(np.zeros(160, dtype=np.float32))
