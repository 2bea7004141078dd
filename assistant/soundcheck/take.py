"""The recording that a sound check is measured on, and the front end that makes it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.audio.echo import Canceller, Method
from assistant.audio.frontend import FrontEnd, FrontEndFrame, FrontEndOptions
from assistant.audio.pcm import FRAME, FRAME_S, Pcm


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; seconds on the recording's time line."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Take:
    """A finished recording: frames of int16, 16 kHz, shape (frames, FRAME), that ended at `times` (seconds)."""

    microphone: NDArray[np.int16]
    clean: NDArray[np.int16]
    """The microphone after echo cancellation."""
    times: NDArray[np.float64]
    quiet: Span
    """Nobody spoke."""
    chirp_at: float
    """When the chirp's first sample was heard, as the loudspeaker says."""
    sentence: Span
    """We spoke."""
    cut_at: float
    """When it was decided to cut the second sentence."""
    cut_over: float
    """When the next step began."""
    silent_at: float
    """When the last sample of that was heard, as the loudspeaker says."""
    voice: Span | None
    """The user spoke; None where nothing was heard."""
    method: Method
    output_latency_s: float
    """From rendering a sound to hearing it, as the loudspeaker says."""

    def frames(self, span: Span) -> slice:
        """The frames that lie within `span`."""
        begin, end = np.searchsorted(self.times, (span.begin + FRAME_S / 2, span.end + FRAME_S / 2))
        return slice(int(begin), int(end))

    def heard_from(self, at: float, seconds: float) -> Pcm:
        """What the microphone heard in `seconds` from `at` on, to the sample; zeros after the end of the recording."""
        first = self.frames(Span(at - FRAME_S, at + seconds + FRAME_S))
        if first.start == first.stop:
            return np.zeros(round(seconds / FRAME_S * FRAME), dtype=np.int16)
        pcm = self.microphone[first].reshape(-1)
        skip = round((at - (float(self.times[first.start]) - FRAME_S)) / FRAME_S * FRAME)
        wanted = round(seconds / FRAME_S * FRAME)
        pcm = pcm[max(0, skip) :][:wanted]
        return np.pad(pcm, (0, wanted - pcm.size))


@dataclass
class Tape:
    """The frames so far."""

    microphone: list[Pcm] = field(default_factory=list)
    clean: list[Pcm] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class TapedFrontEnd(FrontEnd):
    """A front end that keeps what goes through it. For as long as a sound check lasts."""

    def __init__(self, options: FrontEndOptions | None = None, canceller: Canceller | None = None) -> None:
        super().__init__(options, canceller)
        self.tape = Tape()

    def process(self, microphone: Pcm, reference: Pcm, at: float) -> FrontEndFrame:
        """As in `FrontEnd`."""
        frame = super().process(microphone, reference, at)
        self.tape.microphone.append(np.array(microphone))
        self.tape.clean.append(np.array(frame.clean))
        self.tape.times.append(at)
        return frame
