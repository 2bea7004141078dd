"""What becomes of a trained recogniser: language model, graphs, Kaldi's binary format, and the finished starter."""

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
import vosk
from numpy.typing import NDArray

from models.recipes.recogniser import corpus, graph, kaldi_format, language_model, lexicon, listening, synthesis
from models.recipes.recogniser.fst import EPSILON, Fst
from models.recipes.recogniser.lexicon import UNKNOWN_WORD

STARTER = Path(__file__).resolve().parents[2] / "models" / "starter" / "recogniser"

# Language model


@pytest.fixture(scope="module")
def model() -> language_model.LanguageModel:
    sentences = corpus.training_sentences(800, 3, frozenset())
    return language_model.estimate(sentences, corpus.load().words)


@pytest.mark.parametrize(
    "history", ["", "<s>", "tell", "<s> tell", "tell me", "what is", "of the", "volcanoes volcanoes"]
)
def test_probabilities_after_a_history_sum_to_one(model: language_model.LanguageModel, history: str) -> None:
    words = (*corpus.load().words, language_model.END)
    total = sum(model.probability(tuple(history.split()), word) for word in words)
    assert total == pytest.approx(1, abs=1e-6)


def test_what_people_say_is_likelier_than_what_they_do_not(model: language_model.LanguageModel) -> None:
    said = model.log_probability("tell me a story".split())
    shuffled = model.log_probability("story a me tell".split())
    assert said > shuffled + 5
    assert math.isfinite(model.log_probability(["volcanoes"] * 4))


# Graphs


def best_cost(fst: Fst, label: int) -> dict[int, float]:
    """Cheapest way from the start to each state over arcs that write `label` exactly once, or never if EPSILON."""
    cost: dict[tuple[int, bool], float] = {(0, False): 0.0}
    waiting = [(0, False)]
    while waiting:
        state, written = waiting.pop()
        for target, _, output, arc_cost in fst.arcs[state]:
            if output not in (EPSILON, label) or (written and output == label and label != EPSILON):
                continue
            place = (target, written or (output == label != EPSILON))
            through = cost[state, written] + arc_cost
            if through < cost.get(place, math.inf) - 1e-9:
                cost[place] = through
                waiting.append(place)
    return {state: value for (state, written), value in cost.items() if written == (label != EPSILON)}


def spelt(fst: Fst, phones: list[str]) -> set[int]:
    """The words that the graph writes when it reads these placed phones, one frame each, from its root."""
    reached: set[tuple[int, int]] = {(0, EPSILON)}
    for wanted in [EPSILON, *(graph.entry_transition(phone) for phone in phones)]:
        if wanted != EPSILON:
            reached = {
                (target, output or word)
                for state, word in reached
                for target, read, output, _ in fst.arcs[state]
                if read == wanted
            }
        waiting = list(reached)
        while waiting:
            state, word = waiting.pop()
            for target, read, output, _ in fst.arcs[state]:
                place = (target, output or word)
                if read == EPSILON and place not in reached:
                    reached.add(place)
                    waiting.append(place)
    return {word for state, word in reached if state in fst.finals}


def test_the_pronunciation_graph_spells_every_word() -> None:
    words = ["<eps>", "stop", "a", "story", "mm-hmm"]
    fst = graph.pronunciation_graph(words)
    for number, word in enumerate(words[1:], 1):
        for pronunciation in lexicon.load()[word]:
            assert spelt(fst, graph.place(pronunciation)) == {number}
    assert spelt(fst, ["S_B", "T_E"]) == set()


def test_an_unknown_word_is_garbage_or_any_known_word_and_costs_something() -> None:
    words = ["<eps>", "stop", UNKNOWN_WORD]
    fst = graph.pronunciation_graph(words)
    assert spelt(fst, [graph.GARBAGE_WORD]) == {2}
    assert spelt(fst, graph.place(lexicon.load()["stop"][0])) == {1, 2}
    final = next(iter(fst.finals))
    assert best_cost(fst, 2)[final] == pytest.approx(best_cost(fst, 1)[final] + graph.UNKNOWN_COST)


def test_noises_may_stand_where_silence_may() -> None:
    fst = graph.pronunciation_graph(["<eps>", "a"])
    (vowel,) = graph.place(lexicon.load()["a"][0])
    for pauses in ([], ["SIL"], ["NSN"], ["SIL", "NSN", "SIL"], ["NSN", "SIL", "NSN"]):
        assert spelt(fst, [*pauses, vowel, *pauses]) == {1}
    assert spelt(fst, ["SIL", "SIL", vowel]) == set()


def test_places_and_transitions_are_one_to_one() -> None:
    assert graph.place(("AX",)) == ["AX_S"]
    assert graph.place(("AE", "N", "D")) == ["AE_B", "N_I", "D_E"]
    used = [f(phone) for phone in graph.PLACED_PHONES for f in (graph.loop_transition, graph.entry_transition)]
    assert sorted(used) == list(range(1, 2 * len(graph.PLACED_PHONES) + 1))
    assert graph.plain_phone("AA_B") == "AA"


def test_the_grammar_graph_charges_what_the_language_model_says(model: language_model.LanguageModel) -> None:
    word_id = {word: i for i, word in enumerate(corpus.load().words, 1)}
    fst = graph.grammar_graph(model, word_id)
    costs = {output: cost for _, _, output, cost in fst.arcs[0] if output != EPSILON}
    for word in ("tell", "stop", "what"):
        assert costs[word_id[word]] == pytest.approx(-math.log(model.probability(("<s>",), word)))
    lines = fst.text().splitlines()
    assert lines[0].startswith("0 ")
    assert len(lines) == sum(len(arcs) for arcs in fst.arcs) + len(fst.finals)


# Kaldi's binary format


def read_vector(data: bytes) -> NDArray[np.float32]:
    assert data[:4] == b"FV \x04"
    (length,) = struct.unpack("<i", data[4:8])
    return np.frombuffer(data[8:], "<f4", length)


def read_matrix(data: bytes) -> NDArray[np.float64]:
    """Read "CM" and "CM2" as Kaldi's CompressedMatrix does."""
    kind, rest = data.split(b" ", 1)
    smallest, span, rows, columns = struct.unpack("<ffii", rest[:16])
    if kind == b"CM2":
        numbers = np.frombuffer(rest[16:], "<u2").reshape(rows, columns)
        return np.asarray(smallest + span / 65535 * numbers)
    assert kind == b"CM"
    header = np.frombuffer(rest[16:], "<u2", 4 * columns).reshape(columns, 4)
    codes = np.frombuffer(rest[16 + 8 * columns :], np.uint8).reshape(columns, rows).T
    low, first, third, high = (smallest + span / 65535 * header).T
    lower = low + (first - low) * codes / 64
    middle = first + (third - first) * (codes - 64.0) / 128
    upper = third + (high - third) * (codes - 192.0) / 63
    return np.asarray(np.where(codes <= 64, lower, np.where(codes <= 192, middle, upper)))


def test_numbers_and_vectors_round_trip() -> None:
    np.testing.assert_allclose(read_vector(kaldi_format.vector([0.5, -3])), [0.5, -3])
    assert read_vector(kaldi_format.vector([])).size == 0
    assert kaldi_format.integer(-2) == b"\x04\xfe\xff\xff\xff"
    assert struct.unpack("<bd", kaldi_format.double(0.25)) == (8, 0.25)
    assert struct.unpack("<bf", kaldi_format.single(0.25)) == (4, 0.25)
    assert kaldi_format.integers([1, 2]) == struct.pack("<biii", 4, 2, 1, 2)
    assert kaldi_format.token("<Nnet3>") == b"<Nnet3> "


@pytest.mark.parametrize("shape", [(4, 1), (82, 7), (256, 768)])
def test_compressed_matrices_come_back_nearly_as_they_were(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(1).normal(0, 0.3, shape)
    np.testing.assert_allclose(read_matrix(kaldi_format.matrix_16_bit(matrix)), matrix, atol=np.ptp(matrix) / 60_000)
    eight = read_matrix(kaldi_format.matrix_8_bit(matrix))
    assert eight.shape == shape
    assert np.abs(eight - matrix).max() < np.ptp(matrix) / 100
    assert len(kaldi_format.matrix_8_bit(matrix)) < matrix.size + 8 * shape[1] + 32


def test_a_constant_matrix_can_be_compressed() -> None:
    matrix = np.full((8, 3), 0.7)
    np.testing.assert_allclose(read_matrix(kaldi_format.matrix_8_bit(matrix)), matrix, atol=1e-6)
    np.testing.assert_allclose(read_matrix(kaldi_format.matrix_16_bit(matrix)), matrix, atol=1e-6)


# The starter


@pytest.mark.parametrize(
    ("wanted", "heard", "errors"),
    [("", "", 0), ("stop", "", 1), ("a b c", "a c", 1), ("a b", "b a", 2), ("go on", "go on now then", 2)],
)
def test_word_errors_are_counted(wanted: str, heard: str, errors: int) -> None:
    assert listening.edit_distance(wanted.split(), heard.split()) == errors


@pytest.fixture(scope="module")
def starter() -> vosk.Model:
    vosk.SetLogLevel(-1)
    return vosk.Model(str(STARTER))


def spoken(text: str, voice: str) -> bytes:
    """Speech at 16 kHz with half a second of silence around it, 16-bit."""
    ((_, _, samples),) = synthesis.say(synthesis.Job("espeak", voice, text, 0.4))
    return bytes(np.pad(samples // 2, 8_000).astype("<i2").tobytes())


@pytest.mark.parametrize("voice", ["en-us", "en-gb"])
@pytest.mark.parametrize(
    "text", ["tell me a story", "what is the capital of france", "set a timer for ten minutes", "stop"]
)
def test_the_starter_hears_a_clear_voice(starter: vosk.Model, voice: str, text: str) -> None:
    recogniser = vosk.KaldiRecognizer(starter, 16_000)
    recogniser.SetWords(True)
    recogniser.AcceptWaveform(spoken(text, voice))
    result = json.loads(recogniser.FinalResult())
    assert result["text"] == text
    assert [word["word"] for word in result["result"]] == text.split()
    times = [time for word in result["result"] for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert all(0 <= word["conf"] <= 1 for word in result["result"])


def test_the_starter_takes_a_grammar_with_the_unknown_word(starter: vosk.Model) -> None:
    for text, wanted in (("stop", ["stop"]), ("tell me about volcanoes", [])):
        recogniser = vosk.KaldiRecognizer(starter, 16_000, '["stop", "[unk]"]')
        recogniser.SetWords(True)
        recogniser.SetPartialWords(True)
        recogniser.AcceptWaveform(spoken(text, "en-us"))
        assert "partial" in json.loads(recogniser.PartialResult())
        heard = json.loads(recogniser.FinalResult())["text"].split()
        assert [word for word in heard if word != "[unk]"] == wanted


def test_the_starter_hears_nothing_in_silence(starter: vosk.Model) -> None:
    recogniser = vosk.KaldiRecognizer(starter, 16_000)
    recogniser.AcceptWaveform(bytes(2 * 16_000 * 3))
    assert json.loads(recogniser.FinalResult())["text"] == ""


def test_the_starter_knows_every_word_of_the_corpus() -> None:
    names = [line.split() for line in (STARTER / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()]
    assert {*corpus.load().words, UNKNOWN_WORD} <= {word for word, _ in names}
    assert [int(number) for _, number in names] == list(range(len(names)))
