"""The real engines on the starter models, one of each for all tests that do not break them."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from assistant.audio.pcm import SAMPLE_RATE, resample
from assistant.engines.fakes import FakeMind, FakeVoice
from assistant.engines.mind import LlamaMind
from assistant.engines.protocols import Pcm
from assistant.engines.stt_vosk import VoskModel
from assistant.engines.voice import Pyttsx3Voice, VoiceOptions
from tests.engines.starters import CHAT, RECOGNISER


@pytest.fixture(scope="session")
def llama() -> Iterator[LlamaMind]:
    """The real mind."""
    mind = LlamaMind(CHAT)
    mind.start()
    yield mind
    mind.close()


@pytest.fixture(params=["fake", "real"])
def mind(request: pytest.FixtureRequest) -> FakeMind | LlamaMind:
    """Either mind, started; a long reply is certain for "tell me a story"."""
    if request.param == "real":
        real: LlamaMind = request.getfixturevalue("llama")
        return real
    fake = FakeMind(["Once upon a time there was a small fox who wanted to see the sea, so it went to find it."])
    fake.start()
    return fake


@pytest.fixture(scope="session")
def espeak() -> Iterator[Pyttsx3Voice]:
    """The real voice."""
    voice = Pyttsx3Voice()
    voice.start()
    yield voice
    voice.close()


@pytest.fixture(params=["fake", "real"])
def voice(request: pytest.FixtureRequest) -> Iterator[FakeVoice | Pyttsx3Voice]:
    """Either voice, started; its options are put back afterwards."""
    if request.param == "real":
        real: Pyttsx3Voice = request.getfixturevalue("espeak")
        yield real
        real.options = VoiceOptions()
    else:
        fake = FakeVoice()
        fake.start()
        yield fake


@pytest.fixture(scope="session")
def vosk_model() -> VoskModel:
    """The real recognition model."""
    return VoskModel(RECOGNISER)


@pytest.fixture(scope="session")
def spoken(espeak: Pyttsx3Voice) -> Callable[[str], Pcm]:
    """Text to a spoken utterance: int16, 16 kHz, 0.3 s of silence before and 0.5 s after it."""

    def speak(text: str) -> Pcm:
        speech = espeak.synthesise(text, voice="en-us")
        sound = resample(speech.pcm, speech.rate, SAMPLE_RATE)
        return np.concatenate([np.zeros(4800, np.int16), sound, np.zeros(8000, np.int16)])

    return speak
