"""From recordings to training batches: features with variations, transcripts as graphs, utterances of like length."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser import archive, augmentation, features
from models.recipes.recogniser.archive import Archive
from models.recipes.recogniser.lexicon import TranscriptGraph, transcript_graph

LONGEST = 900  # frames; longer utterances are left out
CHUNK = 200  # recordings that one process turns into features at a time
NOISE = "noise"  # the voice of recordings without speech

Features = tuple[str, str, NDArray[np.float16]]


def _chunk(speech_path: Path, copies: int, seed: int, start: int) -> list[Features]:
    """Features of `copies` variations of each recording from `start` on."""
    speech, made = Archive(speech_path), list[Features]()
    for i in range(start, min(start + CHUNK, len(speech))):
        for copy in range(copies):
            rng = np.random.default_rng((seed, i, copy))
            varied = augmentation.vary(speech[i], rng, partial(_any_recording, speech, rng))
            utterance = speech.utterances[i]
            made.append((utterance.voice, utterance.text, features.mfcc(varied).astype(np.float16)))
    return made


def _any_recording(speech: Archive, rng: np.random.Generator) -> NDArray[np.int16]:
    return np.asarray(speech[int(rng.integers(len(speech)))])


def _noises(count: int, seed: int) -> Iterator[Features]:
    """Recordings of nothing: noise of every kind and level; one in six is digital silence."""
    for i in range(count):
        rng = np.random.default_rng((seed, 1, i))
        sound = augmentation.noise(rng, int(features.SAMPLE_RATE * rng.uniform(1, 4)))
        level = augmentation.scale(sound if i % 6 else np.zeros_like(sound), rng.uniform(10, 60))
        yield NOISE, "", features.mfcc(level).astype(np.float16)


def make(speech_path: Path, path: Path, copies: int, noises: int, seed: int, processes: int) -> None:
    """Turn the recordings at `speech_path` into a feature archive at `path`."""
    starts = range(0, len(Archive(speech_path)), CHUNK)
    with ProcessPoolExecutor(processes) as pool:
        chunks = pool.map(partial(_chunk, speech_path, copies, seed), starts)
        archive.write(path, chain(chain.from_iterable(chunks), _noises(noises, seed)))


class Dataset:
    """The utterances of a feature archive that can be trained on, and their transcripts as graphs."""

    def __init__(self, path: Path, subsampling: int) -> None:
        self.features = Archive(path)
        self.graphs: list[TranscriptGraph] = [transcript_graph(u.text.split()) for u in self.features.utterances]
        self.usable = [
            i
            for i, utterance in enumerate(self.features.utterances)
            if utterance.length <= LONGEST and utterance.length // subsampling > self.graphs[i].shortest
        ]

    def text(self, index: int) -> str:
        """The transcript of utterance `index`."""
        return self.features.utterances[index].text

    def sample(self) -> NDArray[np.float32]:
        """Every twentieth utterance, joined: (frames, BINS)."""
        return np.concatenate([self.features[i] for i in self.usable[::20]]).astype(np.float32)

    def batches(self, frames: int, rng: random.Random) -> Iterator[list[int]]:
        """Shuffle the utterances into batches of like length and at most `frames` input frames, padding included."""
        order = rng.sample(self.usable, len(self.usable))
        batches: list[list[int]] = []
        for start in range(0, len(order), 1600):
            batch: list[int] = []
            for index in sorted(order[start : start + 1600], key=lambda i: self.features.utterances[i].length):
                if batch and self.features.utterances[index].length * (len(batch) + 1) > frames:
                    batches.append(batch)
                    batch = []
                batch.append(index)
            batches.append(batch)
        rng.shuffle(batches)
        yield from batches
