"""Recognition, fake and real: partials of the whole utterance, word times, and clean beginnings."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.engines.check import check_recogniser_model
from assistant.engines.fakes import FakeRecogniser
from assistant.engines.protocols import Pcm, Recogniser
from assistant.engines.stt_vosk import StopSpotter, VoskModel, VoskRecogniser
from assistant.errors import UserError
from tests.engines.starters import RECOGNISER

RATE = 16_000
SENTENCE = "tell me a story"
SILENCE = np.zeros(RATE, np.int16)
Speak = Callable[[str], Pcm]
Make = Callable[..., Recogniser]


@pytest.fixture(params=["fake", "real"])
def make(request: pytest.FixtureRequest, vosk_model: VoskModel) -> Make:
    """Make a recogniser that is going to hear the given sentences, one per utterance."""
    if request.param == "fake":
        return lambda *sentences: FakeRecogniser(sentences)
    return lambda *_: VoskRecogniser(vosk_model)


def partials(recogniser: Recogniser, pcm: Pcm, step: int = 1600) -> list[str]:
    return [recogniser.accept(pcm[at : at + step]) for at in range(0, pcm.size, step)]


def test_sentence_is_recognised_and_the_partial_grows(make: Make, spoken: Speak) -> None:
    recogniser = make(SENTENCE)
    heard = partials(recogniser, spoken(SENTENCE))
    assert heard[0] == ""
    assert heard[-1] == SENTENCE
    lengths = [len(text.split()) for text in heard]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) > 2
    assert recogniser.final().text == SENTENCE


def test_word_times_grow_and_lie_inside_the_sound(make: Make, spoken: Speak) -> None:
    recogniser = make(SENTENCE)
    sound = spoken(SENTENCE)
    partials(recogniser, sound)
    words = recogniser.final().words
    assert [word.text for word in words] == SENTENCE.split()
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] > 0.1
    assert times[-1] < sound.size / RATE
    assert all(0.0 < word.confidence <= 1.0 for word in words)


@pytest.mark.parametrize("end", ["final", "reset"])
def test_next_utterance_begins_clean_at_time_zero(make: Make, spoken: Speak, end: str) -> None:
    recogniser = make("what time is it", SENTENCE)
    partials(recogniser, spoken("what time is it"))
    recogniser.final() if end == "final" else recogniser.reset()
    heard = partials(recogniser, spoken(SENTENCE))
    assert heard[0] == ""
    transcript = recogniser.final()
    assert transcript.text == SENTENCE
    assert 0.1 < transcript.words[0].start < 1.0


def test_silence_is_no_words(make: Make) -> None:
    recogniser = make()
    assert set(partials(recogniser, SILENCE)) == {""}
    assert recogniser.final().text == ""
    assert recogniser.final().words == ()


def test_no_sound_at_all(make: Make) -> None:
    recogniser = make()
    recogniser.reset()
    assert recogniser.accept(SILENCE[:0]) == ""
    assert recogniser.final().text == ""


@pytest.mark.parametrize("step", [160, 1000, 100_000])
def test_size_of_the_blocks_does_not_matter(vosk_model: VoskModel, spoken: Speak, step: int) -> None:
    recogniser = VoskRecogniser(vosk_model)
    partials(recogniser, spoken(SENTENCE), step)
    assert recogniser.final().text == SENTENCE


def test_pause_inside_an_utterance_does_not_end_it(vosk_model: VoskModel, spoken: Speak) -> None:
    recogniser = VoskRecogniser(vosk_model)
    first, second = spoken(SENTENCE), spoken("what time is it")
    heard = partials(recogniser, np.concatenate([first, SILENCE, SILENCE, second]))
    assert heard[-1] == f"{SENTENCE} what time is it"
    transcript = recogniser.final()
    assert transcript.text == heard[-1]
    times = [time for word in transcript.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] > (first.size + 2 * SILENCE.size) / RATE


def test_sound_of_another_kind_is_a_defect(vosk_model: VoskModel) -> None:
    with pytest.raises(TypeError, match="int16"):
        VoskRecogniser(vosk_model).accept(np.zeros(160, np.float32))


def test_same_sound_same_transcript(vosk_model: VoskModel, spoken: Speak) -> None:
    sound = spoken(SENTENCE)
    recogniser = VoskRecogniser(vosk_model)
    runs = []
    for _ in range(2):
        heard = partials(recogniser, sound)
        runs.append((heard, recogniser.final().text))
    assert runs[0] == runs[1]


@pytest.fixture
def spotter(vosk_model: VoskModel) -> StopSpotter:
    return StopSpotter(vosk_model, ["stop", "never mind", "be quiet", "shut up"], ["okay", "oh", "no", "zzyzx"])


def spotted(spotter: StopSpotter, pcm: Pcm) -> tuple[str | None, float]:
    """The phrase and the seconds of sound after which it was heard."""
    spotter.reset()
    for at in range(0, pcm.size, 320):
        phrase = spotter.accept(pcm[at : at + 320])
        if phrase is not None:
            return phrase, (at + 320) / RATE
    return None, pcm.size / RATE


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("stop", "stop"),
        ("okay stop", "stop"),
        ("oh stop please", "stop"),
        ("never mind", "never mind"),
        ("be quiet", "be quiet"),
    ],
)
def test_stop_words_are_heard_before_the_utterance_ends(
    spotter: StopSpotter, spoken: Speak, said: str, phrase: str
) -> None:
    sound = spoken(said)
    found, at = spotted(spotter, sound)
    assert found == phrase
    assert at < sound.size / RATE - 0.1


@pytest.mark.parametrize(
    "said",
    [
        "tell me a story",
        "what time is it",
        "what is the weather like today",
        "start the timer",
        "can you help me",
        "the moon is bright tonight",
        "why is the sky blue",
        "thank you very much",
        "okay",
    ],
)
def test_other_speech_is_no_stop_word(spotter: StopSpotter, spoken: Speak, said: str) -> None:
    assert spotted(spotter, spoken(said))[0] is None


def test_silence_is_no_stop_word(spotter: StopSpotter) -> None:
    assert spotted(spotter, SILENCE)[0] is None


def test_phrases_with_unknown_words_are_left_out(spotter: StopSpotter, vosk_model: VoskModel) -> None:
    assert "stop" in spotter.phrases
    assert all(vosk_model.knows(word) for phrase in spotter.phrases for word in phrase.split())
    assert StopSpotter(vosk_model, ["zzyzx"]).phrases == ()


def _without(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return damage


def _truncate(folder: Path) -> None:
    file = folder / "am" / "final.mdl"
    file.write_bytes(file.read_bytes()[:50_000])


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_without("graph/HCLr.fst"), "is damaged or incomplete: choose the folder"),
        (_without("graph/Gr.fst"), "is damaged or incomplete: choose the folder"),
        (_without("am/final.mdl"), "is not a Vosk model"),
        (_truncate, "is damaged or incomplete: choose the folder|cannot be used"),
        (shutil.rmtree, "There is no speech recognition model at"),
    ],
)
def test_bad_model_is_refused_with_its_name(tmp_path: Path, damage: Callable[[Path], None], sentence: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(RECOGNISER, folder)
    damage(folder)
    with pytest.raises(UserError, match=sentence) as refusal:
        check_recogniser_model(folder)
    assert str(folder) in str(refusal.value)


def test_good_model_is_accepted() -> None:
    check_recogniser_model(RECOGNISER)
