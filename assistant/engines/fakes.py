"""Engines without models: they behave like the real ones (pieces, partials, lengths, failures) and never take time."""

import json
import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message
from assistant.core.tool_calls import ToolCall
from assistant.engines.mind import MindFacts, Usage
from assistant.engines.protocols import EngineError, Pcm, Speech, TimedWord, Transcript
from assistant.engines.voice import VoiceInfo, VoiceOptions, speakable
from assistant.errors import UserError

RATE = 16_000
_PIECE = re.compile(r"\s*\S{1,5}|\s+")
"""Word pieces: short words with the space before them, longer words in parts."""


def tool_call(name: str, **arguments: object) -> str:
    """A reply, or its end, that calls a tool."""
    return ToolCall(0, name, json.dumps(arguments)).message_text


def timed_words(text: str, *, start: float = 0.2, words_per_s: float = 3.0) -> tuple[TimedWord, ...]:
    """The words of `text` one after the other from `start` seconds on, with confidence 1."""
    return tuple(
        TimedWord(word, start + i / words_per_s, start + (i + 1) / words_per_s, 1.0)
        for i, word in enumerate(text.split())
    )


class FakeRecogniser:
    """A `Recogniser` that hears what it was told to, at the pace of the sound that it gets.

    Each utterance that gets sound uses up one script; without scripts nothing is heard. A word appears `delay_s` of
    sound after its end, as real partial transcripts lag behind; `final` knows all words whose start has been reached.
    """

    def __init__(self, scripts: Sequence[str | Sequence[TimedWord]] = (), *, delay_s: float = 0.2) -> None:
        """A script is a text, spoken at 3 words a second, or timed words, in seconds of the utterance's sound."""
        self.scripts: list[str | Sequence[TimedWord]] = list(scripts)
        """The scripts not yet used up; may be appended to."""
        self._delay_s = delay_s
        self._words: tuple[TimedWord, ...] = ()
        self._samples = 0

    def accept(self, pcm: Pcm) -> str:
        """Take sound and return the words that have come out so far."""
        if self._samples == 0 and pcm.size and self.scripts:
            script = self.scripts.pop(0)
            self._words = timed_words(script) if isinstance(script, str) else tuple(script)
        self._samples += pcm.size
        heard_s = self._samples / RATE - self._delay_s
        return " ".join(word.text for word in self._words if word.end <= heard_s)

    def final(self) -> Transcript:
        """End the utterance."""
        words = tuple(word for word in self._words if word.start < self._samples / RATE)
        self.reset()
        return Transcript(" ".join(word.text for word in words), words)

    def reset(self) -> None:
        """Forget the utterance; its script stays used up."""
        self._words = ()
        self._samples = 0


class FakeStopSpotter:
    """Hears a stop phrase after a given amount of sound, in those utterances whose script is a time."""

    def __init__(self, scripts: Sequence[float | None] = (), *, phrase: str = "stop") -> None:
        """A script is the seconds of sound after which `phrase` is heard, or None for never."""
        self.scripts = list(scripts)
        self.phrases = (phrase,)
        self._at: float | None = None
        self._samples = 0

    def accept(self, pcm: Pcm) -> str | None:
        """Take sound; the phrase, on every call from when it has been heard."""
        if self._samples == 0 and pcm.size and self.scripts:
            self._at = self.scripts.pop(0)
        self._samples += pcm.size
        return self.phrases[0] if self._at is not None and self._samples >= self._at * RATE else None

    def reset(self) -> None:
        """Forget the utterance."""
        self._at = None
        self._samples = 0


class _Lifecycle:
    """Starting and ending, as the real engines have them; a crashed engine works again after a restart."""

    name = "The engine"

    def __init__(self) -> None:
        self.running = False
        self.starts = 0
        """How often it was started."""

    def _start(self) -> None:
        self.running = True
        self.starts += 1

    def close(self) -> None:
        """End it."""
        self.running = False

    def crash(self) -> EngineError:
        """End it as a crash does, and return the error to raise."""
        self.running = False
        return EngineError(f"{self.name} stopped unexpectedly (SIGSEGV).")

    def _check_running(self) -> None:
        if not self.running:
            raise EngineError(f"{self.name} is not running.")


class FakeMind(_Lifecycle):
    """A `Mind` with scripted replies, in word pieces. A reply may hold a `tool_call`."""

    name = "The language model"

    def __init__(
        self,
        replies: Sequence[str] | Mapping[str, str] | Callable[[Sequence[Message]], str],
        *,
        crash_at: int | None = None,
        hang_at: int | None = None,
    ) -> None:
        """Use `replies` in turn, over and over; or look them up by the newest message's text; or call the function.

        Instead of piece number `crash_at` (from 0) of any reply it crashes. Instead of piece `hang_at` it waits,
        deaf to cancellation, until `release` is set, and is then lost, as a hung child is once its deadline has passed.
        """
        super().__init__()
        self.crash_at = crash_at
        self.hang_at = hang_at
        self.hanging = threading.Event()
        """Set while it hangs."""
        self.release = threading.Event()
        """Set it to end the hang."""
        self.requests: list[tuple[Message, ...]] = []
        """What it was asked."""
        self.offered: list[tuple[str, ...]] = []
        """The names of the tools that each request offered."""
        self.last_usage = Usage()
        self._replies = replies

    def start(self) -> MindFacts:
        """Start, or start again."""
        self._start()
        return MindFacts("Fake", 2048, "")

    restart = start

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        """Yield the reply's pieces; ends when cancelled, and when another reply is asked for.

        A request for one token only warms up: it is answered with nothing, and uses up no reply.
        """
        self._check_running()
        if max_tokens <= 1:
            return
        self.offered.append(tuple(str(tool["name"]) for tool in tools))
        self.requests.append(tuple(messages))
        request = len(self.requests)
        prompt = sum(len(_PIECE.findall(message.text)) for message in messages)
        self.last_usage = Usage(prompt)
        for number, piece in enumerate(_PIECE.findall(self._reply(messages))[:max_tokens]):
            if cancel.cancelled or request != len(self.requests):
                return
            self._fail(number)
            self.last_usage = Usage(prompt, 0, number + 1)
            yield piece

    def _fail(self, number: int) -> None:
        if number == self.hang_at:
            self.hanging.set()
            self.release.wait()
            self.hanging.clear()
            self.running = False
            raise EngineError(f"{self.name} did not answer for 30 s and was stopped.")
        if number == self.crash_at:
            raise self.crash()
        self._check_running()

    def _reply(self, messages: Sequence[Message]) -> str:
        if callable(self._replies):
            return self._replies(messages)
        if isinstance(self._replies, Mapping):
            return self._replies[messages[-1].text]
        return self._replies[(len(self.requests) - 1) % len(self._replies)]


class FakeVoice(_Lifecycle):
    """A `Voice` that hums: a tone per sentence, as long as speech of that text at that rate would be."""

    name = "The voice"

    def __init__(self, *, rate: int = 22_050, crash_at: frozenset[int] = frozenset()) -> None:
        """`rate` is the sample rate in Hz. Sentences numbered (from 0) in `crash_at` crash it."""
        super().__init__()
        self.options = VoiceOptions()
        self.crash_at = crash_at
        self.spoken: list[str] = []
        """The sentences it was asked for, those that failed included."""
        self._rate = rate

    def start(self) -> None:
        """Start, or start again."""
        self._start()

    restart = start

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Two voices."""
        return (VoiceInfo("low", "Low", ("en-gb",)), VoiceInfo("high", "High", ("en-us",)))

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        """Fourteen characters a second at 180 words a minute; text and voice choose the pitch."""
        self._check_running()
        self.spoken.append(text)
        if len(self.spoken) - 1 in self.crash_at:
            raise self.crash()
        chosen = voice or self.options.voice or "low"
        known = {key for info in self.voices() for key in (info.id, info.name, *info.languages)}
        if chosen not in known:
            raise UserError(f"There is no voice {chosen!r} on this computer: choose another in the settings.")
        seconds = len(speakable(text)) / 14.0 * 180.0 / self.options.rate_wpm
        pitch = 120.0 + zlib.crc32(f"{chosen} {speakable(text)}".encode()) % 200
        time = np.arange(round(seconds * self._rate)) / self._rate
        tone = np.sin(2.0 * np.pi * pitch * time) * 8000.0 * self.options.volume
        return Speech(np.rint(tone).astype(np.int16), self._rate)
