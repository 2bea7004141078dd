"""Priority messages: when they are said, what they interrupt, what follows."""

import pytest

from assistant.core import events
from assistant.core.effects import Abandon, Duck, Generate
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.core.script import STORY, Script

RING = "Your tea is ready."

# Asked for by typing at 0.0, the sentences of the story are heard from 0.55, 1.6 and 2.65 on, and it ends at 3.3.


def ring(script: Script, at: float, text: str = RING, *, critical: bool = False) -> None:
    script.at(at, lambda at: events.PrioritySpeech(at, text, critical))


def telling(*replies: list[str], options: Options | None = None) -> Script:
    script = Script(STORY, *replies, options=options)
    script.user_types(0.0, "tell me a story")
    return script


def test_a_message_is_said_at_once_where_nobody_talks() -> None:
    script = Script()
    ring(script, 1.0)
    script.run(10)
    assert script.spoken == [RING]
    assert (script.last.announcement, script.last.status) == (True, TurnStatus.COMPLETE)
    assert not script.records


def test_it_interrupts_a_reply_which_can_be_continued() -> None:
    script = telling()
    ring(script, 1.8)
    script.run(10)
    [record] = script.records
    assert (record.reason, record.handled) == (Reason.PRIORITY_MESSAGE, "announced")
    assert script.spoken == ["Once there was a fox.", "It lived in the wood.", RING]
    script.at(10.0, lambda at: events.ContinueRequested(at))
    script.run(20)
    assert script.spoken[-2:] == ["It lived in the wood.", "It was happy."]


def test_a_reply_of_which_nothing_was_heard_is_taken_up_afterwards() -> None:
    script = telling(STORY)
    ring(script, 0.3)
    script.run(20)
    assert script.spoken == [RING, "Once there was a fox.", "It lived in the wood.", "It was happy."]
    assert [message.text for message in script.made(Generate)[1].messages] == ["tell me a story"]


def test_it_waits_for_the_end_of_the_users_words_which_are_answered_after_it() -> None:
    script = Script(["Fine."], ["Fine."])
    script.user_says(0.5, 1.5, "how are you")
    ring(script, 1.0)
    script.run(20)
    assert script.spoken == [RING, "Fine."]


def test_it_waits_for_the_decision_on_a_sound() -> None:
    script = telling()
    script.user_says(0.9, 1.4, "mm-hmm")
    ring(script, 1.2)
    script.run(1.6)
    assert script.phase is Phase.OVERLAP
    script.run(20)
    assert script.spoken[-1] == RING


def test_several_are_said_in_order() -> None:
    script = Script()
    ring(script, 1.0, "One.")
    ring(script, 1.1, "Two.")
    ring(script, 1.2, "Three.")
    script.run(10)
    assert script.spoken == ["One.", "Two.", "Three."]


def test_stop_silences_it_and_shows_the_others() -> None:
    script = Script()
    ring(script, 1.0)
    ring(script, 1.1, "Two.")
    script.user_stops(1.3)
    script.run(10)
    assert script.spoken == [RING]
    assert script.notices == ["Two."]
    assert script.phase is Phase.LISTENING


def test_the_user_can_interrupt_it() -> None:
    script = Script(["Coffee."])
    ring(script, 1.0, "Your tea is ready and it has been for a long time.")
    script.user_says(2.0, 3.0, "what about coffee")
    script.run(20)
    assert script.spoken[-1] == "Coffee."


def test_the_model_knows_of_it_from_the_next_turn_on() -> None:
    script = Script(["Green."])
    ring(script, 1.0)
    script.user_types(4.0, "which tea")
    script.run(20)
    assert [message.text for message in script.made(Generate)[0].messages] == [RING, "which tea"]


def test_a_critical_one_is_neither_lowered_nor_cut_and_the_words_are_answered_after_it() -> None:
    script = Script(["Outside."])
    ring(script, 1.0, "There is a fire in the kitchen.", critical=True)
    script.user_says(1.6, 2.6, "where can i go")
    script.run(20)
    assert not script.made(Duck)
    assert not script.records
    assert script.spoken == ["There is a fire in the kitchen.", "Outside."]
    assert script.messages()[1] == "user: where can i go"


def test_a_backchannel_during_a_critical_one_is_not_answered() -> None:
    script = Script(["What?"])
    ring(script, 1.0, "There is a fire in the kitchen.", critical=True)
    script.user_says(1.4, 1.8, "mm-hmm")
    script.run(20)
    assert len(script.turns) == 1


@pytest.mark.parametrize("by_voice", [True, False])
def test_stop_cuts_a_critical_one(by_voice: bool) -> None:
    script = Script()
    ring(script, 1.0, "There is a fire in the kitchen.", critical=True)
    if by_voice:
        script.user_says(1.6, 2.0, "stop")
    else:
        script.user_stops(1.8)
    script.run(20)
    assert len(script.made(Abandon)) == 1
    assert script.last.status is TurnStatus.DROPPED


def test_what_is_typed_during_a_critical_one_waits() -> None:
    script = Script(["Outside."])
    ring(script, 1.0, "There is a fire.", critical=True)
    script.user_types(1.5, "where can i go")
    script.run(20)
    assert script.spoken == ["There is a fire.", "Outside."]
    assert not script.records


def test_the_talk_key_does_not_cut_a_critical_one() -> None:
    script = Script(["Outside."])
    ring(script, 1.0, "There is a fire in the kitchen.", critical=True)
    script.at(1.5, lambda at: events.TalkKeyChanged(at, True))
    script.user_says(1.6, 2.2, "where")
    script.at(2.4, lambda at: events.TalkKeyChanged(at, False))
    script.run(20)
    assert script.spoken == ["There is a fire in the kitchen.", "Outside."]
    assert not script.records


def test_the_time_limit_does_not_cut_a_critical_one() -> None:
    script = Script(options=Options(max_reply_s=0.5))
    ring(script, 1.0, "There is a fire in the kitchen.", critical=True)
    script.run(20)
    assert script.last.status is TurnStatus.COMPLETE


def test_closing_refuses_what_was_to_be_said() -> None:
    script = Script()
    script.user_says(0.5, 2.5, "tell me a story")
    ring(script, 1.0)
    script.at(1.5, lambda at: events.ShutdownRequested(at))
    script.run(10)
    assert len(script.notices) == 1
