"""The toolbox: what is offered, what is refused, and that nothing gets out of a tool that fails."""

import json
from datetime import datetime, timedelta, timezone
from typing import ClassVar

import pytest

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolCall, ToolResult
from assistant.errors import UserError
from assistant.tools.clock import NoArguments
from assistant.tools.tool import Tool
from assistant.tools.toolbox import Toolbox, standard_tools

NOW = datetime(2026, 11, 21, 9, 5, tzinfo=timezone(timedelta(hours=1)))


class Broken(Tool[NoArguments]):
    """Fails in every way."""

    name: ClassVar[str] = "broken"
    description: ClassVar[str] = "Fails."
    arguments = NoArguments

    def run(self, arguments: NoArguments, cancel: CancelToken, at: float) -> ToolResult:
        raise ZeroDivisionError("secret")

    def undo(self, handle: str) -> str:
        raise RuntimeError("secret")


class Refuses(Tool[NoArguments]):
    """Refuses, and cannot undo."""

    name: ClassVar[str] = "refuses"
    description: ClassVar[str] = "Refuses."
    arguments = NoArguments

    def run(self, arguments: NoArguments, cancel: CancelToken, at: float) -> ToolResult:
        raise UserError("Not today.")


def toolbox() -> Toolbox:
    return Toolbox([*standard_tools(lambda: NOW), Broken(), Refuses()])


def run(tools: Toolbox, name: str, arguments: str = "{}") -> ToolResult:
    return tools.run(ToolCall(1, name, arguments), CancelToken(), 0.0)


def test_time_and_date() -> None:
    assert run(toolbox(), "get_time") == ToolResult("It is 09:05.", for_model='{"time": "09:05"}')
    told = '{"date": "Saturday, November 21, 2026"}'
    assert run(toolbox(), "get_date") == ToolResult("Today is Saturday, November 21, 2026.", for_model=told)


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("radio", "{}", 'There is no tool "radio".'),
        ("broken", "{}", "The tool broken failed (ZeroDivisionError)."),
        ("refuses", "{}", "Not today."),
        ("get_time", '{"zone": "utc"}', "The tool get_time was called wrongly: zone: extra inputs are not permitted."),
        ("set_timer", "{}", "The tool set_timer was called wrongly: amount: field required."),
        (
            "set_timer",
            '{"amount": -1, "unit": "hours"}',
            "The tool set_timer was called wrongly: amount: input should be greater than 0.",
        ),
        (
            "set_timer",
            '{"amount": 1, "unit": "weeks"}',
            "The tool set_timer was called wrongly: unit: input should be 'seconds', 'minutes' or 'hours'.",
        ),
        (
            "calculate",
            '{"expression": 5}',
            "The tool calculate was called wrongly: expression: input should be a valid string.",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(name: str, arguments: str, text: str) -> None:
    result = run(toolbox(), name, arguments)
    assert (result.ok, result.text) == (False, text)
    assert (result.took_effect, result.undo) == ("", "")
    assert json.loads(result.for_model) == {"error": text[0].lower() + text[1:-1]}


def test_infinite_amounts_are_refused() -> None:
    assert not run(toolbox(), "set_timer", '{"amount": 1e999, "unit": "hours"}').ok


def test_a_tool_that_is_off_is_neither_offered_nor_run_but_its_timers_ring() -> None:
    tools = toolbox()
    set_ = run(tools, "set_timer", '{"amount": 5, "unit": "seconds"}')
    assert run(tools, "set_timer", '{"amount": 6, "unit": "seconds"}').ok
    tools.enabled = frozenset({"calculate", "get_time"})
    assert [schema["name"] for schema in tools.schemas()] == ["get_time", "calculate"]
    off = run(tools, "set_timer", '{"amount": 5, "unit": "seconds"}')
    assert (off.ok, off.text) == (False, "The tool set_timer is switched off.")
    assert tools.undo(set_.undo) == "The timer for 5 seconds is off."
    assert [ring.at for ring in tools.due(10.0)] == [6.0]


def test_a_cancelled_call_is_not_begun() -> None:
    token = CancelToken()
    token.cancel()
    result = toolbox().run(ToolCall(1, "get_time"), token, 0.0)
    assert (result.ok, result.text) == (False, "That was cancelled before it began.")


@pytest.mark.parametrize(
    ("handle", "text"),
    [
        ("broken:1", "It could not be undone (RuntimeError)."),
        ("refuses:1", "That cannot be undone."),
        ("radio:1", "That cannot be undone."),
        ("", "That cannot be undone."),
        ("set_timer:99", "That timer has rung or was cancelled before."),
        ("set_timer:x", "It could not be undone (ValueError)."),
    ],
)
def test_undoing_never_raises(handle: str, text: str) -> None:
    assert toolbox().undo(handle) == text


def test_schemas_are_json_and_name_all_arguments() -> None:
    schemas = {schema["name"]: schema for schema in toolbox().schemas()}
    assert json.loads(json.dumps(schemas)) == schemas
    timer = schemas["set_timer"]["parameters"]
    assert list(timer["properties"]) == ["amount", "unit", "label"]
    assert timer["required"] == ["amount", "unit"]
    assert timer["properties"]["unit"]["enum"] == ["seconds", "minutes", "hours"]
    assert schemas["get_time"]["parameters"] == {"type": "object", "properties": {}, "required": []}
    assert "title" not in json.dumps(schemas)
