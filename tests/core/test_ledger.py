"""One record for each interruption, one for each sound that was none; turns with their durations."""

import pytest

from assistant.core import events
from assistant.core.effects import Duck, Restore, Speaker, TurnEnded, TurnStarted
from assistant.core.interruptions import Interruption, Kind, Reason
from assistant.core.replies import MOST_TAKE_UPS
from assistant.core.state import Phase
from tests.core.script import STORY, Script

# Asked for by typing at 0.0, the sentences of the story are heard from 0.55, 1.6 and 2.65 on, and it ends at 3.3.


def telling(*replies: list[str]) -> Script:
    script = Script(STORY, *replies)
    script.user_types(0.0, "tell me a story")
    return script


def only(script: Script) -> Interruption:
    [record] = script.ledger
    return record


def test_a_cut_by_words() -> None:
    script = telling(["Sure."])
    script.user_says(1.95, 3.15, "what about the wolf")
    script.run(20)
    record = only(script)
    assert (record.decision, record.reason, record.evidence) == ("cut", Reason.USER_SPEAKING, "words")
    assert (record.kind, record.words, record.handled) == (Kind.REDIRECT, "what about the wolf", "answered")
    assert record.sentence == "It lived in the wood."
    assert record.heard + record.unheard == script.turns[1].text
    assert record.duck_latency_s == pytest.approx(0.1)
    assert 0.25 < record.latency_s < 0.6
    assert record.duration_s == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("words", "handled"),
    [("stop", "silenced"), ("what was that", "repeated"), ("no i meant the bear", "answered")],
)
def test_what_followed(words: str, handled: str) -> None:
    script = telling(["A bear."])
    script.user_says(1.95, 2.7, words)
    script.run(20)
    assert only(script).handled == handled


def test_a_false_alarm_is_taken_up() -> None:
    script = telling()
    script.user_says(1.5, 2.7, "")
    script.run(20)
    assert only(script).handled == "taken up"


def test_what_is_cut_off_time_and_again_for_nothing_stays_silent_in_the_end() -> None:
    """It may be its own echo: going on for ever would be worse."""
    script = Script(STORY * 4)
    script.user_types(0.0, "tell me a story")
    for n in range(6):
        script.user_says(1.5 + 3.0 * n, 2.7 + 3.0 * n, "")
    script.run(40)
    handled = [record.handled for record in script.ledger if record.decision == "cut"]
    assert handled == ["taken up"] * MOST_TAKE_UPS + ["silenced"]
    assert script.conversation.phase is Phase.LISTENING


def test_stop_typing_continue_and_silencing() -> None:
    for do, handled in (
        (lambda at: events.InterruptRequested(at, Reason.USER_CLICKED_STOP), "silenced"),
        (lambda at: events.InterruptRequested(at, Reason.USER_CLICKED_STOP, speech_only=True), "shown as text"),
        (lambda at: events.TypedInput(at, "another one"), "answered"),
        (lambda at: events.ConversationCleared(at), "ended"),
    ):
        script = telling(["Sure."])
        script.at(1.0, do)
        script.run(20)
        assert only(script).handled == handled


def test_a_sound_that_was_none_has_a_record_of_its_own() -> None:
    script = telling()
    script.user_says(1.2, 1.7, "mm-hmm")
    script.run(20)
    record = only(script)
    assert (record.decision, record.evidence, record.handled) == ("restore", "backchannel", "restored")
    assert (record.kind, record.words, record.sentence) == (Kind.BACKCHANNEL, "mm-hmm", "It lived in the wood.")
    assert record.duration_s == pytest.approx(0.5)
    assert script.last.interruption is None
    assert [effect.rewind for effect in script.made(Restore)] == [True]


def test_a_sound_at_the_very_end_of_a_reply() -> None:
    script = telling(["Yes."])
    script.user_says(3.2, 4.0, "is it true")
    script.run(20)
    record = only(script)
    assert (record.decision, record.evidence) == ("restore", "reply over")
    assert len(script.made(Duck)) == len(script.made(Restore)) == 1


def test_a_backchannel_that_outlasts_the_reply_is_not_answered() -> None:
    script = telling(["What?"])
    script.user_says(3.1, 3.6, "mm-hmm")
    script.run(20)
    assert len(script.turns) == 2


def test_turns_have_durations() -> None:
    script = Script(["It is noon."])
    script.user_says(0.5, 1.5, "is it late")
    script.run(20)
    started, ended = script.made(TurnStarted), script.made(TurnEnded)
    assert [(turn.speaker, turn.at) for turn in started] == [
        (Speaker.USER, 0.5),
        (Speaker.PARLEY, pytest.approx(started[1].at)),
    ]
    assert [turn.speaker for turn in ended] == [Speaker.USER, Speaker.PARLEY]
    assert [turn.duration_s for turn in ended] == [pytest.approx(1.0), pytest.approx(0.05 * len("It is noon."))]


def test_many_interruptions_give_one_hint() -> None:
    script = Script(*[STORY] * 9)
    for number in range(9):
        script.user_types(6.0 * number, "tell me a story")
        script.user_says(6.0 * number + 1.0, 6.0 * number + 1.5, "stop")
    script.run(60)
    assert len(script.notices) == 1
