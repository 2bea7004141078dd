"""What the window says of the tools that a reply has called."""

import json
from typing import Final

from assistant.session.snapshot import ToolView, UseStatus

UNDO: Final = "Undo"
_ASKED: Final[dict[str, str]] = {
    "get_time": "Looked at the clock",
    "get_date": "Looked at the calendar",
    "set_timer": "Timer",
    "cancel_timer": "Timer off",
    "calculate": "Calculated",
}
_STATUS: Final[dict[UseStatus, str]] = {
    UseStatus.RUNNING: "working",
    UseStatus.FAILED: "failed",
    UseStatus.CANCELLED: "cancelled",
    UseStatus.UNDONE: "undone",
}


def asked(tool: ToolView) -> str:
    """What was asked of the tool: "Timer: 5 minutes, pasta"."""
    name = _ASKED.get(tool.name) or tool.name.replace("_", " ").capitalize() or "Tool"
    details = _details(tool.arguments)
    return f"{name}: {details}" if details else name


def _details(arguments: str) -> str:
    try:
        values = json.loads(arguments)
    except ValueError:
        return ""
    if not isinstance(values, dict):
        return ""
    amount = " ".join(str(values[key]) for key in ("amount", "unit") if key in values)
    rest = [str(value) for key, value in values.items() if key not in ("amount", "unit") and value not in ("", None)]
    return ", ".join(part for part in (amount, *rest) if part)


def tool_line(tool: ToolView) -> str:
    """One line on a call: what was asked, how it stands, and what came of it."""
    return " · ".join(part for part in (asked(tool), _STATUS.get(tool.status, ""), tool.result) if part)


def undo_name(tool: ToolView) -> str:
    """What a screen reader says of the button that takes it back."""
    return f"{UNDO}: {asked(tool)}"
