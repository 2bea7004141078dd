"""Phones, pronunciations, and the graph of all ways to say a transcript."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser.corpus import HERE

SILENCE = "SIL"
NOISE = "NSN"  # coughs, clicks, music: what is heard, but not spoken
GARBAGE = "SPN"  # spoken words outside the vocabulary, of any length
_ARPABET = "AA AE AH AX AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
SPEECH_PHONES = tuple(_ARPABET.split())
PHONES = (SILENCE, *SPEECH_PHONES, NOISE, GARBAGE)
PHONE_ID = {phone: i for i, phone in enumerate(PHONES)}

# Each phone is one HMM state with two distributions ("pdfs"): one for its first frame, one for every further frame.
# This is the topology of Povey et al., "Purely sequence-trained neural networks for ASR based on lattice-free MMI"
# (2016).
PDFS = 2 * len(PHONES)

NOISE_WORD = "[noise]"  # in transcripts: a noise that stands out; every other unknown word is garbage

UNKNOWN_WORD = "[unk]"  # what the finished model writes for such a word

Pronunciation = tuple[str, ...]


def entry_pdf(phone: str) -> int:
    """The pdf of a phone's first frame."""
    return 2 * PHONE_ID[phone]


def loop_pdf(phone: str) -> int:
    """The pdf of a phone's second and later frames."""
    return 2 * PHONE_ID[phone] + 1


@cache
def load() -> dict[str, tuple[Pronunciation, ...]]:
    """Read `lexicon.txt`: word -> its pronunciations. Raises KeyError for an unknown phone."""
    lexicon: dict[str, tuple[Pronunciation, ...]] = {}
    for line in (HERE / "lexicon.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        word, phones = line.split("\t")
        pronunciation = tuple(phones.split())
        for phone in pronunciation:
            PHONE_ID[phone]
        lexicon[word] = (*lexicon.get(word, ()), pronunciation)
    return lexicon


def pronunciations(word: str) -> tuple[Pronunciation, ...]:
    """Return the ways to say a word of a transcript: those of the lexicon, or noise, or garbage if it is unknown."""
    return ((NOISE,),) if word == NOISE_WORD else load().get(word, ((GARBAGE,),))


@dataclass(frozen=True, slots=True)
class TranscriptGraph:
    """All ways to say a transcript: any pronunciation of each word, with an optional silence before and after each.

    Nodes are phones, in an order in which every arc leads forward: arcs cost nothing, so a loop would be a way for
    LF-MMI to gain likelihood without end. `phone` is int32 (nodes,); arc i leads from node `source[i]` to node
    `target[i]`, both int32 (arcs,); `first` and `last` are bool (nodes,): where an utterance may begin and end.
    """

    phone: NDArray[np.int32]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]

    @property
    def shortest(self) -> int:
        """The number of phones, and so of frames, on the shortest way through."""
        length = np.where(self.first, 1, np.iinfo(np.int32).max // 2)
        for source, target in zip(self.source, self.target, strict=True):
            length[target] = min(length[target], length[source] + 1)
        return int(length[self.last].min())


def transcript_graph(words: list[str]) -> TranscriptGraph:
    """Build the graph of `words`; no words at all are one stretch of silence."""
    phones, arcs, first = [PHONE_ID[SILENCE]], list[tuple[int, int]](), [True]
    ends = [0]
    for position, word in enumerate(words):
        word_ends: list[int] = []
        for pronunciation in pronunciations(word):
            before = ends
            for i, phone in enumerate(pronunciation):
                node = len(phones)
                phones.append(PHONE_ID[phone])
                first.append(position == 0 and i == 0)
                arcs.extend((source, node) for source in before)
                before = [node]
            word_ends.extend(before)
        silence = len(phones)
        phones.append(PHONE_ID[SILENCE])
        first.append(False)
        arcs.extend((source, silence) for source in word_ends)
        ends = [*word_ends, silence]
    last = np.zeros(len(phones), bool)
    last[ends] = True
    ends_of_arcs = np.array(arcs, np.int32).reshape(-1, 2)
    return TranscriptGraph(np.array(phones, np.int32), ends_of_arcs[:, 0], ends_of_arcs[:, 1], np.array(first), last)
