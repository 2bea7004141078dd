"""What Parley says of its own accord: priority messages, a reply that they kept it from, an offer to go on."""

from assistant.core.cutting import interrupt
from assistant.core.effects import Level, Notify
from assistant.core.events import PrioritySpeech
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.replies import announce, say, take_up
from assistant.core.state import Phase, Reply, State


def priority_speech(s: State, event: PrioritySpeech) -> None:
    """Something is to be said; it waits for the end of the user's words, and for what is being said in the same way."""
    if event.text.strip():
        s.priority.append(event)


def take_initiative(s: State, at: float) -> None:
    """Whoever had the floor may have given it up: say what waits to be said."""
    if s.queue or s.cut is not None:
        return
    if s.priority:
        _announce(s, at)
    elif s.phase is Phase.LISTENING:
        _go_on(s, at)


def _announce(s: State, at: float) -> None:
    """Speak the next message where nobody talks; a reply that is on its way gives way to it."""
    reply = s.reply
    if s.phase in (Phase.THINKING, Phase.SPEAKING) and reply is not None and not reply.turn.announcement:
        s.deferred = interrupt(s, at, Reason.PRIORITY_MESSAGE, evidence="priority message")
        s.phase = Phase.LISTENING
    while s.phase is Phase.LISTENING and s.cut is None and s.priority:
        message = s.priority.pop(0)
        announce(s, at, " ".join(message.text.split()), critical=message.critical)
    if s.phase is Phase.LISTENING and s.cut is None:
        _go_on(s, at)


def _go_on(s: State, at: float) -> None:
    """Take up a reply of which nothing was heard before the message, or ask whether to go on with another one."""
    deferred, s.deferred = s.deferred, None
    offer, s.offer = s.offer, None
    if deferred is not None and _still_wanted(s, deferred):
        take_up(s, at, deferred)
    elif offer is not None:
        offer.offered = True
        say(s, at, s.phrases.offer, offers=offer.number)


def _still_wanted(s: State, reply: Reply) -> bool:
    """True where nothing of it was heard and nothing but messages, heard to their end, has come after it."""
    later = s.history.turns[reply.turn.number + 1 :]
    undisturbed = all(turn.announcement for turn in later) and later[-1].status is TurnStatus.COMPLETE
    return undisturbed and not reply.turn.heard


def forget_plans(s: State) -> None:
    """Stop means that nothing is said of our own accord either; messages are shown instead."""
    for message in s.priority:
        s.emit(Notify(Level.INFO, message.text))
    s.priority.clear()
    s.deferred = s.offer = None
