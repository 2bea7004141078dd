"""Lowering, raising and cutting our voice: the only place where a reply is interrupted or given up."""

from assistant.core.effects import Abandon, Duck, Level, Notify, Restore, SaveTurn, Silence
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.ledger import parley_ended, record_cut, record_restore, user_began
from assistant.core.options import CutStyle
from assistant.core.sentences import heard_length
from assistant.core.state import CUT_TIMEOUT_S, WORD_S, Cut, Phase, Reply, State, Utterance
from assistant.core.tool_calls import ToolResult

_MAY_FINISH_WORD = (
    Reason.USER_SPEAKING,
    Reason.USER_STARTED_TYPING,
    Reason.TIMEOUT,
    Reason.PRIORITY_MESSAGE,
)
"""Whoever presses Stop, or says so, is to hear silence at once."""
STOP_WORD = "stop word"
"""The evidence of a cancel phrase."""


def duck(s: State, at: float) -> None:
    """Lower our voice while a decision is due."""
    if s.reply is not None and s.reply.ducked_at is None:
        s.reply.ducked_at = at
        s.emit(Duck(s.reply.epoch))


def unduck(s: State, at: float, reply: Reply, reason: str, *, rewind: bool) -> None:
    """Bring our voice back, if it was lowered."""
    if reply.ducked_at is not None:
        s.emit(Restore(reply.epoch, reason, rewind))
        record_restore(s, reply, at, reason)
        reply.ducked_at = None


def restore(s: State, at: float, reason: str) -> None:
    """Go on speaking: the sound was no interruption. What was said lowered is said again where that was much."""
    if s.reply is not None:
        unduck(s, at, s.reply, reason, rewind=True)
        s.phase = Phase.SPEAKING if s.reply.audible_at is not None else Phase.THINKING


def reply_gone(s: State, at: float, reply: Reply) -> None:
    """The reply is over, or silent from now on: the floor passes to the user if they talk, else to nobody."""
    unduck(s, at, reply, "reply over", rewind=False)
    if s.phase in (Phase.THINKING, Phase.SPEAKING):
        s.phase = Phase.LISTENING
    elif s.phase is Phase.OVERLAP and s.utterance is not None:
        user_began(s, s.utterance)
        s.utterance.asked = s.asked
        s.phase = Phase.HEARING if s.utterance.voiced_since is not None else Phase.ENDPOINTING


def interrupt(
    s: State,
    at: float,
    reason: Reason,
    *,
    evidence: str,
    words: str = "",
    by: Utterance | None = None,
    speech_only: bool = False,
) -> Reply | None:
    """Interrupt the reply on its way and return it. `by` is the utterance that did. The caller sets the phase."""
    reply = s.reply
    if reply is None:
        return None
    if reply.speculative or reply.silenced:  # nothing is heard of it: at most its text stops now
        if not speech_only:
            drop_reply(s)
        return None
    finish_word = s.options.cut_style is CutStyle.WORD_BOUNDARY and reason in _MAY_FINISH_WORD and evidence != STOP_WORD
    due = at + CUT_TIMEOUT_S + (WORD_S if finish_word else 0.0)
    s.cut = Cut(reply, at, due, at, reason, evidence, words, speech_only)
    if by is not None:
        s.cut.onset, s.cut.words, s.cut.voiced_s, s.cut.asked = by.onset, by.said, by.voiced(at), by.asked
        s.cut.duck_latency_s = None if reply.ducked_at is None else reply.ducked_at - by.onset
    reply.ducked_at = None
    s.interrupted_until = at + s.options.interrupted_shown_s
    if speech_only:
        s.emit(Silence(reply.epoch, finish_word))
        reply.silenced = True
        reply.turn.status = TurnStatus.KEPT_AS_TEXT
    else:
        _abandon(s, reply, finish_word)
        s.reply = None
    if reply.playing is None:
        settle_cut(s, at)
    return reply


def settle_cut(s: State, at: float, sentence: int | None = None, fraction: float = 0.0) -> None:
    """Record how much of the reply that was cut has been heard: finished sentences, and `fraction` of `sentence`."""
    cut, s.cut = s.cut, None
    if cut is None:
        return
    turn = cut.reply.turn
    turn.heard = cut.reply.heard()
    if sentence is not None and sentence < len(turn.spans):
        span = turn.spans[sentence]
        turn.heard = max(turn.heard, span.start + heard_length(turn.text[span.start : span.end], fraction))
    parley_ended(s, cut.reply, at)
    if not cut.speech_only:
        turn.status = TurnStatus.DROPPED
        _tell_unheard_effects(s, turn)
    record_cut(s, cut, at)


def drop_reply(s: State, *, keep: bool = True) -> None:
    """Abandon a reply without the record of an interruption: it is speculative, silenced before, or worth nothing.

    Its text so far is kept as a turn, unless it is not `keep` or was never one.
    """
    reply, s.reply = s.reply, None
    if reply is None:
        return
    _abandon(s, reply)
    if keep and not reply.speculative:
        s.emit(SaveTurn(reply.turn.number))


def _abandon(s: State, reply: Reply, finish_word: bool = False) -> None:
    """Playback first; its text too, where that is of another epoch. No tool is called any more."""
    s.emit(Abandon(reply.epoch, finish_word))
    if reply.text_epoch != reply.epoch:
        s.emit(Abandon(reply.text_epoch))
    reply.calls.clear()
    if reply.use is not None:
        reply.use.cancel()
        reply.use = None


def _tell_unheard_effects(s: State, turn: Turn) -> None:
    """What a tool changed is told by the words after it; where none of them was heard, by a notice."""
    for use in turn.uses:
        if use.result is not None and use.at >= turn.heard:
            tell_effect(s, use.result)


def tell_effect(s: State, result: ToolResult) -> None:
    """Say what a tool changed for a reply that was cut off, and offer to undo it."""
    if result.took_effect:
        form = s.phrases.did_anyway if result.undo else s.phrases.did_anyway_for_good
        text = form.format(what=result.took_effect)
        s.emit(Notify(Level.INFO, text[0].upper() + text[1:], result.undo))
