"""All that can legally happen next in an abstract world: what ear, mind, player, user and faults may do."""

from collections.abc import Callable, Collection

from assistant.core import events
from assistant.core.interruptions import Reason
from assistant.core.state import Phase
from tests.parts import Move, Part, sending
from tests.worker_moves import devices, engines, mind, player, undo
from tests.world import STEP_S, World

PARTIALS = ("tell me more", "yeah")
FINALS = ("", "tell me more", "yeah", "stop", "continue")
FEWER_PARTIALS, FEWER_FINALS = PARTIALS[:1], FINALS[:2]
"""Without Part.WORDS, and where two utterances are joined: enough to see that no words are lost."""


def moves(world: World, parts: Collection[Part] = tuple(Part)) -> list[Move]:
    """All that can legally happen next."""
    found = [*_time(world), *mind(world, parts), *player(world), *_ear(world, parts)]
    if Part.TYPING in parts or Part.HANDS in parts:
        found += _typing(world)
    if Part.HANDS in parts:
        found += _hands(world)
    if Part.KEYS in parts:
        found += _keys(world)
    if Part.DEVICES in parts:
        found += devices(world)
    if Part.ENGINES in parts:
        found += engines()
    if Part.UNDO in parts:
        found += undo(world)
    if Part.MESSAGES in parts:
        found += _messages(world)
    return found


def _time(world: World) -> list[Move]:
    due = world.conversation.next_deadline
    s = world.conversation.state
    found = []
    if due is not None:
        found.append(Move("TimePassed", True, lambda w: _reach(w, due)))
    if s.phase is Phase.OVERLAP and (due is None or due > world.now + STEP_S + 1e-6):
        found.append(Move("a little later", False, lambda w: _wait(w, STEP_S)))
    return found


def _reach(world: World, due: float) -> None:
    world.now = max(world.now, due)
    world.send(events.TimePassed(world.now))


def _wait(world: World, seconds: float) -> None:
    world.now += seconds


def _ear(world: World, parts: Collection[Part]) -> list[Move]:
    s = world.conversation.state
    u = s.utterance
    words, pauses = Part.WORDS in parts, Part.PAUSES in parts
    few = not words or (u is not None and bool(u.earlier))
    found = []
    if world.voice:
        found.append(Move("SpeechStopped", True, lambda w: _voice(w, False)))
    elif Part.VOICE in parts and s.microphone is not None and (u is None or u.open or (pauses and not u.earlier)):
        found.append(Move("SpeechStarted", False, lambda w: _voice(w, True)))
    if (number := world.listening) is not None:
        for text in FEWER_PARTIALS if few else PARTIALS:
            found.append(sending("PartialTranscript", False, _partial(number, text)))
        if words:
            found.append(sending("StopWordHeard", False, lambda at: events.StopWordHeard(at, number, "stop")))
    if world.to_transcribe:
        for text in FEWER_FINALS if few else FINALS:
            found.append(Move("FinalTranscript", True, _transcribing(text)))
    return found


def _partial(number: int, text: str) -> Callable[[float], events.Event]:
    return lambda at: events.PartialTranscript(at, number, text)


def _transcribing(text: str) -> Callable[[World], object]:
    return lambda w: w.send(events.FinalTranscript(w.now, w.to_transcribe.pop(0), text))


def _voice(world: World, active: bool) -> None:
    world.voice = active
    world.send(events.SpeechStarted(world.now, world.now) if active else events.SpeechStopped(world.now, world.now))


def _messages(world: World) -> list[Move]:
    s = world.conversation.state
    if s.priority or (s.reply is not None and s.reply.turn.announcement):
        return []
    return [
        sending("PrioritySpeech", False, lambda at: events.PrioritySpeech(at, "Ring ring.")),
        sending("PrioritySpeech", False, lambda at: events.PrioritySpeech(at, "Fire.", critical=True)),
    ]


def _typing(world: World) -> list[Move]:
    stop = Reason.USER_CLICKED_STOP
    found = [sending("InterruptRequested", False, lambda at: events.InterruptRequested(at, stop))]
    if not world.conversation.state.queue:
        found.append(sending("TypedInput", False, lambda at: events.TypedInput(at, "tell me more")))
    return found


def _hands(world: World) -> list[Move]:
    s = world.conversation.state
    client = Reason.CLIENT_REQUEST
    typing = s.options.typing_interrupts
    found = [
        sending("InterruptRequested", False, lambda at: events.InterruptRequested(at, client, speech_only=True)),
        sending("ConversationCleared", False, lambda at: events.ConversationCleared(at)),
        sending("ShutdownRequested", False, lambda at: events.ShutdownRequested(at)),
    ]
    if len(s.queue) < 2:
        found.append(sending("TypedInput", False, lambda at: events.TypedInput(at, "what was that")))
        found.append(sending("ContinueRequested", False, lambda at: events.ContinueRequested(at)))
        if typing:
            found.append(sending("TypingStarted", False, lambda at: events.TypingStarted(at)))
    return found


def _keys(world: World) -> list[Move]:
    muted = world.conversation.state.muted
    return [
        sending("MuteChanged", False, lambda at: events.MuteChanged(at, not muted)),
        Move("TalkKeyChanged", world.key, _press_or_release),
    ]


def _press_or_release(world: World) -> None:
    world.key = not world.key
    world.send(events.TalkKeyChanged(world.now, world.key))
