"""pyttsx3, as it runs in the main thread of the voice's child process: one sentence per call, into a file.

Every platform's driver writes a file of its own format; the parent reads it. Nothing is ever played here.
"""

import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyttsx3

from assistant.errors import UserError

_RATES = range(80, 451)
"""Words per minute that every driver can do."""
_SETTLE_S = 1.0
_HEADER_BYTES = 64
"""A sound file that is no longer than this holds no sound."""


class Pyttsx3Engine:
    """The synthesiser of the operating system."""

    def __init__(self, folder: Path) -> None:
        """Open it; sentences are written into `folder`, which `close` removes."""
        self._folder = folder
        self._finished = threading.Event()
        self._errors: list[BaseException] = []
        try:
            self._engine: Any = pyttsx3.init()
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise UserError(_missing(error)) from error
        self._engine.connect("finished-utterance", self._on_finished)
        self._engine.connect("error", self._on_error)
        self._engine.runAndWait()  # a new driver counts as busy, and would queue every setting, until it has run once
        self._default_voice = self._engine.getProperty("voice")
        self._settings: dict[str, Any] = {}
        self.facts = tuple(_describe(voice) for voice in self._engine.getProperty("voices"))
        """Every voice as (id, name, languages): plain values, so that this process need not load what sound needs."""

    def speak(self, text: str, voice: str | None, rate_wpm: int, volume: float) -> bytes:
        """Synthesise `text` and return the sound file; b"" if there was nothing to say.

        `rate_wpm` is held to 80..450 and `volume` to 0..1. Raises UserError if there is no such voice.
        """
        self._apply("voice", self._default_voice if voice is None else self._find(voice))
        self._apply("rate", min(max(rate_wpm, _RATES[0]), _RATES[-1]))
        self._apply("volume", min(max(volume, 0.0), 1.0))
        # A few files in a thousand hold no sound, for no known reason; a second try helps.
        return self._save(text) or self._save(text)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _apply(self, name: str, value: Any) -> None:
        """Set a property, and wait until it is in force: set and forgotten, the next `runAndWait` may drop it."""
        if self._settings.get(name) == value:
            return
        self._settings.pop(name, None)
        self._errors.clear()
        self._engine.setProperty(name, value)
        if self._errors:
            raise UserError(f"Speech cannot have the {name} {value!r} ({self._errors[0]}): change it in the settings.")
        _wait(lambda: _equal(self._engine.getProperty(name), value), _SETTLE_S)
        self._settings[name] = value

    def _find(self, wanted: str) -> str:
        """The id of a voice given by id, name or language, with an optional espeak variant ("en-gb+f3")."""
        base, plus, variant = wanted.partition("+")
        key = base.casefold()
        tests: tuple[Callable[[str, str, tuple[str, ...]], bool], ...] = (
            lambda id_, name, _: key in (id_.casefold(), name.casefold()),
            lambda _, __, languages: key in (language.casefold() for language in languages),
            lambda _, __, languages: any(language.casefold().startswith(f"{key}-") for language in languages),
        )
        for test in tests:
            for id_, name, languages in self.facts:
                if test(id_, name, languages):
                    return id_ + plus + variant
        raise UserError(f"There is no voice {wanted!r} on this computer: choose another in the settings.")

    def _save(self, text: str) -> bytes:
        path = self._folder / ("sentence.aiff" if sys.platform == "darwin" else "sentence.wav")
        path.unlink(missing_ok=True)
        self._finished.clear()
        self._errors.clear()
        self._engine.save_to_file(text, str(path))
        self._engine.runAndWait()
        if sys.platform != "win32":  # there the call returns when the file is complete, and nothing is reported
            self._finished.wait()  # runAndWait may return early; the parent's deadline bounds this
        if self._errors:
            raise self._errors[0]
        sound = path.read_bytes()
        path.unlink()
        return sound if len(sound) > _HEADER_BYTES else b""

    def _on_finished(self, **_: object) -> None:
        self._finished.set()

    def _on_error(self, exception: BaseException, **_: object) -> None:
        self._errors.append(exception)
        self._finished.set()


def _describe(voice: Any) -> tuple[str, str, tuple[str, ...]]:
    languages = (tag.decode("utf-8", "ignore") if isinstance(tag, bytes) else tag for tag in voice.languages or [])
    return str(voice.id), str(voice.name), tuple(tag for tag in languages if tag)


def _missing(error: Exception) -> str:
    remedy = " (on Debian and Ubuntu: sudo apt install espeak-ng)" if sys.platform.startswith("linux") else ""
    return f"No speech synthesiser could be opened: install one{remedy}. The reason given was: {error}."


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return abs(float(found) - wanted) < 0.02
    return str(found).casefold() == str(wanted).casefold()


def _wait(condition: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.001)
