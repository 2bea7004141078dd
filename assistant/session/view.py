"""From the conversation's state to the pictures that a face shows."""

from dataclasses import dataclass

from assistant.core.conversation import Conversation
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Interruption, Reason
from assistant.core.messages import Role
from assistant.core.sentences import Span, word_at
from assistant.core.state import Phase, Reply
from assistant.core.state import State as Core
from assistant.core.tool_calls import ToolUse, UseStatus
from assistant.session.snapshot import CutNote, Playhead, Speaker, State, ToolView, TurnView

_STATE = {
    Phase.LISTENING: State.LISTENING,
    Phase.HEARING: State.HEARING,
    Phase.ENDPOINTING: State.HEARING,
    Phase.THINKING: State.THINKING,
    Phase.SPEAKING: State.SPEAKING,
    Phase.OVERLAP: State.DUCKED,
    Phase.CLOSED: State.LISTENING,
}

_CAUSES = {
    Reason.USER_CLICKED_STOP: "you pressed Stop",
    Reason.USER_STARTED_TYPING: "you typed",
    Reason.CLIENT_REQUEST: "another program asked for silence",
    Reason.TIMEOUT: "the reply ran too long",
    Reason.PRIORITY_MESSAGE: "something else came up",
    Reason.ENGINE_FAILED: "the voice failed",
    Reason.DEVICE_LOST: "the loudspeaker went away",
    Reason.NEW_CONVERSATION: "you began a new conversation",
    Reason.SHUTDOWN: "Parley was closed",
}


def state_of(core: Core) -> State:
    """The one state to show. Priority: no microphone, interrupted, ducked, hearing, speaking, thinking, muted."""
    if core.microphone is None and core.phase is Phase.LISTENING:
        return State.NO_MICROPHONE
    if core.interrupted_until is not None and core.phase in (Phase.LISTENING, Phase.HEARING, Phase.ENDPOINTING):
        return State.INTERRUPTED
    if core.phase is Phase.LISTENING and core.muted:
        return State.MUTED
    return _STATE[core.phase]


def alive_epochs(core: Core) -> tuple[int, ...]:
    """The epochs for which something may still be done."""
    return () if core.reply is None else (core.reply.epoch, core.reply.text_epoch)


def caption_of(core: Core) -> tuple[str, str]:
    """The user's words: settled (from finished parts of the turn, or final) and unsettled."""
    u = core.utterance
    if u is None:
        return "", ""
    return (u.said, "") if u.final else (u.prefix, u.text)


class ThreadView:
    """The turns as shown; only those that may have changed are looked at again."""

    def __init__(self, wall_offset: float) -> None:
        """`wall_offset` turns event time into seconds since the epoch."""
        self._wall_offset = wall_offset
        self._settled: dict[int, TurnView] = {}

    def changed(self, number: int) -> None:
        """Turn `number` is to be looked at again."""
        self._settled.pop(number, None)

    def clear(self) -> None:
        """A new conversation began."""
        self._settled.clear()

    def turns(self, conversation: Conversation) -> tuple[TurnView, ...]:
        """All turns, oldest first."""
        turns = conversation.turns
        reply = conversation.state.reply  # its text may grow even where its speech is over
        for turn in turns:
            growing = turn.status is TurnStatus.WRITING or (reply is not None and turn is reply.turn)
            if growing or turn.number not in self._settled:
                self._settled[turn.number] = _turn_view(turn, self._wall_offset)
        return tuple(self._settled[turn.number] for turn in turns)


def _turn_view(turn: Turn, wall_offset: float) -> TurnView:
    return TurnView(
        number=turn.number,
        speaker=Speaker.YOU if turn.role is Role.USER else Speaker.PARLEY,
        text=turn.text,
        heard=turn.heard,
        status=turn.status,
        spoken_at=turn.at + wall_offset,
        cut=_cut_note(turn.interruption),
        can_continue=turn.can_continue,
        continued=turn.continued,
        tools=tuple(_tool_view(use) for use in turn.uses),
        announcement=turn.announcement,
        offers=turn.offers,
    )


def _tool_view(use: ToolUse) -> ToolView:
    result = use.result
    undo = result.undo if result is not None and use.status is not UseStatus.UNDONE else ""
    text = result.text if result is not None else ""
    return ToolView(use.call.name, use.call.arguments_json, use.status, text, use.at, undo)


def _cut_note(record: Interruption | None) -> CutNote | None:
    if record is None:
        return None
    words = record.words if record.reason is Reason.USER_SPEAKING else ""
    cause = _CAUSES.get(record.reason, "you spoke")
    return CutNote(words, cause, round(record.latency_s * 1000))


@dataclass(frozen=True, slots=True)
class Script:
    """What is needed to turn the player's position into a place in the thread, safe to read from any thread."""

    epoch: int = 0
    turn: int = 0
    text: str = ""
    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, reply: Reply | None) -> "Script":
        """The script of the reply on its way."""
        if reply is None or reply.speculative:
            return cls()
        return cls(reply.epoch, reply.turn.number, reply.turn.text, tuple(reply.turn.spans))

    def playhead(self, position: tuple[int, int, float] | None) -> Playhead | None:
        """The word at the player's `position` (epoch, sentence, fraction)."""
        if position is None or position[0] != self.epoch or position[1] >= len(self.spans):
            return None
        _, sentence, fraction = position
        span = self.spans[sentence]
        word = word_at(self.text[span.start : span.end], fraction)
        return Playhead(self.turn, span.start + word.start, span.start + word.end)
