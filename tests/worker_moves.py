"""What the workers may do next in an abstract world: mind, tools, player, devices, and their faults."""

from collections.abc import Callable, Collection

from assistant.core import events
from assistant.core.tool_calls import ToolResult
from tests.parts import Move, Part, sending
from tests.world import TOKENS, World

CALL = '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>'


def mind(world: World, parts: Collection[Part]) -> list[Move]:
    """The model writes, calls tools and stops; tools answer."""
    found = []
    if world.tools:
        found.append(Move("ToolFinished", True, _answering(ToolResult("It is set.", "a timer was set", "handle"))))
    if world.mind is not None and world.tokens:
        found.append(Move("TokenGenerated", True, lambda w: _write(w, TOKENS[-w.tokens])))
        if Part.TOOLS in parts and not world.tools:
            found.append(Move("TokenGenerated", False, lambda w: _write(w, CALL)))
    elif world.mind is not None:
        found.append(Move("GenerationFinished", True, _finish))
    return found


def _write(world: World, text: str) -> None:
    assert world.mind is not None
    world.tokens = 0 if text is CALL else world.tokens - 1
    world.send(events.TokenGenerated(world.now, world.mind, text))


def _answering(result: ToolResult) -> Callable[[World], object]:
    return lambda w: w.send(events.ToolFinished(w.now, *w.tools.pop(0), result))


def player(world: World) -> list[Move]:
    """Sentences begin, end, fail, or are reported cut."""
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
    world.play(epoch, sentence)
    world.send(events.PlayoutStarted(world.now, epoch, sentence))


def _finish_playout(world: World) -> None:
    epoch, sentence, _ = world.queue.pop(0)
    world.playing = False
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
    cut_off, world.stopped = world.stopped, None
    return cut_off


def devices(world: World) -> list[Move]:
    """Each sound device goes or comes."""
    s = world.conversation.state
    names = ((events.Device.MICROPHONE, s.microphone), (events.Device.LOUDSPEAKER, s.loudspeaker))
    return [
        Move("DeviceLost" if name else "DeviceReady", False, _changing(device, bool(name))) for device, name in names
    ]


def engines() -> list[Move]:
    """Each engine fails or comes back."""
    failing = [Move("EngineFailed", False, _failing(engine)) for engine in events.Engine]
    return [*failing, *(sending("EngineReady", False, _ready(engine)) for engine in events.Engine)]


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


def _finish(world: World) -> None:
    assert world.mind is not None
    epoch, world.mind = world.mind, None
    world.send(events.GenerationFinished(world.now, epoch, len(TOKENS)))


def undo(world: World) -> list[Move]:
    """What a tool did is taken back."""
    found = [sending("UndoRequested", False, lambda at: events.UndoRequested(at, "handle"))]
    if world.undoing is not None:
        found.append(Move("ToolUndone", True, _say_undone))
    return found


def _say_undone(world: World) -> None:
    assert world.undoing is not None
    call, world.undoing = world.undoing, None
    world.send(events.ToolUndone(world.now, call, "It was undone."))
