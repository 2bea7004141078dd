"""Long random conversations in the abstract world: no rule breaks, and all comes to rest when the user is quiet."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.core.options import CutStyle, Options
from assistant.core.state import Phase
from tests.explore import stale_events
from tests.moves import moves
from tests.world import World, begin

OPTIONS = st.builds(
    Options,
    speculate=st.booleans(),
    barge_in=st.sampled_from([True, True, False]),
    barge_in_min_words=st.integers(1, 3),
    max_reply_s=st.sampled_from([0.0, 2.0]),
    debounce_s=st.sampled_from([0.0, 0.3]),
    short_remainder_sentences=st.sampled_from([0, 2]),
    cut_style=st.sampled_from(list(CutStyle)),
    typing_interrupts=st.booleans(),
    acknowledge_stop=st.booleans(),
    offer_to_continue=st.booleans(),
    max_tool_calls=st.sampled_from([0, 1, 3]),
)
CHOICES = st.lists(st.tuples(st.integers(0, 999), st.sampled_from([0.0, 0.0, 0.01, 0.1, 0.4, 2.0])), max_size=400)
HONEST_STEPS = 300


def step(world: World, choice: int, delay_s: float) -> None:
    """One move, perhaps after the time of something that was due, and some late reports."""
    world.now += delay_s
    for event in stale_events(world):
        assert not world.conversation.handle(event)
    possible = moves(world)
    possible[choice % len(possible)].do(world)


def come_to_rest(world: World) -> None:
    """Let everybody but the user do what they have to do: work first, time last."""
    for _ in range(HONEST_STEPS):
        if world.quiet:
            return
        honest = [move for move in moves(world) if move.honest and move.name != "no report"]
        (honest[1] if honest[0].name == "TimePassed" and len(honest) > 1 else honest[0]).do(world)
    raise AssertionError(f"no rest: {world.conversation.state}")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(options=OPTIONS, choices=CHOICES)
def test_a_random_conversation_breaks_no_rule_and_comes_to_rest(
    options: Options, choices: list[tuple[int, float]]
) -> None:
    world = begin(options)
    for choice, delay_s in choices:
        step(world, choice, delay_s)
        if world.conversation.phase is Phase.CLOSED:
            break
    come_to_rest(world)
    assert world.conversation.phase in (Phase.LISTENING, Phase.CLOSED)
