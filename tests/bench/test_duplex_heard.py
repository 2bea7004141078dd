"""Finding in the sound itself how much of a sentence was played."""

import numpy as np
import pytest

from assistant.audio.pcm import SAMPLE_RATE
from assistant.bench.duplex.heard import _best_match, _words_until
from assistant.bench.duplex.play import CachedVoices
from assistant.engines.fakes import FakeVoice


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize("at", [0, 5_000, 31_000])
def test_a_piece_is_found_where_it_lies_however_loud_it_is(at: int, gain: float) -> None:
    whole = np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE) * 3000
    assert _best_match(whole, gain * whole[at : at + 1000]) == at


def test_a_piece_is_not_drawn_to_where_it_is_loudest() -> None:
    whole = np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE) * 300
    whole[20_000:] *= 30
    assert _best_match(whole, whole[4_000:6_000]) == 4_000


def test_a_word_counts_once_half_of_it_was_said() -> None:
    voice = FakeVoice()  # fourteen characters a second
    voice.start()
    voices = CachedVoices(voice, {})
    assert [_words_until("aaaaaaa bbbbbbb ccccccc", at, voices) for at in (0.2, 0.3, 0.7, 0.9, 1.3, 2.0)] == [
        0,
        1,
        1,
        2,
        2,
        3,
    ]
