"""The training criterion of the recogniser: transcripts as graphs, the phone model, LF-MMI."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from models.recipes.recogniser import (
    lexicon,
    lfmmi,
    phone_model,
)


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


@pytest.mark.parametrize(("word", "phone"), [(lexicon.NOISE_WORD, "NSN"), ("zzyzx", "SPN")])
def test_noises_and_unknown_words_are_one_phone_each(word: str, phone: str) -> None:
    graph = lexicon.transcript_graph([word])
    said = {" ".join(lexicon.PHONES[p] for p in path) for path in paths_through(graph)}
    assert said == {phone, f"SIL {phone}", f"{phone} SIL", f"SIL {phone} SIL"}
    assert graph.shortest == 1
    assert (graph.source < graph.target).all(), "a loop would be likelihood for nothing"


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
