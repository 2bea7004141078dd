"""Figures of a finished model, measured through Vosk itself, on sentences that no part of the recipe has seen."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser import augmentation, corpus, features, synthesis
from models.recipes.recogniser.archive import Archive
from models.recipes.recogniser.synthesis import Job

CHUNK = 480  # samples handed over at a time: 30 ms, as a microphone would
SILENCE_BEFORE, SILENCE_AFTER = 0.3, 0.8  # seconds around each sentence
FLOOR = 3.0  # standard deviation of the noise that every recording gets, on the 16-bit scale
NOISE_SNR_DB = 15.0
NO_SPEECH_SECONDS = 60
_COMMANDS = """stop, wait, hold on, never mind, cancel, quiet, shut up, enough, uh-huh, mm-hmm, yeah, okay, right, sure,
got it, i see, no, continue, go on, keep going, repeat, say that again, what was that, shorter, another one"""
COMMANDS = tuple(" ".join(phrase.split()) for phrase in _COMMANDS.split(","))
SPOTTED = ("stop", "wait", "cancel", "quiet")

SEEN, SHORT = "voices of training", "commands"


def jobs(held_out: tuple[str, ...], per_voice: int, seed: int) -> list[Job]:
    """Return what to say: fresh sentences in seen and unseen voices, word strings, and the short commands."""
    rng = random.Random(seed)
    made: list[Job] = []

    def add(synthesiser: str, voice: str, texts: tuple[str, ...]) -> None:
        made.extend(Job(synthesiser, voice, text, rng.random()) for text in texts)

    def fresh() -> tuple[str, ...]:
        return tuple(rng.sample(held_out, min(per_voice, len(held_out))))

    for voice in synthesis.FLITE_VOICES:
        add("flite", voice, fresh())
    for voice in ("en-us", "en-gb", "en-us+m1", "en-us+f2", "en-gb+john"):
        add("espeak", voice, fresh())
    for voice in synthesis.UNSEEN_ESPEAK:
        add("espeak", voice, fresh())
    add("festival", synthesis.UNSEEN_FESTIVAL, fresh())
    commands = COMMANDS[: 2 * per_voice]
    for synthesiser, voice in (("flite", "slt"), ("flite", "awb"), ("espeak", "en-us"), ("espeak", "en-gb+john")):
        add(synthesiser, voice, commands)
    add("flite", "slt", tuple(corpus.load().word_string(rng) for _ in range(per_voice)))
    return made


@dataclass(slots=True)
class Score:
    """Errors in one kind of recording."""

    sentences: int = 0
    wrong_sentences: int = 0
    words: int = 0
    wrong_words: int = 0

    def count(self, wanted: list[str], heard: list[str]) -> None:
        """Add one sentence."""
        errors = edit_distance(wanted, heard)
        self.sentences += 1
        self.wrong_sentences += errors > 0
        self.words += len(wanted)
        self.wrong_words += errors

    def row(self, name: str) -> str:
        """One line of the table."""
        word, sentence = 100 * self.wrong_words / self.words, 100 * self.wrong_sentences / self.sentences
        return f"| {name} | {self.sentences} | {word:.1f} | {sentence:.1f} |"


@dataclass(slots=True)
class Timing:
    """CPU time per audio time, and how late words appear in partial results, in seconds after their end."""

    audio: float = 0.0
    cpu: float = 0.0
    word_delays: list[float] = field(default_factory=list)


def edit_distance(wanted: list[str], heard: list[str]) -> int:
    """The fewest insertions, deletions and substitutions of words that turn one into the other (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], best
    return row[-1]


class Listener:
    """Vosk with the model under test; every recording gets a recogniser of its own."""

    def __init__(self, model: Path) -> None:
        import vosk  # a native library that only the evaluation needs

        vosk.SetLogLevel(-1)
        self._vosk, self._model = vosk, vosk.Model(str(model))
        self.timing = Timing()

    def hear(self, sound: NDArray[np.floating], grammar: tuple[str, ...] | None = None) -> list[str]:
        """Return the words heard in 16 kHz `sound` on the 16-bit scale; `grammar` bounds them to these phrases."""
        arguments = (self._model, features.SAMPLE_RATE, *([json.dumps(grammar)] if grammar else []))
        recogniser = self._vosk.KaldiRecognizer(*arguments)
        recogniser.SetWords(True)
        samples = np.clip(sound, -32768, 32767).astype("<i2")
        started, finished = time.process_time(), list[dict[str, float | str]]()
        partials: list[tuple[float, list[str]]] = []
        for at in range(0, len(samples), CHUNK):
            if recogniser.AcceptWaveform(samples[at : at + CHUNK].tobytes()):
                finished += json.loads(recogniser.Result()).get("result", [])
                partials.clear()
            else:
                partials.append(((at + CHUNK) / features.SAMPLE_RATE, _partial_words(recogniser.PartialResult())))
        finished += json.loads(recogniser.FinalResult()).get("result", [])
        self.timing.cpu += time.process_time() - started
        self.timing.audio += len(samples) / features.SAMPLE_RATE
        words = [str(word["word"]) for word in finished]
        for i, word in enumerate(finished):
            shown = [at for at, partial in partials if partial[: i + 1] == words[: i + 1]]
            self.timing.word_delays += [shown[0] - float(word["end"])] if shown else []
        return words


def _partial_words(result: str) -> list[str]:
    return str(json.loads(result)["partial"]).split()


def _recordings(speech: Archive, held_out: frozenset[str]) -> Iterator[tuple[str, list[str], NDArray[np.float64]]]:
    """Yield kind, words and sound of each recording, and of the sentences a second time with noise."""
    rng = np.random.default_rng(3)
    before, after = (int(features.SAMPLE_RATE * seconds) for seconds in (SILENCE_BEFORE, SILENCE_AFTER))
    for i, utterance in enumerate(speech.utterances):
        clean = 0.5 * speech[i].astype(np.float64)
        sound = np.pad(clean, (before, after))
        sound += FLOOR * rng.standard_normal(len(sound))
        words = utterance.text.split()
        kind = _kind(utterance.voice, utterance.text, held_out)
        yield kind, words, sound
        if kind == SEEN:
            loudness = np.sqrt(np.mean(clean**2)) * 10 ** (-NOISE_SNR_DB / 20)
            noisy = sound + loudness * augmentation.noise(rng, len(sound))
            yield f"{SEEN}, noise at {NOISE_SNR_DB:.0f} dB SNR", words, noisy


def _kind(voice: str, text: str, held_out: frozenset[str]) -> str:
    if text in COMMANDS:
        return f"{SHORT}, {SEEN}"
    if text not in held_out:
        return f"random word strings, {SEEN}"
    if voice == synthesis.UNSEEN_FESTIVAL:
        return f"unseen festival voice {voice}"
    if voice in synthesis.UNSEEN_ESPEAK:
        return "unseen espeak-ng voices"
    return SEEN


def _no_speech() -> dict[str, NDArray[np.float64]]:
    rng, length = np.random.default_rng(4), NO_SPEECH_SECONDS * features.SAMPLE_RATE
    return {
        "digital silence": np.zeros(length),
        "faint white noise": 30 * rng.standard_normal(length),
        "white noise": 1000 * rng.standard_normal(length),
        "noises of all kinds": 1000 * np.concatenate([augmentation.noise(rng, length // 20) for _ in range(20)]),
    }


def table(model: Path, test_speech: Path, held_out: tuple[str, ...]) -> str:
    """Measure the Vosk model in folder `model` on the recordings at `test_speech`; returns Markdown."""
    listener, scores, spotted = Listener(model), defaultdict[str, Score](Score), Score()
    for kind, words, sound in _recordings(Archive(test_speech), frozenset(held_out)):
        scores[kind].count(words, listener.hear(sound))
        if kind.startswith(SHORT):
            wanted = words if words[0] in SPOTTED and len(words) == 1 else []
            heard = [w for w in listener.hear(sound, (*SPOTTED, "[unk]")) if w != "[unk]"]
            spotted.count(wanted or ["(nothing)"], heard or ["(nothing)"])
    lines = ["| recordings | number | word errors % | sentences with errors % |", "|---|---|---|---|"]
    lines += [score.row(kind) for kind, score in sorted(scores.items())]
    lines.append(spotted.row(f"grammar {', '.join(SPOTTED)}, [unk] on the commands"))
    lines += ["", f"| {NO_SPEECH_SECONDS} s without speech | words heard |", "|---|---|"]
    lines += [f"| {name} | {len(listener.hear(sound))} |" for name, sound in _no_speech().items()]
    median, late = np.percentile(listener.timing.word_delays or [0.0], (50, 90))
    lines += ["", f"Partial results show a word {median:.2f} s after its end (median; 90 %: {late:.2f} s)."]
    lines.append(f"CPU time per second of audio: {1000 * listener.timing.cpu / listener.timing.audio:.0f} ms.")
    return "\n".join(lines)
