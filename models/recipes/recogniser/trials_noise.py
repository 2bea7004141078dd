"""What the model writes where nobody speaks, and how well confidence tells such words from right ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipes.figures import Figure
from models.recipes.recogniser import augmentation, noises, recordings
from models.recipes.recogniser.archive import Archive
from models.recipes.recogniser.features import SAMPLE_RATE
from models.recipes.recogniser.listening import Listener, Word, aligned, padded, texts
from models.recipes.recogniser.trials_synthetic import COMMAND, Sound
from models.recipes.recogniser.trials_synthetic import recordings as synthetic

SEED = 90_001  # far from the seeds of training
PIECES, PIECE_SECONDS = 12, 10
RIGHT_SHARE_KEPT = 0.95
PEOPLE = 150  # recordings of people for the report on confidence


def _bursts(rng: np.random.Generator, length: int) -> Sound:
    """Cough-like bursts of another make than those of training: band noise in groups of one to three."""
    sound, at = np.zeros(length), int(rng.integers(SAMPLE_RATE // 2))
    while at < length:
        for _ in range(int(rng.integers(1, 4))):
            t = np.arange(int(SAMPLE_RATE * rng.uniform(0.1, 0.35))) / SAMPLE_RATE
            rising = np.minimum(1, t / rng.uniform(0.002, 0.03))
            burst = augmentation.noise(rng, len(t)) * rising * np.exp(-t / rng.uniform(0.03, 0.12))
            noises.mix_in(sound, rng.uniform(0.4, 1) * burst, at)
            at += len(t) + int(SAMPLE_RATE * rng.uniform(0.05, 0.3))
        at += int(SAMPLE_RATE * rng.uniform(0.5, 2.5))
    return np.asarray(sound / (np.abs(sound).max() + 1e-9))


def _hum(rng: np.random.Generator, length: int) -> Sound:
    t, pitch = np.arange(length) / SAMPLE_RATE, rng.choice([50, 60, 100, 120])
    tones = [rng.uniform(0.2, 1) * np.sin(2 * np.pi * pitch * n * t + rng.uniform(0, 6)) for n in range(1, 8)]
    return np.asarray(np.sum(tones, axis=0) / 7)


def _series(rng: np.random.Generator, length: int, recorded: list[Sound], kind: str) -> Sound:
    """Single sounds of one kind at random moments."""
    sound, at = np.zeros(length), 0.0
    pace = {"click": 0.15, "cough": 1.2}[kind]  # mean seconds from one to the next
    while (at := at + rng.exponential(pace)) < length / SAMPLE_RATE:
        single = noises.click(rng, recorded) if kind == "click" else noises.cough(rng)
        noises.mix_in(sound, single * rng.uniform(0.3, 1), int(at * SAMPLE_RATE))
    return sound


def sounds_without_speech(recorded_clicks: list[Sound]) -> dict[str, list[NDArray[np.float64]]]:
    """Return pieces of every kind of noise, on the 16-bit scale, at levels from faint to loud."""
    length = PIECE_SECONDS * SAMPLE_RATE
    makers: dict[str, Callable[[np.random.Generator], Sound]] = {
        "digital silence": lambda rng: np.zeros(length),
        "white noise": lambda rng: 0.3 * rng.standard_normal(length),
        "coloured noise": lambda rng: 0.3 * augmentation.noise(rng, length),
        "hum": lambda rng: _hum(rng, length),
        "key clicks": lambda rng: _series(rng, length, recorded_clicks, "click"),
        "music": lambda rng: noises.music(rng, length),
        "coughs, made as in training": lambda rng: _series(rng, length, [], "cough"),
        "cough-like bursts, made otherwise": lambda rng: _bursts(rng, length),
    }
    pieces: dict[str, list[NDArray[np.float64]]] = {}
    for number, (name, make) in enumerate(makers.items()):
        draws = [np.random.default_rng((SEED, number, i)) for i in range(PIECES)]
        pieces[name] = [padded(32767 * 10 ** (-rng.uniform(3, 36) / 20) * make(rng), rng) for rng in draws]
    return pieces


def figures(listener: Listener, spoken: Archive, speech: Path | None) -> list[Figure]:
    """Count words in sounds without speech, and report on confidence."""
    group, made, false_words = "Without speech: words a minute", list[Figure](), list[Word]()
    clicks = recordings.noises(speech, held_out=True) if speech else []
    for name, pieces in sounds_without_speech(clicks).items():
        heard = [word for piece in pieces for word in listener.hear(piece)]
        minutes = PIECES * PIECE_SECONDS / 60
        target = "" if name == "coloured noise" else "<= 1"
        made.append(Figure(group, name, len(heard) / minutes, "", PIECES, target, f"pieces of {PIECE_SECONDS} s"))
        false_words += heard
    false_words += _words_over_noise(listener)
    return made + _confidence(_right_words(listener, spoken, speech), false_words)


def _words_over_noise(listener: Listener) -> list[Word]:
    """More false words, so that there are enough to judge: five minutes of disturbances of all kinds."""
    heard: list[Word] = []
    for i in range(60):
        rng = np.random.default_rng((SEED, 100, i))
        sound = noises.disturbance(rng, 5 * SAMPLE_RATE) * 32767 * 10 ** (-rng.uniform(3, 30) / 20)
        heard += listener.hear(padded(sound, rng))
    return heard


def _right_words(listener: Listener, spoken: Archive, speech: Path | None) -> list[Word]:
    """Words that were heard as they were said, by synthetic voices and by people of the test set."""
    rng, right = np.random.default_rng(SEED), list[Word]()
    for words, sound in _said(spoken, speech):
        heard = listener.hear(padded(sound, rng))
        at = 0
        for wanted, got in aligned(words, texts(heard)):
            if got is not None:
                right += [heard[at]] if wanted == got else []
                at += 1
    return right


def _said(spoken: Archive, speech: Path | None) -> Iterator[tuple[list[str], Sound]]:
    yield from synthetic(spoken, COMMAND)
    yield from synthetic(spoken, "unseen espeak-ng")
    if speech is not None:
        clips = [clip for clip in recordings.manifest(speech) if clip.held_out and clip.speech]
        known = [clip for clip in clips if not clip.unknown_words]
        for clip, samples in recordings.read(speech, known[:: max(1, len(known) // PEOPLE)]):
            yield clip.text.split(), samples.astype(np.float64)


def _confidence(right: list[Word], false: list[Word]) -> list[Figure]:
    group = "Confidence: right words against words over noise, coughs, music"
    made = [
        Figure(group, "right words", len(right), "", len(right)),
        Figure(group, "words over noise", len(false), "", len(false)),
    ]
    measures = {
        "confidence": ([word.confidence for word in right], [word.confidence for word in false]),
        "duration": ([word.end - word.start for word in right], [word.end - word.start for word in false]),
    }
    for name, (of_right, of_false) in measures.items():
        if not (of_right and of_false):
            continue
        count = len(of_right) + len(of_false)
        threshold = float(np.quantile(of_right, 1 - RIGHT_SHARE_KEPT))
        removed = 100 * float(np.mean(np.array(of_false) < threshold))
        unit, factor = ("ms", 1000) if name == "duration" else ("", 1)
        made += [
            Figure(group, f"{name}: area under the ROC curve", auc(of_right, of_false), "", count),
            Figure(group, f"{name}: threshold that keeps 95 % of the right words", factor * threshold, unit, count),
            Figure(group, f"{name}: false words below it", removed, "%", len(of_false)),
        ]
    return made


def auc(higher: list[float], lower: list[float]) -> float:
    """How likely a random member of `higher` exceeds one of `lower`; ties count half (Mann and Whitney 1947)."""
    first, second = np.array(higher)[:, None], np.array(lower)[None]
    return float(np.mean((first > second) + 0.5 * (first == second)))
