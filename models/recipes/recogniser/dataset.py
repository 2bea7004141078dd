"""From recordings to training batches: features with variations, transcripts as graphs, utterances of like length."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser import archive, augmentation, features, noises, recordings
from models.recipes.recogniser.archive import Archive
from models.recipes.recogniser.lexicon import NOISE_WORD, TranscriptGraph, load, transcript_graph

LONGEST = 900  # frames; longer utterances are left out
CHUNK = 200  # recordings that one process turns into features at a time
NOISE = "noise"  # the voice of recordings without speech
PLAIN_MARGIN = 4_800  # samples around a recording that is not varied
PLAIN_FLOOR = 10.0  # standard deviation of the noise in it, on the 16-bit scale
TRACT_SPREAD, TRACT_SPREAD_OF_PEOPLE = 9.0, 5.0  # per cent

Features = tuple[str, str, NDArray[np.float16]]
Clicks = list[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Source:
    """An archive of speech, and in how many variations each of its recordings is trained on."""

    path: Path
    copies: int


def _surroundings(speech: Archive, clicks: Clicks, rng: np.random.Generator) -> augmentation.Surroundings:
    return augmentation.Surroundings(
        voice=lambda: np.asarray(speech[int(rng.integers(len(speech)))]),
        disturbance=lambda length: noises.disturbance(rng, length, clicks),
    )


def _chunk(source: Source, clicks: Clicks, seed: int, start: int) -> list[Features]:
    """Features of the variations of each recording from `start` on."""
    speech, made = Archive(source.path), list[Features]()
    for i in range(start, min(start + CHUNK, len(speech))):
        for copy in range(source.copies):
            rng = np.random.default_rng((seed, i, copy))
            varied = augmentation.vary(speech[i], rng, _surroundings(speech, clicks, rng))
            words = [NOISE_WORD] * varied.before + speech.utterances[i].text.split() + [NOISE_WORD] * varied.after
            cepstra = features.mfcc(varied.sound).astype(np.float16)
            made.append((speech.utterances[i].voice, " ".join(words), cepstra))
    return made


def _without_speech(speech_path: Path, clicks: Clicks, seed: int, number: int) -> list[Features]:
    """Features of recording `number` of those without speech.

    Two in three hold a disturbance; the others silence, steady noise, or the residue of an echo.
    """
    rng = np.random.default_rng((seed, 1, number))
    around = _surroundings(Archive(speech_path), clicks, rng)
    length = int(features.SAMPLE_RATE * rng.uniform(1, 5))
    steady = augmentation.noise(rng, length) if number % 12 else np.zeros(length)
    if number % 3:
        disturbing = around.disturbance(length)
        if rng.random() < 0.2:
            disturbing = augmentation.telephone(disturbing, rng)
        sound = disturbing + steady * 10 ** (-rng.uniform(20, 60) / 20)
        text, headroom = NOISE_WORD, rng.uniform(0, 36)
    elif number % 2:
        residue = augmentation.echo_residue(around.voice(), length, rng)
        sound = residue + steady * 10 ** (-rng.uniform(0, 30) / 20)
        text, headroom = "", rng.uniform(38, 65)
    else:
        sound, text, headroom = steady, "", rng.uniform(4, 60)
    return [(NOISE, text, features.mfcc(augmentation.scale(sound, headroom)).astype(np.float16))]


def _plain_chunk(path: Path, seed: int, start: int) -> list[Features]:
    """Features of the recordings of known words from `start` on, unvaried."""
    speech, rng, made = Archive(path), np.random.default_rng((seed, 2, start)), list[Features]()
    for i in range(start, min(start + CHUNK, len(speech))):
        if all(word in load() for word in speech.utterances[i].text.split()):
            sound = np.pad(speech[i].astype(np.float64), PLAIN_MARGIN)
            sound += PLAIN_FLOOR * rng.standard_normal(len(sound))
            utterance, cepstra = speech.utterances[i], features.mfcc(sound).astype(np.float16)
            made.append((utterance.voice, utterance.text, cepstra))
    return made


def make_plain(speech: Path, path: Path, seed: int, processes: int) -> None:
    """Turn recordings into a feature archive that is easy to align: no variation, nearly no noise, no unknown words."""
    with ProcessPoolExecutor(processes) as pool:
        chunks = pool.map(partial(_plain_chunk, speech, seed), range(0, len(Archive(speech)), CHUNK))
        archive.write(path, chain.from_iterable(chunks))


def make(sources: list[Source], without_speech: int, clicks: Clicks, path: Path, seed: int, processes: int) -> None:
    """Turn archives of speech, and so many recordings without speech, into a feature archive at `path`.

    `clicks` are recorded key clicks to make disturbances of; without any they are made up.
    """
    with ProcessPoolExecutor(processes) as pool:
        chunks = [
            pool.map(partial(_chunk, source, clicks, seed), range(0, len(Archive(source.path)), CHUNK))
            for source in sources
        ]
        quiet = pool.map(partial(_without_speech, sources[0].path, clicks, seed), range(without_speech), chunksize=50)
        archive.write(path, chain.from_iterable(chain(*chunks, quiet)))


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

    def tract_spread(self, index: int) -> float:
        """How much the vocal tract of utterance `index` is varied: people, unlike synthesisers, vary by themselves."""
        return TRACT_SPREAD_OF_PEOPLE if recordings.is_real(self.features.utterances[index].voice) else TRACT_SPREAD

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
