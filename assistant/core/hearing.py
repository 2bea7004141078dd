"""Handlers for what the ear reports while the user has the floor: voice activity, partial and final transcripts."""

from assistant.core.endpointing import patience
from assistant.core.events import FinalTranscript, PartialTranscript, SpeechStarted, SpeechStopped
from assistant.core.interruptions import Kind
from assistant.core.ledger import user_began
from assistant.core.overlap import overlap_deadline, weigh
from assistant.core.reactions import drop_speculation, offered, turn_over
from assistant.core.replies import prepare
from assistant.core.state import FINAL_TIMEOUT_S, Phase, State
from assistant.core.utterances import current, finalise, listen, speak_on, take_final


def begin_utterance(s: State, event: SpeechStarted) -> None:
    """The user takes the floor."""
    if s.muted:
        return
    user_began(s, listen(s, event.onset))
    s.phase = Phase.HEARING


def go_on(s: State, event: SpeechStarted) -> None:
    """The user speaks again within the same turn."""
    if current(s).voiced_since is not None:
        return
    drop_speculation(s)
    speak_on(s, event.onset)
    if s.phase is Phase.ENDPOINTING:
        s.phase = Phase.HEARING


def pause(s: State, event: SpeechStopped) -> None:
    """The user falls silent: perhaps the turn is over."""
    u = current(s)
    if u.manual:
        return
    u.close_stretch(event.offset)
    s.phase = Phase.ENDPOINTING


def partial(s: State, event: PartialTranscript) -> None:
    """More words of the user's turn."""
    u = current(s)
    u.text, u.confidence = event.text, event.confidence


def final(s: State, event: FinalTranscript) -> None:
    """The words of the turn are final; in a pause that was long enough, the turn is over."""
    take_final(s, event)
    if s.phase is Phase.ENDPOINTING and current(s).final and s.cut is None and event.at >= endpoint_at(s):
        turn_over(s, event.at)


def endpoint_at(s: State) -> float:
    """When the present pause will have ended the turn."""
    u = current(s)
    return u.paused_at if u.manual else u.paused_at + patience(u.said, s.options, s.phrases, asked=u.asked)


def hearing_deadlines(s: State) -> list[float]:
    """When something is due because of what the user does, or does not do."""
    u = s.utterance
    if u is None:
        return []
    due: list[float] = []
    if not u.open and not u.final:
        due.append(u.finalised_at + FINAL_TIMEOUT_S)
    if s.phase is Phase.ENDPOINTING and s.cut is None and (u.open or u.final):
        due.append(endpoint_at(s))
        if _may_prepare(s):
            due.append(u.paused_at + s.options.speculate_after_s)
    if s.phase is Phase.OVERLAP and (decided := overlap_deadline(s)) is not None:
        due.append(decided)
    return due


def hearing_time(s: State, at: float) -> None:
    """Do what `hearing_deadlines` said is due at `at`."""
    u = s.utterance
    if u is None:
        return
    if not u.open and not u.final and at >= u.finalised_at + FINAL_TIMEOUT_S:
        u.final = True  # the ear does not answer: the partial has to do
    if s.phase is Phase.OVERLAP:
        weigh(s, at)
    elif s.phase is Phase.ENDPOINTING and s.cut is None:
        if at >= endpoint_at(s):
            finalise(s, at)
            if u.final:
                turn_over(s, at)
        elif _may_prepare(s) and at >= u.paused_at + s.options.speculate_after_s:
            prepare(s, at, u.said)


def _may_prepare(s: State) -> bool:
    """True where an answer can be prepared before the turn is over: rules answer the rest."""
    u = current(s)
    if not s.options.speculate or s.reply is not None or u.manual or offered(s) is not None:
        return False
    kind = s.phrases.classify(u.said, speaking=u.over_speech, asked=u.asked)
    return not s.phrases.is_noise(u.said) and kind in (None, Kind.CORRECTION, Kind.REDIRECT)
