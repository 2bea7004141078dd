"""The voice, fake and real: sane sound for any text, settings that take, and every way of losing the engine."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.engines import tts_pyttsx3
from assistant.engines.fakes import FakeVoice
from assistant.engines.protocols import EngineError
from assistant.engines.voice import Pyttsx3Voice, VoiceDeadlines, VoiceOptions
from assistant.errors import UserError

AnyVoice = FakeVoice | Pyttsx3Voice
SENTENCE = "The quick brown fox jumps over the lazy dog today."


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], Pyttsx3Voice]]:
    """Start a voice that the test is going to break; its temporary files are in tmp_path."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    voices: list[Pyttsx3Voice] = []

    def start() -> Pyttsx3Voice:
        voices.append(Pyttsx3Voice(deadlines=VoiceDeadlines(sentence_s=2.0)))
        voices[-1].start()
        return voices[-1]

    yield start
    for voice in voices:
        voice.close()


def seconds(voice: AnyVoice, text: str, name: str | None = None) -> float:
    speech = voice.synthesise(text, name)
    assert speech.pcm.dtype == np.int16
    assert speech.pcm.ndim == 1
    assert speech.rate >= 16_000
    return speech.pcm.size / speech.rate


def test_sentence_is_as_long_as_speech(voice: AnyVoice) -> None:
    assert 2.0 < seconds(voice, SENTENCE) < 5.0
    assert np.abs(voice.synthesise(SENTENCE).pcm.astype(np.int32)).max() > 1000


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00"])
def test_nothing_to_say_is_no_samples(voice: AnyVoice, text: str) -> None:
    assert voice.synthesise(text).pcm.size == 0


@pytest.mark.parametrize("text", ["日本語", "é à ü", "привет мир", "😀", "a", "1,234.5", "<b>bold</b>", "\udc80 ok"])
def test_any_text_can_be_said(voice: AnyVoice, text: str) -> None:
    assert seconds(voice, text) < 5.0
    assert 2.0 < seconds(voice, SENTENCE) < 5.0, "the sentence after it suffered"


def test_rate_takes_every_time(voice: AnyVoice) -> None:
    lengths = []
    for rate in (120, 180, 260, 180, 120):
        voice.options = VoiceOptions(rate_wpm=rate)
        lengths.append(seconds(voice, SENTENCE))
    assert lengths[0] > 1.3 * lengths[1] > 1.3 * lengths[2]
    assert lengths[3] == pytest.approx(lengths[1], rel=0.02)
    assert lengths[4] == pytest.approx(lengths[0], rel=0.02)


def test_volume_takes(voice: AnyVoice) -> None:
    peaks = []
    for volume in (1.0, 0.3, 0.0):
        voice.options = VoiceOptions(volume=volume)
        peaks.append(int(np.abs(voice.synthesise(SENTENCE).pcm.astype(np.int32)).max()))
    assert peaks[1] == pytest.approx(0.3 * peaks[0], rel=0.1)
    assert peaks[2] == 0


def test_another_voice_for_one_sentence(voice: AnyVoice) -> None:
    other = voice.voices()[-1].id if isinstance(voice, FakeVoice) else "en-us+f3"
    own, others, again = (voice.synthesise(SENTENCE, name).pcm for name in (None, other, None))
    assert not np.array_equal(own, others)
    assert own.size == pytest.approx(again.size, rel=0.02)
    assert others.size > 0


def test_every_voice_has_an_id_and_a_name(voice: AnyVoice) -> None:
    found = voice.voices()
    assert all(info.id and info.name for info in found)
    assert any(language.startswith("en") for info in found for language in info.languages)


def test_voice_by_id_name_or_language(voice: AnyVoice) -> None:
    info = next(info for info in voice.voices() if "en-us" in info.languages)
    for name in (info.id, info.name, "en-us"):
        assert seconds(voice, SENTENCE, name) > 1.0


def test_unknown_voice_is_the_users_mistake(voice: AnyVoice) -> None:
    with pytest.raises(UserError, match="There is no voice 'nobody' on this computer"):
        voice.synthesise("hello", "nobody")
    assert seconds(voice, "hello") > 0.1


def test_long_text_is_spoken_whole(espeak: Pyttsx3Voice) -> None:
    sentence = "one two three, "
    assert seconds(espeak, sentence * 200) == pytest.approx(200 * seconds(espeak, sentence * 20) / 20, rel=0.2)
    assert seconds(espeak, "word " * 1500) > 200
    assert seconds(espeak, "x" * 1000) > 10


def test_same_sentences_from_a_new_process_are_the_same_samples(fragile: Callable[[], Pyttsx3Voice]) -> None:
    voice = fragile()
    script: tuple[tuple[str, str | None], ...] = (("hello there", None), (SENTENCE, "en-us+f3"), ("hello there", None))
    runs = []
    for _ in range(2):
        runs.append([voice.synthesise(*line).pcm for line in script])
        voice.restart()
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["crash", "hang"])
def test_spare_speaks_the_sentence_that_was_lost(fragile: Callable[[], Pyttsx3Voice], blow: signal.Signals) -> None:
    voice = fragile()
    first = voice.pid
    assert first is not None
    os.kill(first, blow)
    assert 2.0 < seconds(voice, SENTENCE) < 5.0
    assert voice.pid != first


def test_where_the_spare_is_lost_too_a_fresh_one_speaks(fragile: Callable[[], Pyttsx3Voice]) -> None:
    voice = fragile()
    assert voice._spare is not None
    voice._spare.child.wait_ready(20)
    for pid in (voice.pid, voice._spare.child.pid):
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
    assert 2.0 < seconds(voice, SENTENCE) < 5.0


def test_a_sentence_that_costs_every_process_is_one_error_and_a_restart_mends_it(
    fragile: Callable[[], Pyttsx3Voice], monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = fragile()
    assert voice.pid is not None
    os.kill(voice.pid, signal.SIGKILL)
    with monkeypatch.context() as patched:
        patched.setattr(voice, "restart", lambda: None)
        with pytest.raises(EngineError):
            voice.synthesise(SENTENCE)
    voice.restart()
    assert 2.0 < seconds(voice, SENTENCE) < 5.0


def test_fake_crashes_where_it_is_told_to() -> None:
    voice = FakeVoice(crash_at=frozenset({1}))
    voice.start()
    voice.synthesise("one")
    with pytest.raises(EngineError, match="stopped unexpectedly"):
        voice.synthesise("two")
    with pytest.raises(EngineError, match="not running"):
        voice.synthesise("three")
    voice.restart()
    assert seconds(voice, "three") > 0.1


def test_closing_leaves_no_file_and_no_voice(fragile: Callable[[], Pyttsx3Voice], tmp_path: Path) -> None:
    voice = fragile()
    voice.synthesise(SENTENCE)
    assert list(tmp_path.iterdir())
    voice.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EngineError, match="not running"):
        voice.synthesise(SENTENCE)


def test_computer_without_a_synthesiser_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("no eSpeak")

    monkeypatch.setattr("pyttsx3.init", fail)
    with pytest.raises(UserError, match="No speech synthesiser could be opened: install one"):
        tts_pyttsx3.Pyttsx3Engine(tmp_path)
