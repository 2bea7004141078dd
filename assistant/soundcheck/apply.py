"""The thresholds of a sound check at work in a session."""

import logging
from dataclasses import replace

from assistant.audio.frontend import FrontEnd
from assistant.settings import Settings
from assistant.soundcheck.findings import thresholds
from assistant.soundcheck.shelf import Shelf

_log = logging.getLogger(__name__)


class Tuning:
    """Sets a front end's thresholds for the devices that are open. What the user has set is left alone."""

    def __init__(self, settings: Settings, shelf: Shelf | None = None, *, wanted: bool = True) -> None:
        """`wanted`: False leaves the front end as it is."""
        self._own_least = "vad_min_dbfs" in settings.model_fields_set
        self._shelf = shelf or Shelf()
        self._wanted = wanted
        self._plain: tuple[float, float] | None = None
        """The thresholds without a sound check."""

    def use(self, front_end: FrontEnd, microphone: str, loudspeaker: str) -> None:
        """Take the thresholds that belong to this pair; those of before where it was never checked."""
        if not self._wanted:
            return
        if self._plain is None:
            self._plain = front_end.vad.options.min_dbfs, front_end.options.over_echo_db
        least, over_echo = self._plain
        findings = self._shelf.find(microphone, loudspeaker)
        if findings is not None:
            found = thresholds(findings)
            least, over_echo = least if self._own_least else found.vad_min_dbfs, found.over_echo_db
        front_end.vad.options = replace(front_end.vad.options, min_dbfs=least)
        front_end.options = replace(front_end.options, vad=front_end.vad.options, over_echo_db=over_echo)
        _log.info("thresholds for %s and %s: %g dBFS, %g dB over the echo", microphone, loudspeaker, least, over_echo)
