"""Stop, typing, Continue, a new conversation, and the end: in every phase."""

import pytest

from assistant.core import events
from assistant.core.effects import Abandon, Closed, Generate, SaveTurn, Silence, SpeechInterrupted
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.messages import Role
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.core.script import PHRASES, STORY, Script

# Asked for by typing at 0.0, the sentences of the story are heard from 0.55, 1.6 and 2.65 on, and it ends at 3.3.

every_phase = pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CLOSED])


def telling(*replies: list[str], options: Options | None = None) -> Script:
    script = Script(STORY, *replies, options=options)
    script.user_types(0.0, "tell me a story")
    return script


def reach(phase: Phase) -> Script:
    """A script that has just come to `phase`, the story being asked for by voice or typing."""
    script = Script(STORY, ["Sure."], ["Sure."])
    match phase:
        case Phase.HEARING | Phase.ENDPOINTING:
            script.user_says(0.5, 2.5, "tell me a story")
        case Phase.THINKING | Phase.SPEAKING | Phase.OVERLAP:
            script.user_types(0.0, "tell me a story")
    if phase is Phase.OVERLAP:
        script.user_says(0.9, 1.5, "")
    script.run({Phase.HEARING: 1.5, Phase.ENDPOINTING: 2.9, Phase.THINKING: 0.1}.get(phase, 1.3))
    assert script.phase is phase
    return script


@every_phase
def test_stop_ends_everything_in_every_phase(phase: Phase) -> None:
    script = reach(phase)
    script.user_stops(script.now)
    script.run(script.now)
    assert script.phase is Phase.LISTENING
    turns = len(script.turns)
    script.run(20)
    assert (script.phase, len(script.turns)) == (Phase.LISTENING, turns)
    had_reply = phase in (Phase.THINKING, Phase.SPEAKING, Phase.OVERLAP)
    assert [record.reason for record in script.records] == [Reason.USER_CLICKED_STOP] * had_reply


@every_phase
def test_typing_takes_the_floor_in_every_phase(phase: Phase) -> None:
    script = reach(phase)
    script.user_types(script.now, "  what  time is it ")
    script.run(20)
    assert [turn.text for turn in script.turns if turn.role is Role.USER][-1] == "what time is it"
    assert script.spoken[-1] == script.last.text.split(". ")[-1]
    assert script.phase is Phase.LISTENING
    assert script.last.status is TurnStatus.COMPLETE


def test_typed_input_waits_for_the_exact_place_of_the_cut() -> None:
    script = telling(["Noon."])
    script.user_types(1.0, "what time is it")
    script.run(1.01)
    assert (script.phase, len(script.made(Generate))) == (Phase.LISTENING, 1)
    script.run(20)
    assert script.when(Generate)[1] == 1.02
    [record] = script.records
    assert (record.reason, record.heard) == (Reason.USER_STARTED_TYPING, "Once there")
    assert script.messages()[1:] == ["assistant: Once there ...", "user: what time is it", "assistant: Noon."]


def test_typed_input_does_not_wait_for_ever() -> None:
    script = telling(["Noon."])
    script.reports_cuts = False
    script.user_types(2.0, "what time is it")
    script.run(20)
    assert script.when(Generate)[1] == 2.5
    assert script.records[0].heard == "Once there was a fox."


def test_inputs_that_wait_keep_their_order() -> None:
    script = telling(["One."], ["Two."])
    script.user_types(1.0, "say one")
    script.user_types(1.01, "say two")
    script.run(20)
    assert script.spoken[-1] == "Two."
    assert [turn.text for turn in script.turns if turn.role is Role.USER] == ["tell me a story", "say one", "say two"]


def test_blank_typing_is_nothing() -> None:
    script = telling()
    script.user_types(1.0, "   ")
    script.run(20)
    assert not script.records


def test_a_typed_stop_word_needs_no_answer() -> None:
    script = telling()
    script.user_types(1.0, "Stop!")
    script.run(20)
    assert len(script.made(Generate)) == 1
    assert script.last.status is TurnStatus.DROPPED


def test_silencing_keeps_the_text_and_continue_speaks_it() -> None:
    script = telling()
    script.user_stops(0.7, speech_only=True)
    script.run(10)
    assert script.when(Silence) == [0.7]
    assert not script.made(Abandon)
    assert (script.last.text, script.last.status) == ("".join(STORY), TurnStatus.KEPT_AS_TEXT)
    assert script.phase is Phase.LISTENING
    assert script.last.can_continue
    script.at(10.0, lambda at: events.ContinueRequested(at, turn=1))
    script.run(20)
    assert script.spoken[1:] == ["Once there was a fox.", "It lived in the wood.", "It was happy."]
    assert len(script.made(Generate)) == 1
    assert not script.turns[1].can_continue
    assert script.messages()[1:] == ["assistant: Once there was a fox. It lived in the wood. It was happy."]


def test_silencing_before_anything_is_heard() -> None:
    script = telling()
    script.user_stops(0.1, speech_only=True)
    script.run(10)
    assert (script.spoken, script.last.text) == ([], "".join(STORY))
    assert script.messages() == ["user: tell me a story"]


def test_stop_after_silencing_ends_the_text_too_and_keeps_the_exact_place() -> None:
    script = Script([*STORY[:6], *[""] * 100, *STORY[6:]])
    script.user_types(0.0, "tell me a story")
    script.user_stops(1.0, speech_only=True)
    script.user_stops(1.01)
    script.run(20)
    assert script.turns[1].text == "Once there was a fox. It "
    assert script.records[0].heard == "Once there"
    assert len(script.records) == 1


def test_continue_without_a_rest_disturbs_nothing() -> None:
    script = telling()
    script.at(1.0, lambda at: events.ContinueRequested(at))
    script.at(1.1, lambda at: events.ContinueRequested(at, turn=99))
    script.run(20)
    assert script.notices == [PHRASES.nothing_left] * 2
    assert not script.records
    assert script.last.status is TurnStatus.COMPLETE


def test_continue_while_another_reply_is_spoken_means_the_earlier_one() -> None:
    script = telling(["Once upon a time there was another very long story. ", "The end."])
    script.user_stops(1.7)
    script.user_types(3.0, "another")
    script.at(4.0, lambda at: events.ContinueRequested(at))
    script.run(20)
    assert script.spoken[-2:] == ["It lived in the wood.", "It was happy."]


def test_the_time_limit_silences_and_keeps_the_text() -> None:
    script = telling(options=Options(max_reply_s=1.2))
    script.run(20)
    [record] = script.records
    assert (record.reason, record.speech_only) == (Reason.TIMEOUT, True)
    assert record.at == pytest.approx(1.75)
    assert script.last.can_continue


def test_the_record_of_an_interruption() -> None:
    script = telling()
    script.user_stops(1.8)
    script.run(20)
    [record] = script.records
    text = "".join(STORY)
    assert (record.at, record.epoch) == (1.8, 1)
    assert (record.reason, record.evidence) == (Reason.USER_CLICKED_STOP, "user_clicked_stop")
    assert (record.kind, record.words, record.speech_only) == (None, "", False)
    assert record.heard == text[: len(record.heard)] == "Once there was a fox. It"
    assert record.progress == pytest.approx(len(record.heard) / len(text))
    assert record.latency_s == pytest.approx(0.02)
    assert script.turns[1].interruption == record


def test_interrupted_is_shown_for_a_while() -> None:
    script = telling()
    script.user_stops(1.0)
    script.run(1.5)
    assert script.conversation.state.interrupted_until == pytest.approx(1.9)
    script.run(2.0)
    assert script.conversation.state.interrupted_until is None
    assert script.conversation.next_deadline is None


@every_phase
def test_a_new_conversation_is_empty(phase: Phase) -> None:
    script = reach(phase)
    before = len(script.effects)
    script.at(script.now, lambda at: events.ConversationCleared(at))
    script.run(script.now)
    assert (script.phase, script.turns, script.messages()) == (Phase.LISTENING, (), [])
    assert not any(isinstance(effect, SaveTurn) for _, effect in script.effects[before:])
    script.run(10)
    assert not script.turns
    script.user_types(10.0, "hello")
    script.run(20)
    assert script.messages()[0] == "user: hello"


@every_phase
def test_shutdown_ends_all_and_refuses_what_comes_later(phase: Phase) -> None:
    script = reach(phase)
    script.at(script.now, lambda at: events.ShutdownRequested(at))
    script.run(script.now)
    assert script.phase is Phase.CLOSED
    assert isinstance(script.effects[-1][1], Closed)
    assert script.conversation.next_deadline is None
    before = len(script.effects)
    script.user_types(script.now, "hello")
    script.user_stops(script.now)
    script.run(20)
    assert len(script.effects) == before + 1
    assert script.notices[-1] == "Parley is closing. This was not taken."


def test_shutdown_refuses_what_still_waits() -> None:
    script = telling()
    script.user_types(1.0, "what time is it")
    script.at(1.01, lambda at: events.ShutdownRequested(at))
    script.run(20)
    assert script.notices == ["Parley is closing. This was not taken."]
    assert [record.handled for record in script.records] == [""]
    assert script.made(SpeechInterrupted)[-1].record.handled == "ended"
