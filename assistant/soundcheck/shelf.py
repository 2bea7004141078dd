"""The latest sound check of each pair of devices, in one small file."""

import logging
import os
import tempfile
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import UserError
from assistant.paths import data_dir, make_folder
from assistant.soundcheck.findings import Findings

FILE_NAME = "soundcheck.json"
MOST = 50
"""Pairs that are kept; the oldest go."""

_log = logging.getLogger(__name__)
_LIST = TypeAdapter(list[Findings])


class Shelf:
    """Findings by pair of devices. A damaged file counts as empty, and is put aside when something is stored."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_dir() / FILE_NAME

    def find(self, microphone: str, loudspeaker: str) -> Findings | None:
        """The latest findings on this pair."""
        pair = (microphone, loudspeaker)
        return next((one for one in self._read() or () if (one.microphone, one.loudspeaker) == pair), None)

    def keep(self, findings: Findings) -> None:
        """Store `findings` in place of those on the same pair. Raises UserError where that is impossible."""
        others = self._without(findings.microphone, findings.loudspeaker)
        self._write([findings, *others][:MOST])

    def forget(self, microphone: str, loudspeaker: str) -> bool:
        """Remove the findings on this pair; False if there were none. Raises UserError where that is impossible."""
        if self.find(microphone, loudspeaker) is None:
            return False
        self._write(self._without(microphone, loudspeaker))
        return True

    def _without(self, microphone: str, loudspeaker: str) -> list[Findings]:
        pair = (microphone, loudspeaker)
        return [one for one in self._read() or () if (one.microphone, one.loudspeaker) != pair]

    def _read(self) -> list[Findings] | None:
        """All of them; None where the file is damaged."""
        try:
            return _LIST.validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            _log.warning("%s cannot be read: %s", self.path, error)
            return None

    def _write(self, findings: list[Findings]) -> None:
        """In one step, so that the file is never half written."""
        make_folder(self.path.parent)
        try:
            if self._read() is None:
                self.path.replace(self.path.with_suffix(".damaged"))
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{FILE_NAME}.")
            with os.fdopen(handle, "wb") as file:
                file.write(_LIST.dump_json(findings, indent=1))
            Path(name).replace(self.path)
        except OSError as error:
            raise UserError(
                f"The sound check could not be stored in {self.path} ({error.strerror}): free space or mend it."
            ) from error
