"""The expected level of our echo: learned from levels alone, and what exceeds it is the user."""

import numpy as np
from numpy.typing import NDArray

from assistant.audio.echo_level import DOUBT_FRAMES, EchoLevel

DELAY = 6
GAIN_DB = -10.0


def speech_levels(frames: int, seed: int = 1) -> NDArray[np.float64]:
    """Levels (dBFS per frame) that rise and fall like syllables."""
    random = np.random.default_rng(seed)
    syllables = np.repeat(random.uniform(-45.0, -15.0, frames // 8 + 1), 8)[:frames]
    return np.asarray(syllables + random.normal(0.0, 1.0, frames))


def echo_of(levels: NDArray[np.float64], gain_db: float = GAIN_DB) -> NDArray[np.float64]:
    """What the microphone hears of it, over a noise floor of -70 dBFS."""
    late = np.concatenate((np.full(DELAY, -100.0), levels))[: levels.size]
    return np.maximum(late + gain_db, -70.0)


def feed(level: EchoLevel, microphone: NDArray[np.float64], reference: NDArray[np.float64]) -> list[float | None]:
    return [level.excess_db(m, r) for m, r in zip(microphone.tolist(), reference.tolist(), strict=True)]


def test_knows_nothing_before_it_has_heard_an_echo() -> None:
    silence = np.full(200, -100.0)
    assert set(feed(EchoLevel(), np.full(200, -70.0), silence)) == {None}


def test_the_echo_itself_hardly_ever_exceeds_what_is_expected() -> None:
    played = speech_levels(1000)
    excess = [e for e in feed(EchoLevel(), echo_of(played), played) if e is not None]
    assert len(excess) > 700
    assert np.mean(np.array(excess) > 6.0) < 0.01


def test_a_user_louder_than_the_echo_shows_at_once() -> None:
    level = EchoLevel()
    played = speech_levels(600)
    heard = echo_of(played)
    heard[500:520] = -8.0
    excess = feed(level, heard, played)
    assert all(e is not None and e > 6.0 for e in excess[500:520])


def test_the_users_voice_is_not_learned_as_echo() -> None:
    level = EchoLevel()
    played = speech_levels(800)
    heard = echo_of(played)
    heard[400:500] = -8.0
    after = [e for e in feed(level, heard, played)[510:] if e is not None]
    assert np.mean(np.array(after) > 6.0) < 0.02


def test_a_loudspeaker_turned_up_is_believed_after_a_while() -> None:
    level = EchoLevel()
    played = speech_levels(2400)
    heard = np.concatenate((echo_of(played)[:800], echo_of(played, GAIN_DB + 15.0)[800:]))
    excess = feed(level, heard, played)
    late = [e for e in excess[800 + 5 * DOUBT_FRAMES :] if e is not None]
    assert np.mean(np.array(late) > 6.0) < 0.05


def test_without_an_echo_no_delay_is_found() -> None:
    played = speech_levels(600, seed=1)
    unrelated = speech_levels(600, seed=2)
    known = [e for e in feed(EchoLevel(), np.full(600, -70.0) + 0.1 * unrelated, played) if e is not None]
    assert known == []
