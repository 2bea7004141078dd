"""Handlers for what the mind, the voice and the player report about the reply on its way."""

from assistant.core.effects import Level, Notify
from assistant.core.events import (
    GenerationFinished,
    PlayoutFinished,
    PlayoutStarted,
    PlayoutStopped,
    SentenceFailed,
    TokenGenerated,
)
from assistant.core.interruptions import Reason
from assistant.core.replies import complete_if_done, finish_text, interrupt, reply_gone, settle_cut, speak_more
from assistant.core.state import CUT_TIMEOUT_S, Phase, Reply, State


def token(s: State, event: TokenGenerated) -> None:
    """Some text of the reply; each sentence that it completes is spoken."""
    reply = _reply(s)
    reply.turn.text += event.text
    reply.turn.spans.extend(reply.splitter.feed(event.text))
    speak_more(s)


def generated(s: State, event: GenerationFinished) -> None:
    """The text of the reply is complete."""
    reply = _reply(s)
    finish_text(s, event.at)
    if not reply.turn.spans and not reply.speculative:
        s.emit(Notify(Level.PROBLEM, "The model had no answer. Ask it in another way."))


def playout_started(s: State, event: PlayoutStarted) -> None:
    """A sentence became audible."""
    reply = _played(s, event.epoch)
    reply.started = event.sentence + 1
    if reply.audible_at is None:
        reply.audible_at = event.at
    if s.phase is Phase.THINKING and reply is s.reply and not reply.silenced:
        s.phase = Phase.SPEAKING


def playout_finished(s: State, event: PlayoutFinished) -> None:
    """A sentence was heard to its end."""
    reply = _played(s, event.epoch)
    reply.started = max(reply.started, event.sentence + 1)
    reply.finished = event.sentence + 1
    if s.cut is not None:
        if reply.finished >= reply.asked:  # the cut came too late: there is nothing left to report
            settle_cut(s, at=event.at)
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
    settle_cut(s, event.sentence, event.fraction, event.at)


def sentence_failed(s: State, event: SentenceFailed) -> None:
    """The voice failed: the rest of the reply stays as text and can be spoken later."""
    _reply(s)
    s.emit(Notify(Level.PROBLEM, event.message))
    silence(s, event.at, Reason.ENGINE_FAILED, "voice failed")


def silence(s: State, at: float, reason: Reason, evidence: str) -> None:
    """Interrupt speech only: the reply goes on as text, and the floor is free."""
    reply = s.reply
    if reply is not None and interrupt(s, at, reason, evidence=evidence, onset=at, speech_only=True) is not None:
        reply_gone(s, reply)
        complete_if_done(s, at)


def speaking_deadlines(s: State) -> list[float]:
    """When something is due because of the reply."""
    due = []
    if s.cut is not None:
        due.append(s.cut.at + CUT_TIMEOUT_S)
    if s.interrupted_until is not None:
        due.append(s.interrupted_until)
    if (limit := _reply_limit(s)) is not None:
        due.append(limit)
    return due


def speaking_time(s: State, at: float) -> None:
    """Do what `speaking_deadlines` said is due at `at`."""
    if s.cut is not None and at >= s.cut.at + CUT_TIMEOUT_S:
        settle_cut(s)
    if s.interrupted_until is not None and at >= s.interrupted_until:
        s.interrupted_until = None
    limit = _reply_limit(s)
    if limit is not None and at >= limit:
        silence(s, at, Reason.TIMEOUT, "reply time limit")


def _reply_limit(s: State) -> float | None:
    reply = s.reply
    if s.options.max_reply_s <= 0 or reply is None or reply.silenced or reply.audible_at is None:
        return None
    return reply.audible_at + s.options.max_reply_s


def _reply(s: State) -> Reply:
    assert s.reply is not None, "stale events are dropped before they reach a handler"
    return s.reply
