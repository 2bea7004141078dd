"""Handlers for what the mind, the voice and the player report about the reply on its way."""

from assistant.core.cutting import interrupt, reply_gone, settle_cut
from assistant.core.effects import Level, Notify, Speaker, TurnStarted
from assistant.core.events import (
    GenerationFinished,
    PlayoutFinished,
    PlayoutStarted,
    PlayoutStopped,
    SentenceFailed,
    TokenGenerated,
)
from assistant.core.interruptions import Reason
from assistant.core.state import Phase, Reply, State
from assistant.core.writing import complete_if_done, text_over, write


def token(s: State, event: TokenGenerated) -> None:
    """Some text of the reply; each sentence that it completes is spoken, a tool call in it is not."""
    write(s, _reply(s).parser.feed(event.text))


def generated(s: State, event: GenerationFinished) -> None:
    """The model has written to the end: the text is complete, or tools are to be called for it."""
    reply = _reply(s)
    text_over(s, event.at)
    if reply.generated and not reply.turn.spans and not reply.speculative:
        s.emit(Notify(Level.PROBLEM, s.phrases.no_answer))


def playout_started(s: State, event: PlayoutStarted) -> None:
    """A sentence became audible."""
    reply = _played(s, event.epoch)
    reply.started = event.sentence + 1
    if reply.audible_at is None:
        reply.audible_at = event.at
        s.emit(TurnStarted(event.at, Speaker.PARLEY))
    if s.phase is Phase.THINKING and reply is s.reply and not reply.silenced:
        s.phase = Phase.SPEAKING


def playout_finished(s: State, event: PlayoutFinished) -> None:
    """A sentence was heard to its end."""
    reply = _played(s, event.epoch)
    reply.started = max(reply.started, event.sentence + 1)
    reply.finished = event.sentence + 1
    reply.silent_at = event.at
    if s.cut is not None:
        if reply.finished >= reply.asked:  # the cut came too late: there is nothing left to report
            settle_cut(s, event.at)
    elif not reply.silenced:
        reply.turn.heard = reply.heard()
        complete_if_done(s, event.at)


def _played(s: State, epoch: int) -> Reply:
    """The reply `epoch`: on its way, or just cut with its last report still due."""
    if s.cut is not None and s.cut.reply.epoch == epoch:
        return s.cut.reply
    return _reply(s)


def playout_stopped(s: State, event: PlayoutStopped) -> None:
    """The player says where the cut fell."""
    settle_cut(s, event.at, event.sentence, event.fraction)


def sentence_failed(s: State, event: SentenceFailed) -> None:
    """The voice failed: the rest of the reply stays as text and can be spoken later."""
    s.emit(Notify(Level.PROBLEM, event.message))
    silence(s, event.at, Reason.ENGINE_FAILED, "voice failed")


def silence(s: State, at: float, reason: Reason, evidence: str) -> None:
    """Interrupt speech only: the reply goes on as text, and the floor is free."""
    reply = s.reply
    if reply is not None and interrupt(s, at, reason, evidence=evidence, speech_only=True) is not None:
        reply_gone(s, at, reply)
        complete_if_done(s, at)


def speaking_deadlines(s: State) -> list[float]:
    """When something is due because of the reply."""
    due = []
    if s.cut is not None:
        due.append(s.cut.due)
    if s.interrupted_until is not None:
        due.append(s.interrupted_until)
    if (limit := _reply_limit(s)) is not None:
        due.append(limit)
    return due


def speaking_time(s: State, at: float) -> None:
    """Do what `speaking_deadlines` said is due at `at`."""
    if s.cut is not None and at >= s.cut.due:
        settle_cut(s, s.cut.at)
    if s.interrupted_until is not None and at >= s.interrupted_until:
        s.interrupted_until = None
    limit = _reply_limit(s)
    if limit is not None and at >= limit:
        silence(s, at, Reason.TIMEOUT, "reply time limit")


def _reply_limit(s: State) -> float | None:
    reply = s.reply
    if s.options.max_reply_s <= 0 or reply is None or reply.silenced or reply.critical or reply.audible_at is None:
        return None
    return reply.audible_at + s.options.max_reply_s


def _reply(s: State) -> Reply:
    assert s.reply is not None, "stale events are dropped before they reach a handler"
    return s.reply
