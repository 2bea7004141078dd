"""Handlers for tools: their results, and taking back what they did."""

from assistant.core.cutting import tell_effect
from assistant.core.effects import Level, Notify, SaveTurn, UndoTool
from assistant.core.events import ToolFinished, ToolUndone, UndoRequested
from assistant.core.state import Reply, State
from assistant.core.tool_calls import ToolUse, UseStatus
from assistant.core.writing import call_tools


def tool_finished(s: State, event: ToolFinished) -> None:
    """A result: the reply goes on with it. That of a cut-off reply is no part of the dialogue, but never hidden."""
    result = event.result
    found = s.history.use(event.call)
    if found is not None and found[1].result is not None:
        return
    if result.undo:
        s.handles[result.undo] = event.call
    if found is not None:
        turn, use = found
        use.finish(result)
        s.emit(SaveTurn(turn.number))
    reply = s.reply
    if found is not None and reply is not None and reply.use is found[1]:
        reply.use = None
        _replace_corrected(s, reply, found[1])
        call_tools(s, event.at)
    else:
        tell_effect(s, result)


def _replace_corrected(s: State, reply: Reply, use: ToolUse) -> None:
    """A tool called again because the user put something right: take back what it did before."""
    before = reply.corrects.uses if reply.corrects is not None else []
    for old in before:
        if use.status is UseStatus.DONE and old.call.name == use.call.name and old.result is not None:
            _undo(s, old.result.undo)


def undo_requested(s: State, event: UndoRequested) -> None:
    """Have a tool take back what it did."""
    _undo(s, event.handle)


def _undo(s: State, handle: str) -> None:
    call = s.handles.pop(handle, None)
    if call is not None:  # else it is undone already
        s.emit(UndoTool(call, handle))


def tool_undone(s: State, event: ToolUndone) -> None:
    """Say what came of it."""
    found = s.history.use(event.call)
    if found is not None:
        turn, use = found
        use.undo(event.text)
        s.emit(SaveTurn(turn.number))
    s.emit(Notify(Level.INFO, event.text))
