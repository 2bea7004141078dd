"""From the conversation's state to what a face shows."""

import pytest

from assistant.core.conversation import Conversation
from assistant.core.events import (
    Device,
    DeviceReady,
    Event,
    GenerationFinished,
    InterruptRequested,
    MuteChanged,
    PartialTranscript,
    PlayoutStarted,
    PlayoutStopped,
    SpeechStarted,
    SpeechStopped,
    TokenGenerated,
    TypedInput,
)
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.options import Options
from assistant.core.state import Phase, Utterance
from assistant.phrases import load_phrases
from assistant.session.snapshot import CutNote, Playhead, State
from assistant.session.view import Script, ThreadView, caption_of, state_of

STORY = "Once there was a fox. It was happy."
READY = (DeviceReady(0.0, Device.MICROPHONE, "mic"), DeviceReady(0.0, Device.LOUDSPEAKER, "speaker"))
SPEAKING = (
    TypedInput(1.0, "tell me a story"),
    TokenGenerated(1.1, 1, STORY),
    GenerationFinished(1.2, 1, 1),
    PlayoutStarted(1.3, 1, 0),
)


def after(*events: Event) -> Conversation:
    conversation = Conversation(Options(), load_phrases())
    for event in (*READY, *events):
        conversation.handle(event)
    return conversation


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("microphone", [None, "mic"])
@pytest.mark.parametrize("muted", [False, True])
@pytest.mark.parametrize("interrupted", [None, 5.0])
def test_every_combination_shows_the_most_urgent_state(
    phase: Phase, microphone: str | None, muted: bool, interrupted: float | None
) -> None:
    core = Conversation(Options(), load_phrases()).state
    core.phase, core.microphone, core.muted, core.interrupted_until = phase, microphone, muted, interrupted
    user_has_the_floor = phase in (Phase.LISTENING, Phase.HEARING, Phase.ENDPOINTING)
    by_phase = {
        Phase.HEARING: State.HEARING,
        Phase.ENDPOINTING: State.HEARING,
        Phase.THINKING: State.THINKING,
        Phase.SPEAKING: State.SPEAKING,
        Phase.OVERLAP: State.DUCKED,
    }
    if phase is Phase.LISTENING and microphone is None:
        expected = State.NO_MICROPHONE
    elif user_has_the_floor and interrupted is not None:
        expected = State.INTERRUPTED
    elif phase is Phase.LISTENING and muted:
        expected = State.MUTED
    else:
        expected = by_phase.get(phase, State.LISTENING)
    assert state_of(core) is expected


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), State.LISTENING),
        ((MuteChanged(1.0, True),), State.MUTED),
        ((SpeechStarted(1.0, 0.9),), State.HEARING),
        ((SpeechStarted(1.0, 0.9), SpeechStopped(1.5, 1.4)), State.HEARING),
        ((TypedInput(1.0, "hi"),), State.THINKING),
        (SPEAKING, State.SPEAKING),
        ((*SPEAKING, MuteChanged(1.4, True)), State.SPEAKING),
        ((*SPEAKING, SpeechStarted(1.5, 1.4)), State.DUCKED),
        ((*SPEAKING, InterruptRequested(1.5, Reason.USER_CLICKED_STOP)), State.INTERRUPTED),
    ],
)
def test_the_state_follows_the_conversation(events: tuple[Event, ...], state: State) -> None:
    assert state_of(after(*events).state) is state


def test_the_caption_is_unsettled_until_the_words_are_final() -> None:
    core = after(SpeechStarted(1.0, 0.9), PartialTranscript(1.5, 1, "what is")).state
    assert caption_of(core) == ("", "what is")
    assert core.utterance is not None
    core.utterance.final = True
    assert caption_of(core) == ("what is", "")
    core.utterance = Utterance(2, 0.9, 2.0, text="the time", earlier={1: "what is"})
    assert caption_of(core) == ("what is", "the time")
    core.utterance = None
    assert caption_of(core) == ("", "")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (Reason.USER_CLICKED_STOP, "you pressed Stop"),
        (Reason.TIMEOUT, "the reply ran too long"),
        (Reason.CLIENT_REQUEST, "another program asked for silence"),
    ],
)
def test_a_cut_by_a_button_names_its_cause_and_time(reason: Reason, cause: str) -> None:
    conversation = after(*SPEAKING, InterruptRequested(1.5, reason), PlayoutStopped(1.53, 1, 0, 0.5))
    (_, reply) = ThreadView(0.0).turns(conversation)
    assert reply.cut == CutNote("", cause, 30)
    assert reply.status is TurnStatus.DROPPED
    assert reply.can_continue
    assert STORY[: reply.heard] == "Once there"


def test_a_cut_by_voice_shows_the_words_that_made_it() -> None:
    words = PartialTranscript(1.9, 1, "what about bears")
    stopped = PlayoutStopped(1.95, 1, 0, 0.5)
    conversation = after(*SPEAKING, SpeechStarted(1.5, 1.4), words, stopped)
    (_, reply) = ThreadView(0.0).turns(conversation)
    assert reply.cut == CutNote("what about bears", "you spoke", 550)


def test_a_reply_that_was_not_cut_has_no_note() -> None:
    assert [turn.cut for turn in ThreadView(0.0).turns(after(*SPEAKING))] == [None, None]


def test_typed_words_are_not_shown_as_those_that_cut() -> None:
    conversation = after(*SPEAKING, TypedInput(1.5, "no"), PlayoutStopped(1.52, 1, 0, 0.5))
    cut = ThreadView(0.0).turns(conversation)[1].cut
    assert cut is not None
    assert (cut.words, cut.cause) == ("", "you typed")


def test_every_reason_has_a_cause_in_words() -> None:
    for reason in Reason:
        conversation = after(*SPEAKING, InterruptRequested(1.5, reason), PlayoutStopped(1.53, 1, 0, 0.5))
        cut = ThreadView(0.0).turns(conversation)[1].cut
        assert cut is not None
        assert " " in cut.cause


def test_times_of_turns_are_wall_clock_times() -> None:
    assert ThreadView(1000.0).turns(after(TypedInput(1.0, "hi")))[0].spoken_at == 1001.0


def test_a_reply_being_written_is_looked_at_anew_and_a_settled_one_when_it_changed() -> None:
    conversation, view = after(*SPEAKING[:1]), ThreadView(0.0)
    assert view.turns(conversation)[1].text == ""
    conversation.handle(TokenGenerated(1.1, 1, "Once. "))
    question, reply = view.turns(conversation)
    assert reply.text == "Once. "
    assert view.turns(conversation)[0] is question
    conversation.handle(InterruptRequested(1.2, Reason.USER_CLICKED_STOP))
    view.changed(1)  # as the session does for each turn that it stores
    dropped = view.turns(conversation)[1]
    assert dropped.status is TurnStatus.DROPPED
    conversation.turns[1].continued = True
    assert view.turns(conversation)[1] is dropped
    view.changed(1)
    assert view.turns(conversation)[1].continued


def test_the_text_of_a_silenced_reply_is_seen_to_grow() -> None:
    conversation, view = after(*SPEAKING[:1], TokenGenerated(1.1, 1, "Once. ")), ThreadView(0.0)
    conversation.handle(InterruptRequested(1.2, Reason.USER_CLICKED_STOP, speech_only=True))
    assert view.turns(conversation)[1].status is TurnStatus.KEPT_AS_TEXT
    conversation.handle(TokenGenerated(1.3, 1, "Upon a time."))
    assert view.turns(conversation)[1].text == "Once. Upon a time."


def test_a_cleared_thread_forgets_all_turns() -> None:
    view = ThreadView(0.0)
    first = view.turns(after(TypedInput(1.0, "one")))[0]
    view.clear()
    assert view.turns(after(TypedInput(1.0, "two")))[0].text != first.text


def test_the_playhead_is_on_the_word_that_is_being_spoken() -> None:
    script = Script.of(after(*SPEAKING).state.reply)
    words = [
        STORY[head.start : head.end]
        for sentence in (0, 1)
        for fraction in (0.0, 0.3, 0.999)
        if (head := script.playhead((1, sentence, fraction))) is not None
    ]
    assert words == ["Once", "there", "fox.", "It", "was", "happy."]


@pytest.mark.parametrize("position", [None, (2, 0, 0.5), (0, 0, 0.5), (1, 2, 0.5)])
def test_there_is_no_playhead_without_a_place_in_the_reply(position: tuple[int, int, float] | None) -> None:
    assert Script.of(after(*SPEAKING).state.reply).playhead(position) is None


def test_the_playhead_names_its_turn() -> None:
    head = Script.of(after(*SPEAKING).state.reply).playhead((1, 0, 0.0))
    assert head == Playhead(1, 0, len("Once"))


def test_a_speculative_reply_has_no_script() -> None:
    reply = after(*SPEAKING).state.reply
    assert reply is not None
    reply.speculative = True
    assert Script.of(reply) == Script.of(None) == Script()
