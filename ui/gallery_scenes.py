"""The states of a conversation that the gallery draws, each as it looks in the middle of one or before one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from assistant.core.effects import Level
from assistant.session.snapshot import (
    CutNote,
    EngineView,
    Meters,
    Notice,
    Playhead,
    Snapshot,
    Speaker,
    State,
    ToolView,
    TurnStatus,
    TurnView,
    UseStatus,
)

_READY: Final = (
    EngineView("Hearing", ready=True, failed=False, detail="Parley starter"),
    EngineView("Thinking", ready=True, failed=False, detail="Parley starter"),
    EngineView("Voice", ready=True, failed=False, detail="eSpeak NG"),
)
_IDLE: Final = Snapshot(microphone="Desk microphone", loudspeaker="Built-in speaker", engines=_READY)
_CUT_REPLY: Final = (
    "About thirty minutes at room temperature. If your kitchen is cold, give it closer to an hour, "
    "and cover it so the surface does not dry out."
)
_KEPT_REPLY: Final = (
    "Rye ferments faster and holds more water, so rest it for twenty minutes instead, and expect a stickier dough. "
    "Wet your hands before shaping, and bake it in a tin rather than as a free loaf."
)
_BAKE: Final = (
    "Start hot, at two hundred and forty degrees, for ten minutes. Then drop to two hundred and bake for another "
    "forty, until the base sounds hollow."
)


def _said(number: int, text: str, speaker: Speaker = Speaker.YOU) -> TurnView:
    at = datetime.now().replace(hour=18, minute=42).timestamp() + 20 * number
    return TurnView(number, speaker, text, len(text), TurnStatus.COMPLETE, at)


def _reply(number: int, text: str, heard: str, status: TurnStatus, cut: CutNote | None = None) -> TurnView:
    turn = _said(number, text, Speaker.PARLEY)
    return replace(turn, heard=len(heard), status=status, cut=cut, can_continue=cut is not None)


_BEFORE: Final[tuple[Callable[[], TurnView], ...]] = (
    lambda: _said(1, "I am baking rye bread tonight."),
    lambda: _said(2, "Good plan. Ask as you go, and cut in whenever you like.", Speaker.PARLEY),
    lambda: _said(3, "How long should I rest the dough before shaping it?"),
    lambda: _reply(
        4, _CUT_REPLY, _CUT_REPLY.split(" is cold")[0], TurnStatus.DROPPED, CutNote("stop", "you spoke", 140)
    ),
    lambda: _said(5, "And if I use half rye flour?"),
)


def _playhead(turn: TurnView, word: str) -> Playhead:
    start = turn.text.index(word)
    return Playhead(turn.number, start, start + len(word))


_UNDO: Final = (Notice(1, Level.INFO, "A timer for 25 minutes was set anyway. You can undo it.", undo="timer 2"),)


def _tool_turns() -> tuple[TurnView, ...]:
    """Calls in every state, an announcement, and an offer."""
    timer = '{"amount": %s, "unit": "minutes", "label": "bread"}'
    asked = ToolView(
        "set_timer", timer % 10, UseStatus.DONE, "The timer is set for 10 minutes, for the bread.", 0, "t1"
    )
    undone = ToolView("set_timer", timer % 25, UseStatus.UNDONE, "The timer is off.")
    total = ToolView("calculate", '{"expression": "58 + 63"}', UseStatus.DONE, "58 plus 63 is 121.")
    failed = ToolView("calculate", '{"expression": "1 / 0"}', UseStatus.FAILED, "Nothing can be divided by zero.")
    offer = _said(7, "Shall I go on with what I was saying?", Speaker.PARLEY)
    return (
        _said(1, "Set a timer for ten minutes, for the bread."),
        replace(_said(2, "It will ring in ten minutes.", Speaker.PARLEY), tools=(asked, undone)),
        _said(3, "What is fifty eight plus sixty three, and one by zero?"),
        replace(_said(4, "It is 121. The other one has no answer.", Speaker.PARLEY), tools=(total, failed)),
        replace(_said(5, "The timer for 10 minutes, for the bread, is over.", Speaker.PARLEY), announcement=True),
        replace(offer, offers=4),
    )


def scenes() -> dict[str, tuple[Snapshot, Meters]]:
    """Every state by name, each as it looks in the middle of a conversation or before one."""
    before = tuple(make() for make in _BEFORE)
    writing = _reply(6, _KEPT_REPLY, "", TurnStatus.WRITING)
    kept = CutNote("just show me", "you spoke", 170)
    shown = _reply(6, _KEPT_REPLY, _KEPT_REPLY.split(" and expect")[0], TurnStatus.KEPT_AS_TEXT, kept)
    bake = _reply(8, _BAKE, "", TurnStatus.WRITING)
    talk = replace(_IDLE, turns=before)
    loud = Meters(-18.0, -14.0)
    speaking = replace(talk, state=State.SPEAKING, turns=(*before, writing))
    ducked = replace(
        talk,
        state=State.DUCKED,
        turns=(*before, shown, _said(7, "What temperature for the bake?"), bake),
        caption_settled="wait, my oven only goes up to two",
        caption_unsettled="hund",
    )
    stopped = _reply(
        6, _KEPT_REPLY, _KEPT_REPLY.split(" minutes")[0], TurnStatus.DROPPED, CutNote("", "you pressed Stop", 40)
    )
    loading = (_READY[0], EngineView("Thinking", False, False, "Loading the chat model"), _READY[2])
    broken = "The voice does not start: install espeak-ng, then start Parley again."
    return {
        "listening": (talk, loud),
        "hearing": (replace(talk, state=State.HEARING, turns=before[:4], caption_settled="and if I use"), loud),
        "thinking": (replace(talk, state=State.THINKING), loud),
        "speaking": (speaking, replace(loud, playhead=_playhead(writing, "twenty"))),
        "ducked": (ducked, replace(loud, playhead=_playhead(bake, "minutes."))),
        "interrupted": (replace(talk, state=State.INTERRUPTED, turns=(*before, stopped)), loud),
        "tools": (replace(talk, turns=_tool_turns(), notices=_UNDO), loud),
        "muted": (replace(_IDLE, state=State.MUTED, muted=True), loud),
        "no-microphone": (replace(_IDLE, state=State.NO_MICROPHONE, microphone=None), Meters()),
        "empty": (_IDLE, Meters()),
        "loading": (replace(_IDLE, engines=loading), Meters()),
        "fault": (
            replace(
                talk,
                engines=(*_READY[:2], EngineView("Voice", False, True, broken)),
                notices=(
                    Notice(1, Level.INFO, "The loudspeaker is back: Built-in speaker."),
                    Notice(2, Level.PROBLEM, broken),
                ),
            ),
            Meters(),
        ),
    }
