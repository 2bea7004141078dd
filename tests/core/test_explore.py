"""Every reachable state of the core, and proof that the exploration would find what is wrong with one."""

import pytest

from assistant.core import commands, events
from assistant.core.state import Phase
from assistant.core.transitions import TABLE
from tests.explore import QUICK, Case, explore
from tests.parts import Part


@pytest.mark.timeout(180)
@pytest.mark.parametrize("case", QUICK, ids=str)
def test_no_state_breaks_a_rule_and_each_has_a_way_to_rest(case: Case) -> None:
    found = explore(case)
    assert sum(map(len, found.edges.values())) > 1000
    stuck = found.stuck()
    assert not stuck, found.path(stuck[0])


def test_all_phases_are_reached() -> None:
    assert {phase for case in QUICK for phase in explore(case).phases.values()} == set(Phase)


def test_a_deadline_that_is_not_met_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pair: tuple[Phase, type[events.Event]] = (Phase.ENDPOINTING, events.TimePassed)
    monkeypatch.setitem(TABLE, pair, commands.ignore)
    with pytest.raises(AssertionError, match="busy loop"):
        explore.__wrapped__(Case(frozenset({Part.VOICE})))


def test_an_impossible_transition_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pair: tuple[Phase, type[events.Event]] = (Phase.OVERLAP, events.PlayoutFinished)
    monkeypatch.delitem(TABLE, pair)
    with pytest.raises(Exception, match="PlayoutFinished is impossible while overlap"):
        explore.__wrapped__(Case(frozenset({Part.VOICE})))


def test_a_stuck_state_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pair: tuple[Phase, type[events.Event]] = (Phase.SPEAKING, events.GenerationFinished)
    monkeypatch.setitem(TABLE, pair, commands.ignore)
    assert explore.__wrapped__(Case(frozenset({Part.TYPING}))).stuck()
