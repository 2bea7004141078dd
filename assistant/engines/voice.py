"""The synthesiser in a child process, with a warm spare: the Voice that the session uses."""

import io
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from assistant.engines.child import Child
from assistant.engines.protocols import EngineError, Speech

_NAME = "The voice"
RETRIES = 2
"""How often a sentence that cost a process is tried again: the spare may go with it (out of memory, a killed group)."""
_LONGEST = 400
"""Characters per call: long texts cost more than linearly, and very long ones have crashed the synthesiser."""
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\s]+")


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice of this computer; `languages` are tags like "en-gb"."""

    id: str
    name: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """How to speak: a voice by id, name or language (None: the system's choice), words per minute, volume 0..1."""

    voice: str | None = None
    rate_wpm: int = 180
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class VoiceDeadlines:
    """Seconds after which a silent child counts as hung; a sentence usually takes some hundredths of a second."""

    load_s: float = 30.0
    sentence_s: float = 10.0


class _Worker:
    """A child process and the folder that it writes into."""

    def __init__(self, log: Path | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="parley-voice-"))
        self.child = Child(_NAME, "assistant.engines.tts_pyttsx3:Pyttsx3Engine", (self._folder,), log=log)

    def end(self) -> None:
        self.child.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Pyttsx3Voice:
    """pyttsx3 in a child process. One thread speaks; `close` may come from any.

    The same sentences in the same order from a new process give the same samples; a sentence alone does not, because
    espeak carries its generator's state from one sentence to the next. `restart` gives a new process, at once if the
    spare is ready.
    """

    def __init__(
        self,
        options: VoiceOptions | None = None,
        deadlines: VoiceDeadlines | None = None,
        *,
        log: Path | None = None,
    ) -> None:
        """Nothing is started yet. `log` receives what the child prints."""
        self.options = options or VoiceOptions()
        """May be replaced at any time; the next sentence is spoken so."""
        self._deadlines = deadlines or VoiceDeadlines()
        self._log = log
        self._worker: _Worker | None = None
        self._spare: _Worker | None = None
        self._voices: tuple[VoiceInfo, ...] = ()

    def start(self) -> None:
        """Open the synthesiser and begin to warm a spare. Raises UserError if there is none, EngineError on a crash."""
        spare = self._spare if self._spare is not None and self._spare.child.alive else None
        for worker in (self._worker, self._spare):
            if worker is not None and worker is not spare:
                worker.end()
        self._worker, self._spare = spare or _Worker(self._log), None
        self._voices = tuple(VoiceInfo(*found) for found in self._worker.child.wait_ready(self._deadlines.load_s))
        self._spare = _Worker(self._log)
        if self._worker is None:
            self.close()  # somebody else closed it meanwhile, and did not see the new spare

    restart = start

    @property
    def pid(self) -> int | None:
        """The child's process id, for measurements; None while nothing is started."""
        return None if self._worker is None else self._worker.child.pid

    def voices(self) -> tuple[VoiceInfo, ...]:
        """The voices of this computer, as found at the start."""
        return self._voices

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        """Turn one sentence into sound, at the rate the voice has; a longer text is spoken in parts.

        `voice` speaks this sentence with another voice than the options say. Text without anything to say gives no
        samples. A crash or a hang is tried again, by the spare and by a fresh one, then raises EngineError. Raises
        UserError if there is no such voice.
        """
        parts = [self._one(part, voice or self.options.voice) for part in _split(text)]
        if not parts:
            return Speech(np.zeros(0, np.int16), 22050)
        return Speech(np.concatenate([part.pcm for part in parts]), parts[0].rate)

    def close(self) -> None:
        """End both processes."""
        for worker in (self._worker, self._spare):
            if worker is not None:
                worker.end()
        self._worker = self._spare = None

    def _one(self, text: str, voice: str | None) -> Speech:
        for _ in range(RETRIES):
            try:
                return self._try(text, voice)
            except EngineError:
                if self._worker is None:
                    raise  # closed meanwhile, or never started
                self.restart()
        return self._try(text, voice)

    def _try(self, text: str, voice: str | None) -> Speech:
        worker, options = self._worker, self.options
        if worker is None:
            raise EngineError(f"{_NAME} is not running.")
        file: bytes = worker.child.call(
            "speak", text, voice, options.rate_wpm, options.volume, timeout_s=self._deadlines.sentence_s
        )
        if not file:
            return Speech(np.zeros(0, np.int16), 22050)
        pcm, rate = soundfile.read(io.BytesIO(file), dtype="int16", always_2d=True)
        return Speech(np.ascontiguousarray(pcm[:, 0]), int(rate))


def speakable(text: str) -> str:
    """`text` without control characters and halves of characters, with single spaces."""
    return _UNSPEAKABLE.sub(" ", text).strip()


def _split(text: str) -> list[str]:
    """Cut `text` into parts of at most _LONGEST characters, at the end of a clause or a word where there is one."""
    rest = speakable(text)
    parts = []
    while len(rest) > _LONGEST:
        head = rest[:_LONGEST]
        clause = max(head.rfind(mark) for mark in (", ", "; ", ": ", ". ", "? ", "! ")) + 1
        cut = clause or head.rfind(" ") + 1 or _LONGEST
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts
