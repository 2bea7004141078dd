"""A first guess of which phone is where: each transcript spread evenly over the loud part of its recording."""

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser import lexicon

# Typical lengths of phones relative to each other; all others are 1.
_RELATIVE_LENGTH = {
    **dict.fromkeys(("AA", "AE", "AO", "EH", "ER", "IY", "UW"), 1.4),
    **dict.fromkeys(("AW", "AY", "EY", "OW", "OY"), 1.8),
    **dict.fromkeys(("S", "SH", "F", "CH", "Z"), 1.2),
    **dict.fromkeys(("AX", "D", "T", "DH"), 0.7),
    **dict.fromkeys((lexicon.NOISE, lexicon.GARBAGE), 6.0),
}
LOUD_SHARE = 0.45  # of the way from the quietest to the loudest frames
MARGIN = 2  # input frames around the loud part


def _loud_part(features: NDArray[np.floating]) -> tuple[int, int]:
    """Return the first input frame of the loud part of an utterance, and the one after its last."""
    loudness = np.convolve(features[:, 0].astype(np.float32), np.ones(5) / 5, "same")
    quiet, loud = np.percentile(loudness[3:-3], (4, 96))
    frames = np.nonzero(loudness[4:-4] > quiet + LOUD_SHARE * (loud - quiet))[0] + 4
    return (int(frames[0]) - MARGIN, int(frames[-1]) + MARGIN + 1) if len(frames) > 3 else (0, len(features))


def equal_alignment(features: NDArray[np.floating], text: str, frames: int, subsampling: int = 3) -> NDArray[np.int64]:
    """Return a pdf for each of `frames` output frames, (frames,), using the first pronunciation of each word.

    `features` are the MFCC of the whole utterance, (input frames, BINS).
    """
    pdfs = np.full(frames, lexicon.loop_pdf(lexicon.SILENCE))
    pdfs[0] = lexicon.entry_pdf(lexicon.SILENCE)
    phones = [phone for word in text.split() for phone in lexicon.pronunciations(word)[0]]
    start, end = _loud_part(features)
    start, end = max(1, start // subsampling), min(frames, end // subsampling + 1)
    if end - start < len(phones):
        start, end = 1, frames
    if not phones or end - start < len(phones):
        return pdfs
    lengths = np.cumsum([0.0, *(_RELATIVE_LENGTH.get(phone, 1.0) for phone in phones)])
    borders = start + np.round(lengths / lengths[-1] * (end - start)).astype(int)
    for phone, first, after in zip(phones, borders[:-1], borders[1:], strict=True):
        pdfs[first:after] = lexicon.loop_pdf(phone)
        if after > first:
            pdfs[first] = lexicon.entry_pdf(phone)
    if end < frames:
        pdfs[end] = lexicon.entry_pdf(lexicon.SILENCE)
    return pdfs
