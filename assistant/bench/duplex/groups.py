"""The kinds of generated scenarios."""

from assistant.bench.duplex.cases import Draw, Group, Probe, Want
from assistant.bench.duplex.phrases import (
    HALVES,
    HESITATIONS,
    NEW_OPENINGS,
    SAYINGS,
    SHORT_OPENING,
    SIDE_TALK,
    TASK,
)
from assistant.core.interruptions import Kind
from assistant.session.simulation.scenario import Scenario

Built = tuple[Scenario, tuple[Probe, ...]]

_ANSWERED = (Kind.CORRECTION, Kind.REDIRECT, Kind.CLARIFICATION)


def _interruption(kind: Kind, draw: Draw) -> Built:
    said = draw.say("probe", draw.turn(SAYINGS[kind]), after="playout_started", offset_s=draw.position())
    return draw.scenario(said), (Probe("probe", Want.YIELD, kind, kind in _ANSWERED),)


def _stop_word(draw: Draw) -> Built:
    return _interruption(Kind.CANCELLATION, draw)


def _correction(draw: Draw) -> Built:
    return _interruption(Kind.CORRECTION, draw)


def _redirect(draw: Draw) -> Built:
    return _interruption(Kind.REDIRECT, draw)


def _clarification(draw: Draw) -> Built:
    return _interruption(Kind.CLARIFICATION, draw)


def _backchannel(draw: Draw) -> Built:
    words = draw.turn(SAYINGS[Kind.BACKCHANNEL])
    said = draw.say("probe", words, after="playout_started", offset_s=draw.position(), role="backchannel")
    return draw.scenario(said), (Probe("probe", Want.GO_ON, Kind.BACKCHANNEL),)


def _noise(draw: Draw) -> Built:
    """Every fifth while Parley listens: it must not answer a cough either."""
    probe = (Probe("probe", Want.GO_ON),)
    if draw.number % 5 == 4:
        return draw.silence(draw.sound("probe", at=draw.seconds(0.5, 1.5))), probe
    return draw.scenario(draw.sound("probe", after="playout_started", offset_s=draw.position())), probe


def _hesitation(draw: Draw) -> Built:
    words = draw.turn(HESITATIONS)
    said = draw.say("probe", words, after="playout_started", offset_s=draw.position(), role="noise")
    return draw.scenario(said), (Probe("probe", Want.GO_ON),)


def _side_talk(draw: Draw) -> Built:
    """Somebody turned away from the microphone, or further away from it."""
    level_dbfs, at = draw.seconds(-44.0, -36.0), draw.position()
    words = draw.turn(SIDE_TALK)
    said = draw.say("probe", words, after="playout_started", offset_s=at, role="side_talk", level_dbfs=level_dbfs)
    return draw.scenario(said), (Probe("probe", Want.GO_ON),)


def _pause(draw: Draw) -> Built:
    first, second = draw.turn(HALVES)
    begin = draw.say("begin", first, after="playout_started", offset_s=draw.position())
    end = draw.say("end", second, after="begin", offset_s=draw.seconds(0.25, 0.55), role="turn")
    whole = f"{first} {second}"
    return draw.scenario(begin, end), (
        Probe("begin", Want.YIELD, turn=whole),
        Probe("end", Want.TAKE, answered=True, turn=whole),
    )


def _resume(draw: Draw) -> Built:
    stop = draw.stop(draw.seconds(1.0, 4.0))
    said = draw.say(
        "probe", draw.turn(SAYINGS[Kind.RESUME]), after="stop", offset_s=draw.seconds(0.8, 2.0), role="turn"
    )
    return draw.scenario(stop, said), (Probe("probe", Want.TAKE, Kind.RESUME, answered=True),)


def _resumed_again(draw: Draw) -> Built:
    """The rest of a reply is interrupted in its turn."""
    stop = draw.stop(draw.seconds(1.0, 3.0))
    more = draw.say("more", "continue", after="stop", offset_s=1.0, role="turn")
    again = draw.say("probe", draw.turn(SAYINGS[Kind.CANCELLATION]), after="playout_started", offset_s=draw.position())
    return draw.scenario(stop, more, again), (
        Probe("more", Want.TAKE, Kind.RESUME, answered=True),
        Probe("probe", Want.YIELD, Kind.CANCELLATION),
    )


def _double(draw: Draw) -> Built:
    """An interruption, and another one over the answer to it."""
    first = draw.say("first", "no i said tell me a joke", after="playout_started", offset_s=draw.position())
    second = draw.say(
        "second", draw.turn(SAYINGS[Kind.CANCELLATION]), after="playout_started", offset_s=draw.seconds(0.1, 0.8)
    )
    return draw.scenario(first, second), (
        Probe("first", Want.YIELD, Kind.CORRECTION, answered=True),
        Probe("second", Want.YIELD, Kind.CANCELLATION),
    )


def _overlapping(draw: Draw) -> Built:
    """A stop word during, or right after, a sound that is none."""
    offset_s = draw.position()
    stop = draw.turn(SAYINGS[Kind.CANCELLATION])
    probe = (Probe("probe", Want.YIELD, Kind.CANCELLATION),)
    if draw.number % 2:
        sound = draw.sound("sound", after="playout_started", offset_s=offset_s)
        said = draw.say("probe", stop, after="playout_started", offset_s=offset_s + draw.seconds(0.0, 0.2))
        return draw.scenario(sound, said), probe
    yeah = draw.say("yeah", "yeah", after="playout_started", offset_s=offset_s, role="backchannel")
    said = draw.say("probe", stop, after="yeah", offset_s=draw.seconds(0.1, 1.0))
    return draw.scenario(yeah, said), probe


def _prefill(draw: Draw) -> Built:
    """Before the first token: the prompt is still being evaluated."""
    said = draw.say("probe", draw.turn(SAYINGS[Kind.CANCELLATION]), after="open", offset_s=draw.seconds(0.2, 1.5))
    scenario = draw.scenario(said, opening=draw.turn(NEW_OPENINGS), fresh=True, costs={"prompt_tokens_per_s": 2.0})
    return scenario, (Probe("probe", Want.YIELD, Kind.CANCELLATION),)


def _cold(draw: Draw) -> Built:
    """The first words of a session: the echo canceller knows nothing of the room."""
    stop = draw.turn(SAYINGS[Kind.CANCELLATION])
    said = draw.say("probe", stop, after="playout_started", offset_s=draw.seconds(0.0, 2.0))
    return draw.scenario(said, fresh=True), (Probe("probe", Want.YIELD, Kind.CANCELLATION),)


def _tool(draw: Draw) -> Built:
    """While a tool is at work."""
    said = draw.say(
        "probe", draw.turn(SAYINGS[Kind.CANCELLATION]), after="tool_called", offset_s=draw.seconds(0.1, 1.0)
    )
    scenario = draw.scenario(said, opening=TASK, fresh=True, costs={"tool_s": 3.0})
    return scenario, (Probe("probe", Want.YIELD, Kind.CANCELLATION),)


def _last_moment(draw: Draw) -> Built:
    """Its time is set when the length of the reply is known."""
    said = draw.say("probe", draw.turn(("stop", "stop talking")), after="playout_started")
    return draw.scenario(said, opening=SHORT_OPENING), (Probe("probe", Want.TAKE, Kind.CANCELLATION),)


GROUPS = (
    Group("stop-word", "A stop word", 44, _stop_word),
    Group("correction", "A correction", 24, _correction),
    Group("redirect", "Another question", 28, _redirect),
    Group("clarification", "Say that again", 16, _clarification),
    Group("backchannel", "A backchannel", 42, _backchannel),
    Group("noise", "A cough or a noise", 32, _noise),
    Group("hesitation", "Um", 8, _hesitation),
    Group("side-talk", "Talk to somebody else", 10, _side_talk),
    Group("pause", "A turn with a pause inside", 6, _pause),
    Group("resume", "Go on", 10, _resume),
    Group("resumed-again", "The rest is interrupted, too", 6, _resumed_again),
    Group("double", "Interrupted twice", 8, _double),
    Group("overlapping", "A stop word and another sound", 10, _overlapping),
    Group("cold", "Stop over the first words of all", 6, _cold),
    Group("prefill", "Stop before the first token", 6, _prefill),
    Group("tool", "Stop while a tool is at work", 6, _tool),
    Group("last-moment", "Stop at the end of the reply", 8, _last_moment, before_end_s=(0.0, 0.1)),
)
