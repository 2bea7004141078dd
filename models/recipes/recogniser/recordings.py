"""Real speech: a folder with `MANIFEST.csv` and one tar of Opus files for each source.

The manifest has the columns file ("SOURCE/NAME.opus", found in SOURCE.tar), seconds, speaker, transcript and kind
("speech" or anything else). Some speakers of every source are never trained on: the test set is chosen by a hash of the
speaker, or of the file where the manifest does not tell speakers apart.
"""

import csv
import hashlib
import io
import random
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from assistant.errors import UserError
from models.recipes.recogniser import lexicon
from models.recipes.recogniser.features import SAMPLE_RATE

HELD_OUT_PERCENT = 15
SPEAKERS_UNKNOWN = ("pvbar", "myc", "neg")  # sources whose `speaker` is none
SAME_TRANSCRIPT = 60  # utterances of one source with the same unknown words are enough
LARGEST_UNKNOWN_SHARE = 0.5  # of the words of an utterance that is trained on
LONGEST_STRING = 4  # single words joined to a string
GAP = (0.03, 0.35)  # seconds between them
LOUD = 0.003  # of the peak of the smoothed energy: where a single word begins and ends
MARGIN = 1600  # samples kept before and after it


@dataclass(frozen=True, slots=True)
class Clip:
    """One line of the manifest: the path in its tar, who speaks, and the words in lower case."""

    file: str
    speaker: str
    text: str
    speech: bool

    @property
    def source(self) -> str:
        """The name of the tar."""
        return self.file.split("/", maxsplit=1)[0]

    @property
    def held_out(self) -> bool:
        """Whether this clip belongs to the test set."""
        key = self.file if self.source in SPEAKERS_UNKNOWN else self.speaker
        return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100 < HELD_OUT_PERCENT

    @property
    def unknown_words(self) -> list[str]:
        """The words outside the vocabulary."""
        return [word for word in self.text.split() if word not in lexicon.load()]


def manifest(folder: Path) -> list[Clip]:
    """Read the manifest. Raises UserError if there is none or a column is missing."""
    path = folder / "MANIFEST.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [Clip(r["file"], r["speaker"], r["transcript"].lower(), r["kind"] == "speech") for r in rows]
    except OSError as error:
        raise UserError(f"{folder} has no readable MANIFEST.csv: give the folder of real speech.") from error
    except KeyError as error:
        raise UserError(f"{path} has no column {error.args[0]}.") from error


def read(folder: Path, clips: list[Clip]) -> Iterator[tuple[Clip, NDArray[np.int16]]]:
    """Yield the wanted clips with their samples at 16 kHz, in the order of the tars."""
    wanted: dict[str, dict[str, Clip]] = defaultdict(dict)
    for clip in clips:
        wanted[clip.source][clip.file] = clip
    for source, of_source in wanted.items():
        path = folder / f"{source}.tar"
        if not path.exists():
            raise UserError(f"{path} is missing, though the manifest names it.")
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                data = archive.extractfile(member) if name in of_source else None
                if data is not None:
                    yield of_source[name], _decoded(data.read())


def _decoded(data: bytes) -> NDArray[np.int16]:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    resampled = soxr.resample(samples.mean(axis=1), rate, SAMPLE_RATE)
    return (np.clip(resampled, -1, 1) * 32767).astype(np.int16)


def training_clips(clips: list[Clip]) -> list[Clip]:
    """Leave out the test set, what is mostly unknown words, and what repeats the same unknown words very often."""
    kept: list[Clip] = []
    repeats: dict[tuple[str, str], int] = defaultdict(int)
    for clip in clips:
        unknown, words = len(clip.unknown_words), clip.text.split()
        if not clip.speech or clip.held_out or not words:
            continue
        if len(words) > 1 and unknown > LARGEST_UNKNOWN_SHARE * len(words):
            continue
        repeats[clip.source, clip.text] += 1
        if not unknown or repeats[clip.source, clip.text] <= SAME_TRANSCRIPT:
            kept.append(clip)
    return kept


def speech(folder: Path, seed: int) -> Iterator[tuple[str, str, NDArray[np.int16]]]:
    """Yield (source:speaker, words, samples) to train on.

    Single words come a second time, joined to strings by one speaker each.
    """
    rng = random.Random(seed)
    single: dict[str, list[tuple[str, NDArray[np.int16]]]] = defaultdict(list)
    for clip, samples in read(folder, training_clips(manifest(folder))):
        voice = f"{clip.source}:{clip.speaker}"
        yield voice, clip.text, samples
        if len(clip.text.split()) == 1 and not clip.unknown_words:
            single[voice].append((clip.text, _trimmed(samples)))
    for voice, words in single.items():
        rng.shuffle(words)
        while words:
            string = [words.pop() for _ in range(min(len(words), rng.randint(2, LONGEST_STRING)))]
            gaps = [np.zeros(int(SAMPLE_RATE * rng.uniform(*GAP)), np.int16) for _ in string]
            joined = [part for (_, word), gap in zip(string, gaps, strict=True) for part in (word, gap)]
            yield voice, " ".join(text for text, _ in string), np.concatenate(joined)


def is_real(voice: str) -> bool:
    """Whether an utterance of this voice comes from `speech` rather than from a synthesiser."""
    return ":" in voice


def _trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Cut off the quiet beginning and end."""
    energy = np.convolve(samples.astype(np.float64) ** 2, np.ones(800) / 800, "same")
    loud = np.nonzero(energy > LOUD * energy.max())[0]
    return samples[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN] if len(loud) else samples


def noises(folder: Path, held_out: bool) -> list[NDArray[np.float64]]:
    """Return the recordings that are not speech (key clicks), of the test set or of the rest; peak 1."""
    clips = [clip for clip in manifest(folder) if not clip.speech and clip.held_out == held_out]
    return [samples / max(1.0, float(np.abs(samples).max())) for _, samples in read(folder, clips)]
