"""How many words of a reply the loudspeaker really played, found in the sound itself."""

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.duplex.play import CachedVoices, Played
from assistant.session.simulation.report import AUDIBLE

WINDOW_S = 0.4
"""So much of the end of what was played is looked for in the sentence."""
FADE_S = 0.02
"""The end of a cut, which is faded out."""
LEAST_S = 0.05
"""A shorter piece is not looked for: it is taken to be the beginning."""

Samples = NDArray[np.float64]


def words_off(played: Played, epoch: int) -> int | None:
    """Words in the text taken as heard, less the words played, of a reply that was cut; None where none was heard.

    What was played is found by correlation with the sound of the sentence, so it does not rest on the player's own
    count. A word counts as played once half of it was.
    """
    stopped = next((e for e in played.log if e["event"] == "playout_stopped" and e["epoch"] == epoch), None)
    reply = next((r for r in played.report["replies"] if r["epoch"] == epoch), None)
    if stopped is None or reply is None:
        return None
    texts = {e["sentence"]: e["text"] for e in played.log if e["event"] == "speak" and e["epoch"] == epoch}
    begun = [e for e in played.log if e["event"] == "playout_started" and e["epoch"] == epoch]
    finished = [e["sentence"] for e in played.log if e["event"] == "playout_finished" and e["epoch"] == epoch]
    words = sum(len(texts[sentence].split()) for sentence in finished)
    if begun and begun[-1]["sentence"] == stopped["sentence"]:
        text = texts[stopped["sentence"]]
        position_s = _position(played, played.voices.spoken[text], begun[-1]["at"], stopped["at"])
        words += _words_until(text, position_s, played.voices)
    return len(reply["heard_text"].split()) - words


def _position(played: Played, sentence: Pcm, begun: float, stopped: float) -> float:
    """How many seconds of the speech of `sentence` were played when its playout stopped."""
    loud = np.flatnonzero(np.abs(sentence.astype(np.int32)) > AUDIBLE)
    silence_s = int(loud[0]) / SAMPLE_RATE if loud.size else 0.0
    since = max(begun, stopped - WINDOW_S)
    piece = played.loudspeaker[round(since * SAMPLE_RATE) : round((stopped - FADE_S) * SAMPLE_RATE)]
    if piece.size < LEAST_S * SAMPLE_RATE or piece.size > sentence.size:
        return stopped - begun - silence_s
    found = _best_match(sentence.astype(np.float64), piece.astype(np.float64))
    return (found + piece.size) / SAMPLE_RATE + FADE_S - silence_s


def _best_match(whole: Samples, piece: Samples) -> int:
    """Where `piece` lies in `whole`, whatever its loudness: the greatest normalised cross-correlation."""
    size = 1 << (whole.size + piece.size).bit_length()
    product = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size)), size)
    energy = np.concatenate(([0.0], np.cumsum(whole**2)))
    places = whole.size - piece.size + 1
    norm = np.sqrt(np.maximum(energy[piece.size :] - energy[:places], 1.0))
    return int(np.argmax(product[:places] / norm))


def _words_until(sentence: str, position_s: float, voices: CachedVoices) -> int:
    """How many words of `sentence` were spoken by half at `position_s`."""
    words = sentence.split()
    ends = [voices.seconds(text) for text in accumulate(words, lambda said, word: f"{said} {word}")]
    begins = [0.0, *ends[:-1]]
    return sum((begin + end) / 2 <= position_s for begin, end in zip(begins, ends, strict=True))
