"""The transition table: for each phase and event, the one handler. A pair that is not here is illegal."""

from collections.abc import Callable
from typing import Any

from assistant.core import commands, events, hearing, initiative, overlap, speaking, tool_turns
from assistant.core.state import Phase, State

Handler = Callable[[State, Any], None]

_L, _H, _E, _T, _S, _O, _C = (
    Phase.LISTENING,
    Phase.HEARING,
    Phase.ENDPOINTING,
    Phase.THINKING,
    Phase.SPEAKING,
    Phase.OVERLAP,
    Phase.CLOSED,
)
_OPEN = (_L, _H, _E, _T, _S, _O)

# event -> handler -> the phases in which it applies
_ROWS: dict[type[events.Event], dict[Handler, tuple[Phase, ...]]] = {
    events.SpeechStarted: {
        hearing.begin_utterance: (_L,),
        hearing.go_on: (_H, _E, _O),
        overlap.overlap: (_T, _S),
        commands.ignore: (_C,),
    },
    events.SpeechStopped: {
        hearing.pause: (_H,),
        overlap.overlap_pause: (_O,),
        commands.ignore: (_L, _E, _T, _S, _C),
    },
    events.PartialTranscript: {hearing.partial: (_H, _E), overlap.overlap_partial: (_O,)},
    events.FinalTranscript: {hearing.final: (_H, _E), overlap.overlap_final: (_O,)},
    events.StopWordHeard: {commands.ignore: (_H, _E), overlap.stop_word: (_O,)},
    events.TypedInput: {commands.typed: _OPEN, commands.refuse: (_C,)},
    events.TypingStarted: {commands.typing_started: _OPEN, commands.ignore: (_C,)},
    events.PrioritySpeech: {initiative.priority_speech: _OPEN, commands.refuse: (_C,)},
    events.InterruptRequested: {commands.interrupted: _OPEN, commands.ignore: (_C,)},
    events.ContinueRequested: {commands.continue_reply: _OPEN, commands.refuse: (_C,)},
    events.MuteChanged: {commands.mute: _OPEN, commands.ignore: (_C,)},
    events.TalkKeyChanged: {commands.talk_key: _OPEN, commands.ignore: (_C,)},
    events.TokenGenerated: {speaking.token: _OPEN},
    events.GenerationFinished: {speaking.generated: _OPEN},
    events.PlayoutStarted: {speaking.playout_started: _OPEN},
    events.PlayoutFinished: {speaking.playout_finished: _OPEN},
    events.PlayoutStopped: {speaking.playout_stopped: _OPEN},
    events.SentenceFailed: {speaking.sentence_failed: _OPEN},
    events.ToolFinished: {tool_turns.tool_finished: _OPEN, commands.ignore: (_C,)},
    events.UndoRequested: {tool_turns.undo_requested: _OPEN, commands.refuse: (_C,)},
    events.ToolUndone: {tool_turns.tool_undone: _OPEN, commands.ignore: (_C,)},
    events.EngineReady: {commands.ignore: (*_OPEN, _C)},
    events.EngineFailed: {commands.engine_failed: _OPEN, commands.ignore: (_C,)},
    events.DeviceReady: {commands.device_ready: _OPEN, commands.ignore: (_C,)},
    events.DeviceLost: {commands.device_lost: _OPEN, commands.ignore: (_C,)},
    events.ConversationCleared: {commands.cleared: _OPEN, commands.refuse: (_C,)},
    events.TimePassed: {commands.time_passed: _OPEN, commands.ignore: (_C,)},
    events.ShutdownRequested: {commands.shutdown: _OPEN, commands.ignore: (_C,)},
}

TABLE: dict[tuple[Phase, type[events.Event]], Handler] = {
    (phase, event): handler for event, row in _ROWS.items() for handler, phases in row.items() for phase in phases
}


class IllegalTransitionError(Exception):
    """An event that cannot happen in this phase: a fault of the program, never of the user."""

    def __init__(self, phase: Phase, event: events.Event) -> None:
        super().__init__(f"{type(event).__name__} is impossible while {phase.value}")


def handler_for(phase: Phase, event: events.Event) -> Handler:
    """The handler of `event` in `phase`; raises IllegalTransitionError."""
    try:
        return TABLE[phase, type(event)]
    except KeyError:
        raise IllegalTransitionError(phase, event) from None
