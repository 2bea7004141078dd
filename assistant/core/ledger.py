"""What is kept of the course of a conversation: turns with their durations, and one record for each interruption."""

from dataclasses import replace

from assistant.core.effects import (
    Level,
    Notify,
    OverlapEnded,
    SaveTurn,
    Speaker,
    SpeechInterrupted,
    TurnEnded,
    TurnStarted,
)
from assistant.core.interruptions import Interruption, Reason
from assistant.core.state import Cut, Reply, State, Utterance

_FOLLOWS = {
    Reason.USER_CLICKED_STOP: "silenced",
    Reason.PRIORITY_MESSAGE: "announced",
    Reason.NEW_CONVERSATION: "ended",
    Reason.SHUTDOWN: "ended",
}
"""What follows an interruption, where that is known at once."""


def user_began(s: State, u: Utterance) -> None:
    """The user has the floor, since their onset."""
    if not u.is_turn:
        u.is_turn = True
        s.emit(TurnStarted(u.onset, Speaker.USER))


def user_ended(s: State, u: Utterance, at: float) -> None:
    """The user's turn is over, or was taken from them."""
    if u.is_turn:
        u.is_turn = False
        end = u.paused_at if u.voiced_since is None else at
        s.emit(TurnEnded(end, Speaker.USER, end - u.onset))


def parley_ended(s: State, reply: Reply, at: float) -> None:
    """Our voice has fallen silent."""
    if reply.audible_at is not None:
        s.emit(TurnEnded(at, Speaker.PARLEY, at - reply.audible_at))


def record_cut(s: State, cut: Cut, silent_at: float) -> None:
    """Record a cut, once, when it is known how much was heard."""
    conclude(s, "silenced")
    turn = cut.reply.turn
    follows = "shown as text" if cut.speech_only else _FOLLOWS.get(cut.reason, "")
    turn.interruption = replace(
        _so_far(cut.reply, cut.at, cut.reason, cut.evidence),
        kind=s.phrases.classify(cut.words, asked=cut.asked),
        words=cut.words,
        latency_s=silent_at - cut.onset,
        speech_only=cut.speech_only,
        duck_latency_s=cut.duck_latency_s,
        handled=follows,
        duration_s=cut.voiced_s,
    )
    s.unsettled = None if follows else turn
    s.emit(SpeechInterrupted(turn.interruption), SaveTurn(turn.number))
    if cut.reason is Reason.USER_SPEAKING:
        _count(s, cut.at, cut.words)


def record_restore(s: State, reply: Reply, at: float, reason: str) -> None:
    """Record a sound that lowered our voice and did not cut it."""
    u = s.utterance
    if u is None or reply.ducked_at is None:
        return
    record = replace(
        _so_far(reply, at, Reason.USER_SPEAKING, reason),
        kind=s.phrases.classify(u.said, asked=u.asked),
        words=u.said,
        latency_s=at - u.onset,
        decision="restore",
        duck_latency_s=reply.ducked_at - u.onset,
        handled="restored",
        duration_s=u.voiced(at),
    )
    s.emit(OverlapEnded(record))
    _count(s, at, "")


def words_known(s: State, u: Utterance) -> None:
    """The words that cut a reply are final: they are those of its record."""
    turn = s.unsettled
    if turn is not None and turn.interruption is not None and u.interrupted is not None:
        kind = s.phrases.classify(u.said, asked=u.asked)
        turn.interruption = replace(turn.interruption, words=u.said, kind=kind, duration_s=u.voiced_s)


def conclude(s: State, handled: str) -> None:
    """Complete the record of the latest interruption by what followed."""
    turn, s.unsettled = s.unsettled, None
    if turn is not None and turn.interruption is not None:
        turn.interruption = replace(turn.interruption, handled=handled)
        s.emit(SpeechInterrupted(turn.interruption, update=True), SaveTurn(turn.number))


def conclude_unanswered(s: State) -> None:
    """Complete the record of an interruption that nobody is going to react to any more."""
    u, turn = s.utterance, s.unsettled
    by_voice = u is not None and u.interrupted is not None and u.interrupted.turn is turn
    if turn is not None and not by_voice and not s.queue:
        conclude(s, "silenced")


def _so_far(reply: Reply, at: float, reason: Reason, evidence: str) -> Interruption:
    """A record with what the reply knows: what was being said, and how far it had got."""
    turn = reply.turn
    return Interruption(
        at=at,
        epoch=reply.epoch,
        reason=reason,
        evidence=evidence,
        kind=None,
        words="",
        heard=turn.text[: turn.heard],
        progress=turn.heard / len(turn.text) if turn.text else 0.0,
        latency_s=0.0,
        speech_only=False,
        sentence=reply.saying,
        unheard=turn.text[turn.heard :],
    )


def _count(s: State, at: float, words: str) -> None:
    """Watch how often the user interrupts, or seems to."""
    s.rate.add(at, noise=s.phrases.is_noise(words))
    if alert := s.rate.alert(at):
        s.emit(Notify(Level.PROBLEM, alert))
