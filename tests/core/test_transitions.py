"""The transition table: complete, exact, and documented."""

import inspect

import pytest

from assistant.core import commands, events, hearing, initiative, overlap, speaking, tool_turns
from assistant.core.conversation import Conversation
from assistant.core.options import Options
from assistant.core.state import Phase
from assistant.core.transitions import TABLE, IllegalTransitionError, handler_for
from tests.core.script import PHRASES
from tests.transitions_doc import DOCUMENT, EVENTS, document

_WORDS: set[type[events.Event]] = {events.PartialTranscript, events.FinalTranscript, events.StopWordHeard}
_REPORTS: set[type[events.Event]] = {
    events.TokenGenerated,
    events.GenerationFinished,
    events.PlayoutStarted,
    events.PlayoutFinished,
    events.PlayoutStopped,
    events.SentenceFailed,
}
IMPOSSIBLE: dict[Phase, set[type[events.Event]]] = {
    Phase.LISTENING: _WORDS,
    Phase.THINKING: _WORDS,
    Phase.SPEAKING: _WORDS,
    Phase.CLOSED: _WORDS | _REPORTS,
}
"""Pairs that cannot happen: without an utterance, or after the end, such reports are stale."""


def test_each_event_is_handled_in_each_phase_but_where_it_is_impossible() -> None:
    assert {kind for _, kind in TABLE} == set(EVENTS)
    for phase in Phase:
        for kind in EVENTS:
            assert ((phase, kind) in TABLE) == (kind not in IMPOSSIBLE.get(phase, set())), (phase, kind)


def test_every_handler_takes_state_and_event_and_says_what_it_does() -> None:
    for handler in TABLE.values():
        assert list(inspect.signature(handler).parameters) == ["s", "event"]
        assert handler.__doc__
        assert inspect.getmodule(handler) in (commands, hearing, initiative, overlap, speaking, tool_turns)


def test_an_impossible_event_is_named() -> None:
    with pytest.raises(IllegalTransitionError, match="TokenGenerated is impossible while closed"):
        handler_for(Phase.CLOSED, events.TokenGenerated(0.0, 1, "x"))


def test_reports_on_what_never_was_are_dropped() -> None:
    conversation = Conversation(Options(), PHRASES)
    assert conversation.handle(events.TokenGenerated(0.0, 7, "x")) == ()
    assert conversation.handle(events.FinalTranscript(0.0, 7, "x")) == ()
    assert conversation.handle(events.PlayoutStopped(0.0, 7, 0, 0.5)) == ()


@pytest.mark.timeout(180)
def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m tests.transitions_doc"
