"""Questions, answers and interruptions: a real window, real engines, and a sound card made of null sinks."""

from collections.abc import Callable

import pytest

from assistant.bench.virtual_card import VirtualSoundCard
from assistant.session.snapshot import Speaker, State, TurnStatus
from tests.end_to_end.app import App, is_over
from tests.end_to_end.sounds import heard_s, say, silent_after_s, wait_for_voice

pytestmark = pytest.mark.timeout(180)

STORY = "tell me a story"
CAPITAL = "what is the capital of france"
MOON = "tell me about the moon"  # half a minute, where a story takes a minute
SILENT_WITHIN_S = 1.5
STAYS_SILENT_S = 3.0


def test_a_spoken_question_is_answered_aloud(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        say(card, CAPITAL)
        answer = app.wait_for_reply(1, words="Paris")
        recording.wait(0.3)
        assert heard_s(recording.pcm) > 0.5
    question = app.now().turns[0]
    assert (question.speaker, question.text) == (Speaker.YOU, CAPITAL)
    assert answer.status is TurnStatus.COMPLETE
    assert answer.heard == len(answer.text)
    assert answer.cut is None
    assert app.now().state is State.LISTENING


STOPS: dict[str, Callable[[App], None]] = {"button": App.press_stop, "escape": lambda app: app.key("Escape")}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
def test_stop_silences_at_once_and_for_good(app: App, card: VirtualSoundCard, stop: Callable[[App], None]) -> None:
    with card.recording() as recording:
        app.type(STORY)
        app.wait_until_it_speaks()
        wait_for_voice(recording)
        stopped = recording.pcm.size
        stop(app)
        recording.wait(SILENT_WITHIN_S + STAYS_SILENT_S)
        assert silent_after_s(recording.pcm[stopped:]) < SILENT_WITHIN_S
    shown = app.now()
    story = shown.turns[1]
    assert shown.state is State.LISTENING
    assert len(shown.turns) == 2
    assert story.status is TurnStatus.DROPPED
    assert story.cut is not None
    assert story.cut.cause == "you pressed Stop"
    assert 0 < story.heard < len(story.text)


def test_the_word_stop_silences_and_gets_no_answer(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        say(card, STORY)
        app.wait_until_it_speaks()
        wait_for_voice(recording)
        say(card, "stop")
        said = recording.pcm.size
        recording.wait(SILENT_WITHIN_S + STAYS_SILENT_S)
        assert silent_after_s(recording.pcm[said:]) < SILENT_WITHIN_S
    shown = app.now()
    story = shown.turns[1]
    assert shown.state is State.LISTENING
    assert len(shown.turns) == 2
    assert story.status is TurnStatus.DROPPED
    assert story.cut is not None
    assert "stop" in story.cut.words
    assert story.heard < len(story.text)


def test_a_question_over_the_reply_cuts_it_and_is_answered(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        say(card, STORY)
        app.wait_until_it_speaks()
        wait_for_voice(recording)
        say(card, CAPITAL)
        answer = app.wait_for_reply(3, words="Paris")
        assert answer.status is TurnStatus.COMPLETE
    turns = app.now().turns
    assert turns[1].status is TurnStatus.DROPPED
    assert turns[1].cut is not None
    assert turns[1].heard < len(turns[1].text)
    assert (turns[2].speaker, turns[2].text) == (Speaker.YOU, CAPITAL)
    assert len(turns) == 4


def test_yeah_and_okay_and_uh_huh_do_not_stop_it(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        say(card, MOON)
        for words in ("yeah", "okay", "uh-huh"):
            wait_for_voice(recording)
            assert not is_over(app.now().turns[1]), f"the reply was too short for {words!r}"
            say(card, words)
        moon = app.wait_for_reply(1)
        recording.wait(0.3)
    assert moon.status is TurnStatus.COMPLETE
    assert moon.cut is None
    assert moon.heard == len(moon.text)
    assert len(app.now().turns) == 2
    assert any(shown.state is State.DUCKED for shown in app.snapshots if shown.turns and shown.turns[-1].number == 1)
