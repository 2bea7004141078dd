"""All that can legally happen next in an abstract world: what ear, mind, player, user and faults may do."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from assistant.core import events
from assistant.core.interruptions import Reason
from assistant.core.state import Phase
from tests.world import STEP_S, TOKENS, World

PARTIALS = ("tell me more", "yeah")
FINALS = ("", "tell me more", "yeah", "stop", "continue")
FEWER_PARTIALS, FEWER_FINALS = PARTIALS[:1], FINALS[:2]
"""Without Part.WORDS, and where two utterances are joined: enough to see that no words are lost."""


class Part(StrEnum):
    """Whose moves are among those considered; mind, player and time always are."""

    VOICE = "voice"
    """The user speaks, or makes a noise."""
    WORDS = "words"
    """All classes of words, stop words, and speech after the end of an utterance."""
    HANDS = "hands"
    """Typing, stopping, continuing, a new conversation, the end."""
    KEYS = "keys"
    """Push-to-talk and mute."""
    DEVICES = "devices"
    """The sound devices come and go."""
    ENGINES = "engines"
    """The engines fail and come back."""


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can happen next. `honest`: it happens by itself, without anything new from the user."""

    name: str
    honest: bool
    do: Callable[[World], object]


def moves(world: World, parts: Collection[Part] = tuple(Part)) -> list[Move]:
    """All that can legally happen next."""
    found = [*_time(world), *_mind(world), *_player(world), *_ear(world, parts)]
    if Part.HANDS in parts:
        found += _hands(world)
    if Part.KEYS in parts:
        found += _keys(world)
    if Part.DEVICES in parts:
        found += _devices(world)
    if Part.ENGINES in parts:
        found += _engines()
    return found


def _sending(name: str, honest: bool, make: Callable[[float], events.Event]) -> Move:
    return Move(name, honest, lambda w: w.send(make(w.now)))


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
    words = Part.WORDS in parts
    few = not words or (u is not None and bool(u.earlier))
    found = []
    if world.voice:
        found.append(Move("SpeechStopped", True, lambda w: _voice(w, False)))
    elif Part.VOICE in parts and s.microphone is not None and (u is None or u.open or (words and not u.earlier)):
        found.append(Move("SpeechStarted", False, lambda w: _voice(w, True)))
    if (number := world.listening) is not None:
        for text in FEWER_PARTIALS if few else PARTIALS:
            found.append(_sending("PartialTranscript", False, _partial(number, text)))
        if words:
            found.append(_sending("StopWordHeard", False, lambda at: events.StopWordHeard(at, number, "stop")))
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


def _mind(world: World) -> list[Move]:
    if world.mind is None:
        return []
    if world.tokens:
        return [Move("TokenGenerated", True, _say_token)]
    return [Move("GenerationFinished", True, _finish)]


def _say_token(world: World) -> None:
    assert world.mind is not None
    text = TOKENS[-world.tokens]
    world.tokens -= 1
    world.send(events.TokenGenerated(world.now, world.mind, text))


def _finish(world: World) -> None:
    assert world.mind is not None
    epoch, world.mind = world.mind, None
    world.send(events.GenerationFinished(world.now, epoch, len(TOKENS)))


def _player(world: World) -> list[Move]:
    found = []
    if world.queue and not world.playing:
        found.append(Move("PlayoutStarted", True, _start_playout))
        found.append(Move("SentenceFailed", False, _fail_sentence))
    elif world.playing:
        found.append(Move("PlayoutFinished", True, _finish_playout))
    if world.stopped is not None:
        found.append(Move("PlayoutStopped", True, _report_stop))
        found.append(Move("PlayoutFinished", True, _report_too_late))
        found.append(Move("no report", True, _lose_report))
    return found


def _start_playout(world: World) -> None:
    epoch, sentence, _ = world.queue[0]
    world.playing = True
    world.send(events.PlayoutStarted(world.now, epoch, sentence))


def _finish_playout(world: World) -> None:
    epoch, sentence, text = world.queue.pop(0)
    world.playing = False
    world.played[epoch] = f"{world.played.get(epoch, '')} {text}".strip()
    world.send(events.PlayoutFinished(world.now, epoch, sentence))


def _fail_sentence(world: World) -> None:
    epoch, sentence, _ = world.queue.pop(0)
    world.send(events.SentenceFailed(world.now, epoch, sentence, "The voice failed."))


def _report_stop(world: World) -> None:
    epoch, sentence, _ = _cut_off(world)
    world.send(events.PlayoutStopped(world.now, epoch, sentence, 0.5))


def _report_too_late(world: World) -> None:
    epoch, sentence, _ = _cut_off(world)
    world.send(events.PlayoutFinished(world.now, epoch, sentence))


def _lose_report(world: World) -> None:
    world.stopped = None


def _cut_off(world: World) -> tuple[int, int, str]:
    assert world.stopped is not None
    (epoch, sentence, text), world.stopped = world.stopped, None
    world.played[epoch] = f"{world.played.get(epoch, '')} {text}".strip()
    return epoch, sentence, text


def _hands(world: World) -> list[Move]:
    s = world.conversation.state
    stop, client = Reason.USER_CLICKED_STOP, Reason.CLIENT_REQUEST
    found = [
        _sending("InterruptRequested", False, lambda at: events.InterruptRequested(at, stop)),
        _sending("InterruptRequested", False, lambda at: events.InterruptRequested(at, client, speech_only=True)),
        _sending("ConversationCleared", False, lambda at: events.ConversationCleared(at)),
        _sending("ShutdownRequested", False, lambda at: events.ShutdownRequested(at)),
    ]
    if len(s.queue) < 2:
        found.append(_sending("TypedInput", False, lambda at: events.TypedInput(at, "tell me more")))
        found.append(_sending("TypedInput", False, lambda at: events.TypedInput(at, "what was that")))
        found.append(_sending("ContinueRequested", False, lambda at: events.ContinueRequested(at)))
    return found


def _keys(world: World) -> list[Move]:
    muted = world.conversation.state.muted
    return [
        _sending("MuteChanged", False, lambda at: events.MuteChanged(at, not muted)),
        Move("TalkKeyChanged", world.key, _press_or_release),
    ]


def _press_or_release(world: World) -> None:
    world.key = not world.key
    world.send(events.TalkKeyChanged(world.now, world.key))


def _devices(world: World) -> list[Move]:
    s = world.conversation.state
    names = ((events.Device.MICROPHONE, s.microphone), (events.Device.LOUDSPEAKER, s.loudspeaker))
    return [
        Move("DeviceLost" if name else "DeviceReady", False, _changing(device, bool(name))) for device, name in names
    ]


def _engines() -> list[Move]:
    failing = [Move("EngineFailed", False, _failing(engine)) for engine in events.Engine]
    return [*failing, *(_sending("EngineReady", False, _ready(engine)) for engine in events.Engine)]


def _changing(device: events.Device, lost: bool) -> Callable[[World], object]:
    return lambda w: _change_device(w, device, lost)


def _change_device(world: World, device: events.Device, lost: bool) -> None:
    if lost and device is events.Device.MICROPHONE:
        world.voice = False
    event = events.DeviceLost(world.now, device, "Gone.") if lost else events.DeviceReady(world.now, device, "device")
    world.send(event)


def _failing(engine: events.Engine) -> Callable[[World], object]:
    return lambda w: _fail_engine(w, engine)


def _fail_engine(world: World, engine: events.Engine) -> None:
    if engine is events.Engine.MIND:
        world.mind = None
    elif engine is events.Engine.EAR:
        world.to_transcribe.clear()
    else:
        world.queue = world.queue[:1] if world.playing else []
    world.send(events.EngineFailed(world.now, engine, "It failed."))


def _ready(engine: events.Engine) -> Callable[[float], events.Event]:
    return lambda at: events.EngineReady(at, engine)
