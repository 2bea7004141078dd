"""The decoding graph: HCL (phones and lexicon) and G (language model), composed by Vosk as it decodes.

Mohri, Pereira and Riley, "Speech recognition with weighted finite-state transducers" (2008). Keeping HCL and G apart is
what lets Vosk swap G for a grammar given at run time.
"""

import math
from pathlib import Path

from models.recipes.recogniser import corpus, language_model, lexicon
from models.recipes.recogniser.fst import EPSILON, Fst, write_const, write_lookahead
from models.recipes.recogniser.language_model import END, START, LanguageModel
from models.recipes.recogniser.lexicon import GARBAGE, NOISE, SILENCE, SPEECH_PHONES, UNKNOWN_WORD, Pronunciation

# Phones as Vosk sees them: with their place in the word, from which it finds word times. Ids count from 1.
PLACES = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
PAUSES = (SILENCE, NOISE)
GARBAGE_WORD = f"{GARBAGE}_S"
PLACED_PHONES = (*PAUSES, *(f"{phone}_{place}" for phone in SPEECH_PHONES for place in PLACES), GARBAGE_WORD)
PLACED_ID = {phone: i + 1 for i, phone in enumerate(PLACED_PHONES)}

SILENCE_AT_START = 0.5
SILENCE_BETWEEN_WORDS = 0.3
NOISE_COST = 2.0  # of a noise where silence might be
UNKNOWN_COST = 2.5  # of an unknown word, and of [unk] in place of a known one
UNKNOWN_COST_WITHOUT_GRAMMAR = 6.0  # besides, where every word of the vocabulary may be written


def plain_phone(placed: str) -> str:
    """Strip the place from a phone: "AA_B" -> "AA"."""
    return placed.split("_", maxsplit=1)[0]


def loop_transition(placed: str) -> int:
    """The transition id of staying in a phone."""
    return 2 * PLACED_ID[placed] - 1


def entry_transition(placed: str) -> int:
    """The transition id of a phone's first frame."""
    return 2 * PLACED_ID[placed]


def place(pronunciation: Pronunciation) -> list[str]:
    """Mark the phones of a word with their places: ("K", "AE", "T") -> ["K_B", "AE_I", "T_E"]."""
    if len(pronunciation) == 1:
        return [f"{pronunciation[0]}_S"]
    middle = [f"{phone}_I" for phone in pronunciation[1:-1]]
    return [f"{pronunciation[0]}_B", *middle, f"{pronunciation[-1]}_E"]


class _Words:
    """HCL under construction: a prefix tree from transition ids to words, looping through its root."""

    def __init__(self, unknown: int | None) -> None:
        self._unknown = unknown
        self.fst = Fst()
        start, self.root = (self.fst.add_state() for _ in range(2))
        self.fst.finals[self.root] = 0.0
        self._pauses = {phone: self._state(phone) for phone in PAUSES}
        self._add_pauses(start, -math.log(SILENCE_AT_START))
        self.fst.add_arc(start, self.root, EPSILON, EPSILON, -math.log(1 - SILENCE_AT_START))
        silence, noise = (self._pauses[phone] for phone in PAUSES)
        self.fst.add_arc(silence, noise, entry_transition(NOISE), EPSILON, NOISE_COST)
        self.fst.add_arc(noise, silence, entry_transition(SILENCE), EPSILON)
        for state in (silence, noise):
            self.fst.add_arc(state, self.root, EPSILON, EPSILON)
        self._branches: dict[tuple[int, str], int] = {}
        self._ends: dict[str, int] = {}

    def _add_pauses(self, source: int, cost: float) -> None:
        """From `source`, allow silence at this cost, or a noise at a higher one."""
        self.fst.add_arc(source, self._pauses[SILENCE], entry_transition(SILENCE), EPSILON, cost)
        self.fst.add_arc(source, self._pauses[NOISE], entry_transition(NOISE), EPSILON, cost + NOISE_COST)

    def _loop(self, state: int, placed: str) -> None:
        self.fst.add_arc(state, state, loop_transition(placed), EPSILON)

    def _state(self, placed: str) -> int:
        state = self.fst.add_state()
        self._loop(state, placed)
        return state

    def _end(self, placed: str) -> int:
        """The state after a word that ends in `placed`, shared by all such words: silence or the next word follows."""
        if placed not in self._ends:
            state = self._ends[placed] = self._state(placed)
            self._add_pauses(state, -math.log(SILENCE_BETWEEN_WORDS))
            self.fst.add_arc(state, self.root, EPSILON, EPSILON, -math.log(1 - SILENCE_BETWEEN_WORDS))
        return self._ends[placed]

    def add(self, word: int, pronunciation: Pronunciation) -> None:
        """Add one way to say a word. The word is written at the last phone, so that beginnings can be shared.

        It may as well be written as the unknown word: in a grammar that stands for the known words it does not name.
        """
        *beginning, last = place(pronunciation)
        state = self.root
        for placed in beginning:
            if (state, placed) not in self._branches:
                branch = self._branches[state, placed] = self._state(placed)
                self.fst.add_arc(state, branch, entry_transition(placed), EPSILON)
            state = self._branches[state, placed]
        self.fst.add_arc(state, self._end(last), entry_transition(last), word)
        if self._unknown is not None:
            self.fst.add_arc(state, self._end(last), entry_transition(last), self._unknown, UNKNOWN_COST)

    def add_unknown(self, word: int) -> None:
        """Let `word` stand for unknown words: as garbage, which is what unknown words were trained as."""
        self.fst.add_arc(self.root, self._end(GARBAGE_WORD), entry_transition(GARBAGE_WORD), word, UNKNOWN_COST)


def pronunciation_graph(words: list[str]) -> Fst:
    """Build HCL for `words`, whose ids are their places in the list; place 0 is epsilon."""
    graph = _Words(words.index(UNKNOWN_WORD) if UNKNOWN_WORD in words else None)
    pronunciations = lexicon.load()
    for number, word in enumerate(words):
        if word == UNKNOWN_WORD:
            graph.add_unknown(number)
        for pronunciation in pronunciations.get(word, ()):
            graph.add(number, pronunciation)
    return graph.fst


def grammar_graph(model: LanguageModel, word_id: dict[str, int]) -> Fst:
    """Build G: one state for each history, epsilon arcs for backing off."""
    fst = Fst()
    histories = [(START,), *(history for history in model.explicit if history != (START,))]
    state = {history: fst.add_state() for history in histories}
    for history in histories:
        for word, probability in model.explicit[history].items():
            if word == END:
                fst.finals[state[history]] = -math.log(probability)
                continue
            longest = (*history, word)[-(language_model.ORDER - 1) :]
            target = next(longest[i:] for i in range(len(longest) + 1) if longest[i:] in state)
            cost = -math.log(probability) + UNKNOWN_COST_WITHOUT_GRAMMAR * (word == UNKNOWN_WORD)
            fst.add_arc(state[history], state[target], word_id[word], word_id[word], cost)
        if history:
            cost = -math.log(model.back_off[history])
            fst.add_arc(state[history], state[history[1:]], EPSILON, EPSILON, cost)
    return fst


def write(folder: Path, sentences: list[str]) -> None:
    """Write the folder `graph` of a Vosk model.

    Its language model is estimated on `sentences`; in them unknown words may occur.
    """
    (folder / "phones").mkdir(parents=True)
    known = (*corpus.load().words, UNKNOWN_WORD)
    words = ["<eps>", *known]
    renumbered = write_lookahead(pronunciation_graph(words), folder / "HCLr.fst")
    word_id = {word: renumbered[i] for i, word in enumerate(words) if i}
    named = {number: word for word, number in word_id.items()} | {0: "<eps>"}
    # Every number up to the largest needs a name.
    names = [named.get(i, f"<unused{i}>") for i in range(max(named) + 1)]
    _write_table(folder / "words.txt", [f"{name} {i}" for i, name in enumerate(names)])
    spelt = [" ".join(w if w in word_id else UNKNOWN_WORD for w in text.split()) for text in sentences]
    write_const(grammar_graph(language_model.estimate(spelt, known), word_id), folder / "Gr.fst")
    _write_table(folder / "disambig_tid.int", [str(2 * len(PLACED_PHONES) + 1)])
    _write_table(folder / "phones.txt", ["<eps> 0", *(f"{phone} {i}" for phone, i in PLACED_ID.items())])
    kinds = {phone: "nonword" if phone in PAUSES else PLACES[phone[-1]] for phone in PLACED_PHONES}
    boundaries = [f"{PLACED_ID[phone]} {kind}" for phone, kind in kinds.items()]
    _write_table(folder / "phones" / "word_boundary.int", boundaries)


def _write_table(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
