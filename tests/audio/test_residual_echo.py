from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.residual_echo import (
    ABSENT_FRAMES,
    BEST_DB,
    DOUBT_FRAMES,
    FADE_DB,
    LATEST,
    LOST_FRAMES,
    LOUDEST_DB,
    REMEMBERED,
    UNKNOWN_DB,
    ResidualEcho,
)


def feed(residual: ResidualEcho, frames: int, echo_dbfs: float, rest_dbfs: float) -> float:
    limit = 0.0
    for _ in range(frames):
        limit = residual.limit_dbfs(echo_dbfs, -20.0)
        residual.learn(rest_dbfs)
    return limit


def test_until_something_is_known_the_limit_is_above_the_loudest_echo_there_could_be() -> None:
    residual = ResidualEcho()
    assert residual.limit_dbfs(-90.0, -20.0) == -20.0 + LOUDEST_DB
    limits = [residual.limit_dbfs(-90.0, -100.0) for _ in range(LATEST)]
    assert limits == [-20.0 + LOUDEST_DB] * (LATEST - 1) + [-100.0 + LOUDEST_DB]


def test_where_the_canceller_has_lost_the_echo_all_of_it_may_be_left() -> None:
    residual = ResidualEcho()
    feed(residual, 2 * REMEMBERED, -30.0, -48.0)
    limits = [residual.limit_dbfs(-100.0, -20.0, lost=True) for _ in range(LOST_FRAMES)]
    assert limits[-1] == -20.0 + LOUDEST_DB > max(limits[:-1])
    assert residual.left_db == UNKNOWN_DB


def test_doubt_forgets_the_trust() -> None:
    residual = ResidualEcho()
    feed(residual, 2 * REMEMBERED, -30.0, -48.0)
    residual.doubt()
    assert residual.limit_dbfs(-30.0, -20.0) == -30.0 + UNKNOWN_DB


def test_the_limit_falls_as_the_canceller_converges() -> None:
    residual = ResidualEcho()
    assert feed(residual, REMEMBERED, -30.0, -35.0) <= -34.0
    assert feed(residual, 2 * REMEMBERED, -30.0, -48.0) <= -47.0


def test_no_canceller_is_trusted_without_bounds() -> None:
    assert feed(ResidualEcho(), 3 * REMEMBERED, -30.0, -90.0) == -30.0 + BEST_DB


def test_the_user_is_not_learned_from_unless_it_goes_on() -> None:
    residual = ResidualEcho()
    quiet = feed(residual, 2 * REMEMBERED, -30.0, -48.0)
    assert feed(residual, DOUBT_FRAMES // 2, -30.0, -30.0) == quiet
    assert feed(residual, 3 * DOUBT_FRAMES, -30.0, -30.0) > quiet + 10.0


def test_what_rings_fades_slowly() -> None:
    residual = ResidualEcho()
    before = feed(residual, REMEMBERED, -20.0, -30.0)
    assert residual.limit_dbfs(-80.0, -20.0) == before - FADE_DB


def test_where_no_echo_comes_back_that_is_known_soon_whatever_else_is_heard() -> None:
    residual = ResidualEcho()
    feed(residual, ABSENT_FRAMES - 1, -70.0, -40.0)
    assert not residual.known
    feed(residual, 2, -70.0, -40.0)
    assert residual.known
    assert residual.limit_dbfs(-70.0, -20.0) < -60.0


@given(st.lists(st.tuples(st.floats(-100.0, 0.0), st.floats(-100.0, 0.0)), max_size=400))
def test_the_limit_is_always_sane(levels: list[tuple[float, float]]) -> None:
    residual = ResidualEcho()
    for echo, rest in levels:
        limit = residual.limit_dbfs(echo, -20.0)
        assert limit >= (echo + BEST_DB if residual.known else -20.0)
        residual.learn(rest)
        assert BEST_DB <= residual.left_db <= 100.0
