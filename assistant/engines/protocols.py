"""What the session needs from an engine. Real adapters and fakes implement these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message

Pcm = NDArray[np.int16]
"""Mono PCM, int16, shape (samples,)."""


class EngineError(Exception):
    """An engine crashed, hung or refused; the message is one sentence for the user. The engine must be restarted."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One recognised word; `start` and `end` are seconds since the recogniser's last `reset`."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """A final transcript with its word times; `words` may be empty where the text is."""

    text: str
    words: tuple[TimedWord, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """One synthesised sentence: int16 mono PCM, shape (samples,), at `rate` Hz."""

    pcm: Pcm
    rate: int


class Recogniser(Protocol):
    """Speech recognition of one utterance at a time, 16 kHz. Not thread-safe: one thread owns it."""

    def accept(self, pcm: Pcm) -> str:
        """Take more sound (int16, mono, 16 kHz) and return the partial transcript of the whole utterance."""
        ...

    def final(self) -> Transcript:
        """End the utterance and return its transcript; the next `accept` begins a new one."""
        ...

    def reset(self) -> None:
        """Forget everything heard since the last `final` or `reset`."""
        ...


class Mind(Protocol):
    """Text generation, one reply at a time."""

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        """Yield the reply to `messages` piece by piece, one item per token (an item may be "" inside a character).

        `tools` are the schemas of the functions that the reply may call: name, description and parameters (a JSON
        schema). A call is `<tool_call>{"name": ..., "arguments": {...}}</tool_call>` and ends the reply; one that was
        begun is whole and fits its schema, unless `max_tokens` end it.
        Ends early, without an error, when `cancel` is cancelled: at the next token, or inside prompt evaluation.
        Raises EngineError when the engine is lost.
        """
        ...


class Voice(Protocol):
    """Speech synthesis, one sentence at a time."""

    def synthesise(self, text: str) -> Speech:
        """Turn one sentence into sound. Raises EngineError when the engine is lost."""
        ...
