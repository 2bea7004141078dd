"""The fitting reaction to what the user said or typed, by what kind of words it is."""

from collections.abc import Callable

from assistant.core.barge_in import Action, Evidence, decide
from assistant.core.cutting import STOP_WORD, drop_reply
from assistant.core.effects import Level, Notify
from assistant.core.interruptions import Kind
from assistant.core.ledger import conclude, user_ended, words_known
from assistant.core.replies import add_user_turn, answer, recite, resume, say, take_up, to_continue
from assistant.core.state import Phase, State, Utterance
from assistant.core.utterances import current

MISHEARD_S = 0.8
"""Voice activity without a word that deserves an excuse."""
_OBEYED = (STOP_WORD, "talk key")
"""Evidence that is never taken back, whatever the words turn out to be."""

Reaction = Callable[[State, float, str], str]
"""Takes the words; returns what it did, in the words of the ledger."""


def turn_over(s: State, at: float) -> None:
    """The user has finished: react to the words by what they are."""
    u = current(s)
    s.utterance = None
    s.phase = Phase.LISTENING
    user_ended(s, u, at)
    words_known(s, u)
    if u.interrupted is not None and _false_alarm(s, u):
        s.habits.restored(u.voiced_s)
        conclude(s, "taken up" if take_up(s, at, u.interrupted) else "silenced")
    elif s.phrases.is_noise(u.said):
        drop_speculation(s)
        conclude(s, "silenced")
        if u.voiced_s >= MISHEARD_S:
            s.emit(Notify(Level.INFO, s.phrases.not_caught))
    else:
        if u.interrupted is not None:
            s.habits.cut(u.voiced_s)
        react(s, at, u.said, over_speech=u.over_speech, asked=u.asked)


def _false_alarm(s: State, u: Utterance) -> bool:
    """True where what cut our voice would not have, had all of it been known."""
    if u.evidence in _OBEYED:
        return False
    whole = Evidence(u.voiced_s, u.said, True, u.saying, u.confidence, u.asked)
    return decide(whole, s.adapted, s.phrases).action is Action.RESTORE


def react(s: State, at: float, text: str, *, over_speech: bool, asked: bool) -> None:
    """React to words that were typed, or said (`over_speech`, to our question if `asked`)."""
    reaction = _to_offer(s, text) or _REACTIONS[s.phrases.classify(text, speaking=over_speech, asked=asked)]
    conclude(s, reaction(s, at, text))


def _to_offer(s: State, text: str) -> Reaction | None:
    """The reaction to a plain yes or no, if we have just offered to go on with a reply."""
    if offered(s) is None:
        return None
    return _accept if s.phrases.agrees(text) else _be_silent if s.phrases.declines(text) else None


def offered(s: State) -> int | None:
    """The number of the turn that we have just offered to go on with."""
    return s.history.turns[-1].offers if s.history.turns else None


def _accept(s: State, at: float, text: str) -> str:
    number = offered(s)
    if number is not None and s.history.turns[number].can_continue:
        resume(s, at, s.history.turns[number])
    return "resumed"


def _be_silent(s: State, at: float, text: str) -> str:
    drop_speculation(s)
    return "silenced"


def _cancel(s: State, at: float, text: str) -> str:
    drop_reply(s)
    if s.options.acknowledge_stop:
        say(s, at, s.phrases.acknowledge)
    return "silenced"


def _go_on(s: State, at: float, text: str) -> str:
    """Speak what was kept of the reply that was cut off last."""
    rest = to_continue(s)
    if rest is not None:
        resume(s, at, rest)
        return "resumed"
    if s.history.last_heard() is None:
        return _answer(s, at, text)
    say(s, at, s.phrases.nothing_left)
    return "answered"


def _repeat(s: State, at: float, text: str) -> str:
    """Say the last sentence again, as far back as it needs."""
    again = s.history.to_repeat()
    if again is None:
        return _answer(s, at, text)
    add_user_turn(s, at, text)
    recite(s, at, *again)
    return "repeated"


def _correct(s: State, at: float, text: str) -> str:
    """Answer; what a tool did for the turn that is put right gives way to what it does now."""
    corrected = s.history.turns[-1] if s.history.turns else None
    answer(s, at, text)
    if s.reply is not None:
        s.reply.corrects = corrected
    return "answered"


def _answer(s: State, at: float, text: str) -> str:
    answer(s, at, text)
    return "answered"


_REACTIONS: dict[Kind | None, Reaction] = {
    Kind.BACKCHANNEL: _be_silent,
    Kind.CANCELLATION: _cancel,
    Kind.RESUME: _go_on,
    Kind.CLARIFICATION: _repeat,
    Kind.CORRECTION: _correct,
    Kind.REDIRECT: _answer,
    None: _answer,
}


def drop_speculation(s: State) -> None:
    """Abandon an answer prepared too early."""
    if s.reply is not None and s.reply.speculative:
        drop_reply(s)
