"""The tools that are switched on: their calls are checked and run here, and nothing that one of them does gets out."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolCall, ToolResult
from assistant.errors import UserError
from assistant.tools.calculator import Calculate
from assistant.tools.clock import GetDate, GetTime, WallClock
from assistant.tools.timers import CancelTimer, SetTimer, Timers
from assistant.tools.tool import Ring, Tool

_log = logging.getLogger(__name__)


def standard_tools(now: WallClock) -> tuple[Tool[Any], ...]:
    """The tools that come with Parley; `now` tells the local time with its time zone."""
    timers = Timers(now)
    return (GetTime(now), GetDate(now), SetTimer(timers), CancelTimer(timers), Calculate())


class Toolbox:
    """Tools by their names. Any thread."""

    def __init__(self, tools: Sequence[Tool[Any]], enabled: Iterable[str] | None = None) -> None:
        """`enabled` names the tools that may be called, in any order; None for all."""
        self._tools = {tool.name: tool for tool in tools}
        self.enabled = frozenset(self._tools if enabled is None else enabled)
        """May be replaced at any time. A tool that is switched off still rings, and its effects can be undone."""

    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """What the model is told of the tools that are on: name, description, JSON schema of the arguments."""
        return tuple(
            {"name": tool.name, "description": tool.description, "parameters": _schema(tool)}
            for tool in self._tools.values()
            if tool.name in self.enabled
        )

    def run(self, call: ToolCall, cancel: CancelToken, at: float) -> ToolResult:
        """Run `call` at `at` seconds. Whatever goes wrong is a result that says so in one sentence."""
        tool = self._tools.get(call.name)
        if tool is None:
            return ToolResult.failed(f'There is no tool "{call.name}".')
        if call.name not in self.enabled:
            return ToolResult.failed(f"The tool {call.name} is switched off.")
        if cancel.cancelled:
            return ToolResult.failed("That was cancelled before it began.")
        try:
            result = tool.run(tool.arguments.model_validate(call.arguments), cancel, at)
        except ValidationError as error:
            return ToolResult.failed(_complaint(call.name, error))
        except UserError as error:
            return ToolResult.failed(str(error))
        except Exception as error:  # noqa: BLE001 - the tools' boundary: one that fails is told of like any other result
            _log.warning("tool %s failed", call.name, exc_info=error)
            return ToolResult.failed(f"The tool {call.name} failed ({type(error).__name__}).")
        return replace(result, undo=f"{tool.name}:{result.undo}") if result.undo else result

    def undo(self, handle: str) -> str:
        """Take back what the result with this `undo` names; the sentence says that it is undone, or why it is not."""
        name, _, inner = handle.partition(":")
        tool = self._tools.get(name)
        if tool is None:
            return "That cannot be undone."
        try:
            return tool.undo(inner)
        except UserError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - the tools' boundary: one that fails is told of like any other result
            _log.warning("undoing %s failed", handle, exc_info=error)
            return f"It could not be undone ({type(error).__name__})."

    @property
    def next_due(self) -> float | None:
        """When `due` next has something, in seconds; None for never."""
        return min((at for tool in self._tools.values() if (at := tool.next_due) is not None), default=None)

    def due(self, at: float) -> tuple[Ring, ...]:
        """What tools have to say by themselves by now, the earliest first; each once."""
        return tuple(sorted((ring for tool in self._tools.values() for ring in tool.due(at)), key=lambda ring: ring.at))

    def state(self, at: float) -> dict[str, Any]:
        """What has to survive a restart, as JSON; to be stored after every call, undoing and ring."""
        states = {tool.name: tool.state(at) for tool in self._tools.values()}
        return {name: state for name, state in states.items() if state is not None}

    def load(self, state: Mapping[str, Any], at: float) -> None:
        """Take up the state of an earlier run at its beginning; what cannot be read is left out."""
        for name, kept in state.items():
            try:
                self._tools[name].load(kept, at)
            except (KeyError, ValueError) as error:
                _log.warning("the state of %s cannot be read", name, exc_info=error)


def _complaint(name: str, error: ValidationError) -> str:
    """One sentence about the first argument that does not fit."""
    first = error.errors(include_url=False)[0]
    what = str(first["loc"][0]) if first["loc"] else "arguments"
    return f"The tool {name} was called wrongly: {what}: {first['msg'][0].lower()}{first['msg'][1:]}."


def _schema(tool: Tool[Any]) -> dict[str, Any]:
    schema = _plain(tool.arguments.model_json_schema())
    return {"type": "object", "properties": schema["properties"], "required": schema.get("required", [])}


def _plain(schema: Any) -> Any:
    """A schema without titles, which only cost tokens."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _plain(value) for key, value in schema.items() if key != "title"}
