"""Recordings and their manifest: who or what is heard in each file, and from when to when."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm, read_wav, to_float
from assistant.errors import UserError

MANIFEST = "MANIFEST.csv"
GRID_S = 0.005
"""Where the manifest does not say when speech begins and ends, it is found on this grid ..."""
BELOW_LOUDEST_DB = 30.0
"""... as what is at most this much quieter than the loudest."""


class Role(StrEnum):
    """What a recording is used for."""

    SPEECH = "speech"
    """A sentence or more by a person."""
    WORD = "word"
    """A single word by a person."""
    COMMAND = "command"
    BACKCHANNEL = "backchannel"
    FIRST_HALF = "first half"
    """A sentence up to a pause; the second half has the same key."""
    SECOND_HALF = "second half"
    NOISE = "noise"
    """Anything that is no speech, music too."""
    COUGH = "cough"


_KINDS = {
    "speech": Role.SPEECH,
    "short": Role.WORD,
    "digits": Role.WORD,
    "noise": Role.NOISE,
    "synth_noise": Role.NOISE,
    "music": Role.NOISE,
    "cough": Role.COUGH,
    "backchannel": Role.BACKCHANNEL,
    "command": Role.COMMAND,
}
"""The roles of the manifest's kinds; others are not used."""
_TTS = {"bc": Role.BACKCHANNEL, "cmd": Role.COMMAND, "incA": Role.FIRST_HALF, "incB": Role.SECOND_HALF}
"""Of the kind `tts` the file's name begins with its role; the rest of it is the key."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file. `hard`: a noise that a human voice makes, says the manifest's note."""

    path: Path
    role: Role
    key: str
    on_s: float | None = None
    off_s: float | None = None
    hard: bool = False

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def sound(self) -> Pcm:
        """All of it, int16, 16 kHz. Raises UserError where it cannot be read."""
        return _read(self.path)

    @property
    def spoken(self) -> tuple[int, int]:
        """The samples at which speech begins and ends."""
        if self.on_s is not None and self.off_s is not None:
            return round(self.on_s * SAMPLE_RATE), round(self.off_s * SAMPLE_RATE)
        return _loud_part(self.path)


@cache
def _read(path: Path) -> Pcm:
    return read_wav(path)


@cache
def _loud_part(path: Path) -> tuple[int, int]:
    sound = to_float(_read(path))
    hop = round(GRID_S * SAMPLE_RATE)
    if sound.size < hop:
        return 0, sound.size
    powers = np.mean(np.square(sound[: sound.size // hop * hop].reshape(-1, hop)), axis=1)
    loud = np.flatnonzero(powers >= powers.max() * 10.0 ** (-BELOW_LOUDEST_DB / 10.0))
    return int(loud[0]) * hop, (int(loud[-1]) + 1) * hop


def read_corpus(folder: Path) -> list[Recording]:
    """The recordings that the manifest of `folder` names, sorted by file.

    Columns: `file` (its path in the folder), `kind`, and optionally `speech_on_s`, `speech_off_s` and `note`. Raises
    UserError for a manifest that is missing or wrong, and for files that are missing.
    """
    path = folder / MANIFEST
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"Cannot read {path}: --corpus needs a folder with a {MANIFEST}.") from error
    if not rows or not {"file", "kind"} <= set(rows[0]):
        raise UserError(f"{path} has no recordings: its first line must name the columns file and kind.")
    found = [recording for row in rows if (recording := _recording(folder, row)) is not None]
    missing = [str(recording.path) for recording in found if not recording.path.is_file()]
    if missing:
        raise UserError(f"{path} names {missing[0]}, which is not there; remove the line, or add the file.")
    if not found:
        raise UserError(f"{path} has no recording of a known kind: {', '.join((*_KINDS, 'tts'))}.")
    return sorted(found, key=lambda recording: str(recording.path))


def _recording(folder: Path, row: Mapping[str, str | None]) -> Recording | None:
    path, kind = folder / (row["file"] or ""), row["kind"] or ""
    role, key = _KINDS.get(kind), path.stem
    if kind == "tts":
        prefix = next((prefix for prefix in _TTS if path.stem.startswith(prefix)), "")
        role, key = _TTS.get(prefix), path.stem.removeprefix(prefix)
    if role is None:
        return None
    on_s, off_s = (_seconds(path, row.get(column)) for column in ("speech_on_s", "speech_off_s"))
    return Recording(path, role, key, on_s, off_s, hard="human" in (row.get("note") or "").lower())


def _seconds(path: Path, text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as error:
        raise UserError(f"The manifest's times of {path} are not numbers: {text!r}; correct them.") from error


def of_role(corpus: Sequence[Recording], *roles: Role) -> list[Recording]:
    """The recordings of these roles."""
    return [recording for recording in corpus if recording.role in roles]
