"""The user's utterance: begun, gone on with, finalised, forgotten."""

from dataclasses import replace

from assistant.core.effects import Discard, Finalise, Listen
from assistant.core.events import FinalTranscript
from assistant.core.ledger import conclude, user_ended, words_known
from assistant.core.state import State, Utterance


def listen(s: State, onset: float, *, manual: bool = False) -> Utterance:
    """Mint an utterance and have it recognised."""
    s.utterances += 1
    s.utterance = Utterance(s.utterances, onset, onset, manual=manual, asked=s.asked)
    s.emit(Listen(s.utterance.number, onset))
    return s.utterance


def speak_on(s: State, onset: float) -> None:
    """The user speaks again within the same turn; where its words were final already, in an utterance that has them."""
    u = current(s)
    if u.open:
        u.voiced_since = onset
        return
    s.utterances += 1
    s.utterance = replace(
        u,
        number=s.utterances,
        voiced_since=onset,
        text="",
        earlier={**u.earlier, u.number: u.text},
        open=True,
        final=False,
        manual=False,
    )
    s.emit(Listen(s.utterances, onset))


def finalise(s: State, at: float) -> None:
    """Ask for the final transcript, once."""
    u = current(s)
    if u.open:
        u.open = False
        u.finalised_at = at
        s.emit(Finalise(u.number))


def take_final(s: State, event: FinalTranscript) -> None:
    """Keep the final words of the utterance, or of an earlier one of the same turn."""
    u = current(s)
    if event.utterance != u.number:
        u.earlier[event.utterance] = event.text
        return
    u.text, u.final = event.text, True
    if event.words:
        u.confidence = sum(word.confidence for word in event.words) / len(event.words)


def discard_utterance(s: State, at: float) -> None:
    """Forget what the user is saying; the reply that it cut off stays cut."""
    u, s.utterance = s.utterance, None
    if u is None:
        return
    if u.open:
        s.emit(Discard(u.number))
    user_ended(s, u, at)
    if u.interrupted is not None:
        words_known(s, u)
        conclude(s, "silenced")


def current(s: State) -> Utterance:
    """The utterance, where the phase says that there is one."""
    assert s.utterance is not None, f"{s.phase} without an utterance"
    return s.utterance
