"""Calls of tools: finding them in the text of a reply as it is generated, and what becomes of each."""

import json
from dataclasses import dataclass, field
from enum import StrEnum

OPEN, CLOSE = "<tool_call>", "</tool_call>"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call: `number` is unique within a session, `arguments_json` a JSON object; a malformed call has no name."""

    number: int
    name: str
    arguments_json: str = "{}"

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments by their names."""
        arguments: dict[str, object] = json.loads(self.arguments_json)
        return arguments

    @property
    def message_text(self) -> str:
        """The call as the model writes it."""
        return f"{OPEN}{json.dumps({'name': self.name, 'arguments': self.arguments}, ensure_ascii=False)}{CLOSE}"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered: `text` is shown; the model is told `for_model`, or `text` where that is empty.

    `took_effect` is "" or a clause that says what was changed ("a timer for 5 minutes was set"), `undo` is "" or the
    handle by which the tool can take that back. Not `ok`: `text` says what went wrong.
    """

    text: str
    took_effect: str = ""
    undo: str = ""
    ok: bool = True
    for_model: str = ""

    @classmethod
    def failed(cls, text: str) -> "ToolResult":
        """A call that came to nothing, as the sentence `text` says; the model is told in JSON, as by the tools."""
        error = text[0].lower() + text[1:].rstrip(".")
        return cls(text, ok=False, for_model=json.dumps({"error": error}, ensure_ascii=False))


class UseStatus(StrEnum):
    """What became of a call."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Its reply was cut off: whatever comes of it is not part of the dialogue."""
    UNDONE = "undone"


@dataclass(slots=True)
class ToolUse:
    """A call within a turn, and its result. It was made before the character `at` of the turn's text.

    `discarded`: its reply was cut off while it ran, and the model is not told of it.
    """

    call: ToolCall
    at: int = 0
    status: UseStatus = UseStatus.RUNNING
    result: ToolResult | None = None
    discarded: bool = False

    def finish(self, result: ToolResult) -> None:
        """The tool has answered; too late where the use is discarded."""
        self.result = result
        if not self.discarded:
            self.status = UseStatus.DONE if result.ok else UseStatus.FAILED

    def cancel(self) -> None:
        """The reply was cut off."""
        self.status, self.discarded = UseStatus.CANCELLED, True

    def undo(self, text: str) -> None:
        """What it did was taken back, as `text` says."""
        self.status = UseStatus.UNDONE
        if self.result is not None:
            self.result = ToolResult(f"{self.result.text} {text}", ok=self.result.ok)


@dataclass(slots=True)
class CallParser:
    """Parts the text that is shown and spoken from the calls in it, whatever the pieces it arrives in.

    A call is `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`, the format of the Hermes function calling
    models. What follows the first call is not shown: the model could not know the result. Calls are numbered from 1.
    """

    calls: list[ToolCall] = field(default_factory=list)
    _held: str = ""
    _inside: bool = False

    def feed(self, text: str) -> str:
        """Take a piece of the stream and return what is visible of it, once that is certain."""
        self._held += text
        visible = ""
        while True:
            mark = CLOSE if self._inside else OPEN
            before, found, after = self._held.partition(mark)
            if not found:
                break
            if self._inside:
                self._take(before)
            elif not self.calls:
                visible += before
            self._held, self._inside = after, not self._inside
        if self._inside or self.calls:
            return visible
        kept = _overlap(self._held, OPEN)
        certain = self._held[: len(self._held) - kept]
        self._held = self._held[len(certain) :]
        return visible + certain

    def flush(self) -> str:
        """No more comes: return what was held back; a call that was not closed is taken as it is."""
        held, self._held = self._held, ""
        if not self._inside:
            return "" if self.calls else held
        self._inside = False
        self._take(held)
        return ""

    def _take(self, text: str) -> None:
        name, arguments = _parse(text)
        self.calls.append(ToolCall(len(self.calls) + 1, name, json.dumps(arguments, ensure_ascii=False)))


def _parse(text: str) -> tuple[str, dict[str, object]]:
    """Name and arguments of a call; no name where `text` is not one."""
    try:
        call = json.loads(text)
    except ValueError:
        return "", {}
    name, arguments = (call.get("name"), call.get("arguments", {})) if isinstance(call, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return "", {}
    return name, arguments


def _overlap(text: str, mark: str) -> int:
    """Length of the longest end of `text` that `mark` begins with."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if mark.startswith(text[-size:])), 0)
