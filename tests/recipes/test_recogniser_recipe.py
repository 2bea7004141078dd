"""The parts of the recogniser's recipe that need no training libraries."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.errors import UserError
from models.recipes.recogniser import (
    alignment,
    archive,
    augmentation,
    build,
    corpus,
    features,
    lexicon,
    noises,
    synthesis,
)
from models.recipes.recogniser.plan import FULL, SMOKE

CONTROL_WORDS = (
    "stop|never mind|nevermind|cancel|shut up|wait|hold on|quiet|enough|uh-huh|mm-hmm|mhm|yeah|yes|ok|okay|right|sure|"
    "got it|i see|no|not|actually|i said|i meant|can you|what about|instead|what was that|say that again|repeat|pardon|"
    "continue|go on|keep going|shorter|another one|mm|er|aha|parley"
)
REQUESTS = (
    "tell me a story|tell me about volcanoes|explain rainbows|what time is it|what is the capital of france|"
    "set a timer for ten minutes|remind me to call mom on tuesday|how are you|what can you do"
)


# The corpus and the lexicon


def test_the_vocabulary_has_what_people_say_to_an_assistant() -> None:
    words = set(corpus.load().words)
    wanted = set(f"{CONTROL_WORDS}|{REQUESTS}".replace("|", " ").split())
    assert wanted <= words
    assert 1_400 <= len(words) <= 1_700


def test_most_phrases_of_the_assistant_are_in_the_vocabulary() -> None:
    phrases = corpus.assistant_phrases()
    assert {"uh-huh", "never mind", "what was that", "go on"} <= set(phrases)
    assert len(phrases) > 100
    assert {word for phrase in phrases for word in phrase.split()} <= set(corpus.load().words)


def test_made_up_words_are_none_of_the_vocabulary() -> None:
    language, rng = corpus.load(), random.Random(4)
    made = [language.unknown_word(rng) for _ in range(200)]
    assert not set(made) & set(language.words)
    assert len(set(made)) > 150
    assert all(word.isalpha() and len(word) > 3 for word in made)
    assert lexicon.pronunciations(made[0]) == ((lexicon.GARBAGE,),)
    assert lexicon.pronunciations(lexicon.NOISE_WORD) == ((lexicon.NOISE,),)


def test_every_word_has_a_pronunciation_and_no_other_word_has_one() -> None:
    assert set(lexicon.load()) == set(corpus.load().words)


def test_pronunciations_are_known_phones_and_few() -> None:
    for word, pronunciations in lexicon.load().items():
        assert 1 <= len(pronunciations) <= 4, word
        assert len(set(pronunciations)) == len(pronunciations), word
        assert {phone for p in pronunciations for phone in p} <= set(lexicon.SPEECH_PHONES), word


def test_sentences_are_deterministic_and_in_the_vocabulary() -> None:
    language = corpus.load()
    first, second = random.Random(7), random.Random(7)
    sentences = [language.sentence(first) for _ in range(300)]
    assert sentences == [language.sentence(second) for _ in range(300)]
    assert sentences != [language.sentence(random.Random(8)) for _ in range(300)]
    assert {word for sentence in sentences for word in sentence.split()} <= set(language.words)


@pytest.mark.parametrize("request_text", REQUESTS.split("|"))
def test_common_requests_are_in_the_training_text(request_text: str) -> None:
    held_out = frozenset(corpus.held_out_sentences(FULL.evaluation_sentences, FULL.held_out_seed))
    assert request_text not in held_out
    seen = corpus.training_sentences(FULL.language_model_sentences, FULL.text_seed + 1, held_out)
    assert request_text in seen


def test_evaluation_sentences_are_never_trained_on() -> None:
    held_out = corpus.held_out_sentences(50, seed=3)
    assert len(set(held_out)) == 50
    assert held_out == corpus.held_out_sentences(50, seed=3)
    assert not set(corpus.training_sentences(3_000, 4, frozenset(held_out))) & set(held_out)
    jobs = synthesis.training_jobs(400, 5, frozenset(held_out))
    assert not {job.text for job in jobs} & set(held_out)
    assert {synthesis.UNSEEN_FESTIVAL, *synthesis.UNSEEN_ESPEAK}.isdisjoint(job.voice for job in jobs)


def test_synthesisers_get_a_spelling_that_they_can_read() -> None:
    language = corpus.load()
    assert language.pronounceable("mm-hmm at ten pm", "other", random.Random(1)) == "um hum at ten p m"
    spellings = {language.pronounceable("mhm", "espeak", random.Random(seed)) for seed in range(20)}
    assert spellings == set(language.spoken["mhm"].espeak)
    assert len(spellings) > 1
    assert set(language.spoken) <= set(language.words)


# Speech, features and alignments


def test_a_synthesiser_says_it_at_sixteen_kilohertz() -> None:
    ((voice, text, samples),) = synthesis.say(synthesis.Job("espeak", "en-us", "tell me a story", 0.5))
    assert (voice, text) == ("en-us", "tell me a story")
    assert samples.dtype == np.dtype(np.int16)
    assert 0.5 < len(samples) / synthesis.SAMPLE_RATE < 3
    again = synthesis.say(synthesis.Job("espeak", "en-us", "tell me a story", 0.5))
    np.testing.assert_array_equal(samples, again[0][2])


def test_mfcc_are_those_of_kaldi() -> None:
    n = np.arange(720)
    samples = np.round(
        8000 * np.sin(2 * np.pi * 440 * n / 16000) + 3000 * np.sin(2 * np.pi * (1000 + 2 * n) * n / 16000)
    )
    # From kaldi-native-fbank: coefficients 0, 1, 2, 3 and 39 of each frame.
    kaldi = [
        [88.531, 50.005, -114.107, -6.965, -4.204],
        [86.900, 23.175, -84.587, 114.126, -3.603],
        [83.534, 2.715, -21.308, 152.533, -3.532],
    ]
    np.testing.assert_allclose(features.mfcc(samples)[:, [0, 1, 2, 3, 39]], kaldi, atol=0.002)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2)])
def test_only_whole_windows_make_frames(samples: int, frames: int) -> None:
    assert features.mfcc(np.zeros(samples)).shape == (frames, features.BINS)


def surroundings(speech: NDArray[np.int16]) -> augmentation.Surroundings:
    rng = np.random.default_rng(9)
    return augmentation.Surroundings(lambda: speech, lambda length: noises.disturbance(rng, length))


def test_variations_are_deterministic_and_keep_their_scale() -> None:
    speech = (10_000 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
    for seed in range(30):  # so that every kind of variation happens
        first = augmentation.vary(speech, np.random.default_rng(seed), surroundings(speech))
        again = augmentation.vary(speech, np.random.default_rng(seed), surroundings(speech))
        np.testing.assert_array_equal(first.sound, again.sound)
        assert np.isfinite(first.sound).all()
        assert 100 < np.abs(first.sound).max() <= 32767
        assert len(first.sound) > 16_000 * (1 + 0.2 * (first.before + first.after)) / 1.19
    cepstra = features.mfcc(first.sound)
    varied = augmentation.vary_features(cepstra, np.random.default_rng(4))
    assert varied.shape == cepstra.shape
    assert varied.dtype == np.float32
    assert np.abs(varied - cepstra).max() > 1


def test_noise_has_unit_power() -> None:
    speech = (10_000 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        for sound in (augmentation.noise(rng, 16_001), augmentation.echo_residue(speech, 16_001, rng)):
            assert len(sound) == 16_001
            assert np.sqrt(np.mean(sound**2)) == pytest.approx(1)


def test_a_telephone_passes_nothing_above_four_kilohertz() -> None:
    hiss = np.random.default_rng(2).standard_normal(16_000)
    for seed in range(8):
        heard = augmentation.telephone(hiss, np.random.default_rng(seed))
        power = np.abs(np.fft.rfft(heard)) ** 2
        assert len(heard) == len(hiss)
        assert power[4_200:].sum() < 0.01 * power.sum()


def test_disturbances_fill_their_time_with_a_peak_of_one() -> None:
    recorded = [np.array([0.0, 0.25, -0.5, 0.1])]
    for seed in range(25):
        sound = noises.disturbance(np.random.default_rng(seed), 12_000, recorded)
        assert sound.shape == (12_000,)
        assert np.abs(sound).max() == pytest.approx(1, abs=1e-6)
        np.testing.assert_array_equal(sound, noises.disturbance(np.random.default_rng(seed), 12_000, recorded))


def test_an_equal_alignment_puts_the_phones_in_order_where_it_is_loud() -> None:
    cepstra = np.full((90, features.BINS), 20.0)
    cepstra[30:60] = 90.0
    pdfs = alignment.equal_alignment(cepstra, "stop", 30)
    phones = [phone for phone, _ in itertools.groupby(pdfs // 2)]
    assert phones == [lexicon.PHONE_ID[p] for p in ("SIL", "S", "T", "AA", "P", "SIL")]
    assert pdfs[11] // 2 != 0
    assert (alignment.equal_alignment(cepstra, "", 30) // 2 == 0).all()


def test_an_archive_gives_back_what_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "speech"
    assert not archive.exists(path)
    recordings = [("awb", "stop", np.arange(5, dtype=np.int16)), ("slt", "go on", np.arange(3, dtype=np.int16))]
    archive.write(path, recordings)
    assert archive.exists(path)
    stored = archive.Archive(path)
    assert [(u.voice, u.text, u.length) for u in stored.utterances] == [("awb", "stop", 5), ("slt", "go on", 3)]
    np.testing.assert_array_equal(stored[1], [0, 1, 2])


def test_a_work_folder_is_not_shared_by_two_plans(tmp_path: Path) -> None:
    build.claim(tmp_path, SMOKE, with_people=True)
    build.claim(tmp_path, SMOKE, with_people=True)
    for plan, with_people in ((FULL, True), (SMOKE, False)):
        with pytest.raises(UserError, match="other numbers"):
            build.claim(tmp_path, plan, with_people)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match=r"espeak-ng.*apt-get install"):
        build.check_programs()
