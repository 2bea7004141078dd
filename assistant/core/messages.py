"""One message of a conversation as the language model sees it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks, in the words of chat templates."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    """The result of a tool that the assistant called."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message; an assistant message holds what was heard, and ends in " ..." where it was cut off.

    An assistant message that calls a tool ends in `<tool_call>{...}</tool_call>`; a TOOL message has the result.
    """

    role: Role
    text: str
