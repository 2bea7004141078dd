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
    lfmmi,
    phone_model,
    synthesis,
)
from models.recipes.recogniser.plan import FULL, SMOKE

CONTROL_WORDS = (
    "stop|never mind|nevermind|cancel|shut up|wait|hold on|quiet|enough|uh-huh|mm-hmm|mhm|yeah|yes|ok|okay|right|sure|"
    "got it|i see|no|not|actually|i said|i meant|can you|what about|instead|what was that|say that again|repeat|pardon|"
    "continue|go on|keep going|shorter|another one"
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
    assert 1_100 <= len(words) <= 1_400


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
    assert language.pronounceable("mm-hmm at ten pm", "other") == "um hum at ten p m"
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


def test_variations_are_deterministic_and_keep_their_scale() -> None:
    speech = (10_000 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
    first = augmentation.vary(speech, np.random.default_rng(3), lambda: speech)
    np.testing.assert_array_equal(first, augmentation.vary(speech, np.random.default_rng(3), lambda: speech))
    assert 100 < np.abs(first).max() <= 32767
    cepstra = features.mfcc(first)
    varied = augmentation.vary_features(cepstra, np.random.default_rng(4))
    assert varied.shape == cepstra.shape
    assert varied.dtype == np.float32
    assert np.abs(varied - cepstra).max() > 1


def test_noise_has_unit_power() -> None:
    for seed in range(12):
        noise = augmentation.noise(np.random.default_rng(seed), 16_001)
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(1)


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
    build.claim(tmp_path, SMOKE)
    build.claim(tmp_path, SMOKE)
    with pytest.raises(UserError, match="other numbers"):
        build.claim(tmp_path, FULL)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match=r"espeak-ng.*apt-get install"):
        build.check_programs()


# Training criterion


def paths_through(transcript: lexicon.TranscriptGraph) -> set[tuple[int, ...]]:
    """Every phone sequence of a transcript graph."""
    after: dict[int, list[int]] = {}
    for source, target in zip(transcript.source.tolist(), transcript.target.tolist(), strict=True):
        after.setdefault(source, []).append(target)
    found: set[tuple[int, ...]] = set()
    unfinished = [[node] for node in np.nonzero(transcript.first)[0].tolist()]
    while unfinished:
        path = unfinished.pop()
        if transcript.last[path[-1]]:
            found.add(tuple(int(transcript.phone[node]) for node in path))
        unfinished += [[*path, node] for node in after.get(path[-1], [])]
    return found


def test_a_transcript_graph_is_every_way_to_say_it() -> None:
    said = {" ".join(lexicon.PHONES[p] for p in path) for path in paths_through(lexicon.transcript_graph(["the"]))}
    ways = [" ".join(pronunciation) for pronunciation in lexicon.load()["the"]]
    assert said == {f"{before}{way}{after}" for before in ("", "SIL ") for way in ways for after in ("", " SIL")}
    assert paths_through(lexicon.transcript_graph([])) == {(0,)}
    assert lexicon.transcript_graph(["stop", "the"]).shortest == 6


def test_the_phone_model_is_a_distribution() -> None:
    model = phone_model.estimate(["stop it", "what time is it", "", "tell me a story"], seed=1)
    phones = len(lexicon.PHONES)
    assert model.next.shape == (phones, phones + 1, phones)
    assert model.first.sum() == pytest.approx(1, abs=1e-5)
    speech = model.next[1:].sum(-1) + model.final[1:]
    np.testing.assert_allclose(speech, 1, atol=2e-3)
    assert not model.next[0, :, 0].any(), "a silence after a silence"


def test_the_numerator_sums_over_all_alignments() -> None:
    frames, transcript = 4, lexicon.transcript_graph(["a"])
    outputs = np.random.default_rng(4).normal(0, 1, (1, frames, lexicon.PDFS)).astype(np.float32)
    likelihood = lfmmi.likelihoods(outputs)
    total = 0.0
    for path in paths_through(transcript):
        for borders in itertools.combinations(range(1, frames), len(path) - 1):
            begins = {0: path[0], **dict(zip(borders, path[1:], strict=True))}
            product, phone = 1.0, path[0]
            for t in range(frames):
                phone = begins.get(t, phone)
                product *= float(likelihood[0, t, 2 * phone + (t not in begins)])
            total += product
    numerator = lfmmi.numerator(likelihood, np.array([frames]), [transcript])
    assert numerator.log_likelihood[0] == pytest.approx(np.log(total), abs=1e-5)


def criterion(outputs: NDArray[np.float32], texts: list[str], lengths: NDArray[np.int64]) -> tuple[float, lfmmi.Floats]:
    """Sum of LF-MMI over a batch, and its gradient with respect to `outputs`."""
    model = phone_model.estimate(["stop the", "no i said the"], seed=2)
    likelihood = lfmmi.likelihoods(outputs)
    numerator = lfmmi.numerator(likelihood, lengths, [lexicon.transcript_graph(text.split()) for text in texts])
    denominator = lfmmi.denominator(likelihood, lengths, model)
    value = float((numerator.log_likelihood - denominator.log_likelihood).sum())
    return value, numerator.posterior - denominator.posterior


def test_the_gradient_of_lf_mmi_is_the_slope_of_its_value() -> None:
    rng, lengths, texts = np.random.default_rng(5), np.array([12, 9]), ["no", "the stop"]
    outputs = rng.normal(0, 2, (2, 12, lexicon.PDFS)).astype(np.float32)
    _, gradient = criterion(outputs, texts, lengths)
    likeliest = [(0, 5, int(np.abs(gradient[0, 5]).argmax())), (1, 7, int(np.abs(gradient[1, 7]).argmax()))]
    for b, t, pdf in [*likeliest, (0, 0, 0), (0, 11, 1), (1, 3, 17)]:
        values = []
        for step in (0.02, -0.02):
            moved = outputs.copy()
            moved[b, t, pdf] += step
            values.append(criterion(moved, texts, lengths)[0])
        assert (values[0] - values[1]) / 0.04 == pytest.approx(float(gradient[b, t, pdf]), abs=2e-3)
    assert not gradient[1, 9:].any(), "frames behind the end of an utterance"


def test_occupancies_of_a_frame_sum_to_one() -> None:
    outputs = np.random.default_rng(6).normal(0, 2, (2, 10, lexicon.PDFS)).astype(np.float32)
    lengths = np.array([10, 8])
    transcripts = [lexicon.transcript_graph(text.split()) for text in ("yes", "")]
    numerator = lfmmi.numerator(lfmmi.likelihoods(outputs), lengths, transcripts)
    np.testing.assert_allclose(numerator.posterior[0].sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(numerator.posterior[1, :8].sum(-1), 1, atol=1e-5)


def test_a_transcript_that_does_not_fit_is_impossible() -> None:
    outputs = np.zeros((1, 2, lexicon.PDFS), np.float32)
    numerator = lfmmi.numerator(outputs + 1, np.array([2]), [lexicon.transcript_graph(["story"])])
    assert numerator.log_likelihood[0] == -np.inf
    assert not numerator.posterior.any()
