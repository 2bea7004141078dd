"""What a tool is."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolResult
from assistant.errors import UserError


class Arguments(BaseModel):
    """The arguments of a tool; one without fields is that of a tool that takes none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=Arguments)


def told(**values: object) -> str:
    """What the model is told of a result, as JSON."""
    return json.dumps(values, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Ring:
    """Something that a tool has to say by itself, as soon as the user pauses; it was due at `at` seconds."""

    at: float
    text: str


class Tool(ABC, Generic[A]):
    """One thing that the model can do by calling `name`.

    Any thread may call: the session asks what is due while the tools' thread runs calls.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    """One sentence for the model."""
    arguments: type[A]

    @abstractmethod
    def run(self, arguments: A, cancel: CancelToken, at: float) -> ToolResult:
        """Do it, at `at` seconds; the result's text is one short sentence that can be spoken, the model gets JSON.

        A cancelled tool has no effect that its result does not name. Raises UserError with a sentence where it cannot
        be done.
        """

    def undo(self, handle: str) -> str:
        """Take back what a result with this handle names, and say so. Raises UserError where that is not possible."""
        raise UserError("That cannot be undone.")

    @property
    def next_due(self) -> float | None:
        """When `due` next has something, in seconds; None for never."""
        return None

    def due(self, at: float) -> tuple[Ring, ...]:
        """What has to be said by now; each once."""
        return ()

    def state(self, at: float) -> Mapping[str, Any] | None:
        """What has to survive a restart, as JSON; None for nothing."""
        return None

    def load(self, state: Mapping[str, Any], at: float) -> None:
        """Take up the state of an earlier run. Raises ValueError where it is none."""
        raise ValueError(f"{self.name} keeps no state")
