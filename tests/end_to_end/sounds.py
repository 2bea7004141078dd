"""What users say, and what is heard from the loudspeaker."""

import functools
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm, read_wav
from assistant.bench.virtual_card import Recording, VirtualSoundCard

AUDIBLE = 100
"""Samples of at least this value (of 32,768) are heard; a faded cut and a silent stream stay below."""
WINDOW_S = 0.02


@functools.cache
def spoken(text: str, amplitude: int = 60) -> Pcm:
    """`text` in another voice than Parley's, int16 mono at 16 kHz; `amplitude` of 200."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ("espeak-ng", "-v", "en-gb", "-a", str(amplitude), "-w", str(path), text)
        subprocess.run(command, check=True, timeout=30)
        return read_wav(path)


def say(card: VirtualSoundCard, text: str, amplitude: int = 60) -> None:
    """Say `text` into the microphone; returns when it is said."""
    assert card.speak(spoken(text, amplitude)).wait(30.0) == 0


def heard_s(pcm: Pcm) -> float:
    """For how many seconds of `pcm` something is heard."""
    size = round(WINDOW_S * SAMPLE_RATE)
    windows = np.abs(pcm[: pcm.size // size * size].astype(np.int32)).reshape(-1, size).max(axis=1)
    return float((windows >= AUDIBLE).sum() * WINDOW_S)


def silent_after_s(pcm: Pcm) -> float:
    """When (seconds from the start of `pcm`) the last audible sample came; 0 where there is none."""
    audible = np.flatnonzero(np.abs(pcm.astype(np.int32)) >= AUDIBLE)
    return float((audible[-1] + 1) / SAMPLE_RATE) if audible.size else 0.0


def wait_for_voice(recording: Recording, seconds: float = 0.5) -> None:
    """Wait until `seconds` of something audible have been played from now on."""
    begin = recording.pcm.size
    for _ in range(100):
        recording.wait(0.2)
        if heard_s(recording.pcm[begin:]) >= seconds:
            return
    raise TimeoutError("nothing was heard from the loudspeaker")
