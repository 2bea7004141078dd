"""What the model makes of synthetic voices: fresh sentences, short commands in hard conditions, run-time grammars."""

import os
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import UserError
from models.recipes.figures import Figure
from models.recipes.recogniser import archive, augmentation, corpus, synthesis
from models.recipes.recogniser.archive import Archive
from models.recipes.recogniser.lexicon import UNKNOWN_WORD
from models.recipes.recogniser.listening import Listener, Score, padded, texts
from models.recipes.recogniser.plan import FULL
from models.recipes.recogniser.synthesis import Job

Sound = NDArray[np.float64]
Condition = Callable[[Sound, np.random.Generator], Sound]

PER_VOICE = 20
_COMMANDS = """stop, wait, hold on, never mind, cancel, quiet, be quiet, shut up, enough, pause, no, uh-huh, mm-hmm,
mhm, yeah, yes, okay, right, sure, got it, i see, continue, go on, keep going, repeat, say that again, what was
that, shorter, another one, go ahead, pardon, actually"""
COMMANDS = tuple(" ".join(phrase.split()) for phrase in _COMMANDS.split(","))
STOP_PHRASES = ("stop", "wait", "cancel", "quiet", "never mind", "shut up", "enough", "hold on")
DIGITS = tuple("zero one two three four five six seven eight nine oh".split())
SEEN_ESPEAK = ("en-us", "en-gb", "en-us+m1", "en-us+f2", "en-gb+john")
COMMAND_VOICES = (("flite", "slt"), ("flite", "awb"), ("espeak", "en-us"), ("espeak", "en-gb+john"))
UNSEEN_COMMAND_VOICES = (("espeak", "en-us+f4"), ("espeak", "en-gb+victor"), ("festival", synthesis.UNSEEN_FESTIVAL))
WHISPER = "en-gb+whisper"
LEVEL = 0.5  # of the synthesisers' level, as everyday recordings have
RANDOM, COMMAND = "random words", "command"  # kinds of test texts beside sentences


def test_speech(work: Path) -> Archive:
    """Speak the test texts, or find them in `work`. The voice of each recording is "kind:voice"."""
    path = work / "test-speech"
    if not archive.exists(path):
        if missing := synthesis.missing_programs():
            raise UserError(f"Not installed: {', '.join(missing)}. On Debian: apt-get install {synthesis.PACKAGES}")
        work.mkdir(parents=True, exist_ok=True)
        spoken = [
            (f"{kind}:{voice}", text, samples)
            for kind, jobs in _jobs().items()
            for voice, text, samples in synthesis.speak(jobs, os.cpu_count() or 1)
        ]
        archive.write(path, spoken)
    return Archive(path)


def _jobs() -> dict[str, list[Job]]:
    """What to say: fresh sentences in seen and unseen voices, word strings, and the commands."""
    rng, language = random.Random(FULL.evaluation_seed), corpus.load()
    held_out = corpus.held_out_sentences(FULL.evaluation_sentences, FULL.held_out_seed)

    def fresh(voices: list[tuple[str, str]], count: int = PER_VOICE) -> list[Job]:
        return [Job(*voice, text, rng.random()) for voice in voices for text in rng.sample(held_out, count)]

    def words(voices: list[tuple[str, str]]) -> list[Job]:
        return [Job(*voice, language.word_string(rng), rng.random()) for voice in voices for _ in range(PER_VOICE)]

    seen = [("flite", voice) for voice in synthesis.FLITE_VOICES] + [("espeak", voice) for voice in SEEN_ESPEAK]
    commands = {COMMAND: COMMAND_VOICES, f"{COMMAND} unseen": UNSEEN_COMMAND_VOICES}
    spoken = {
        kind: [Job(*voice, text, rng.random()) for voice in voices for text in COMMANDS]
        for kind, voices in commands.items()
    }
    return spoken | {
        "seen": fresh(seen),
        "unseen espeak-ng": fresh([("espeak", voice) for voice in synthesis.UNSEEN_ESPEAK]),
        "unseen festival": fresh([("festival", synthesis.UNSEEN_FESTIVAL)], 2 * PER_VOICE),
        RANDOM: words([("flite", "slt"), ("espeak", "en-us")]),
        "whisper": [Job("espeak", WHISPER, text, rng.random()) for text in COMMANDS],
    }


def recordings(spoken: Archive, kind: str) -> Iterator[tuple[list[str], Sound]]:
    """Words and sound of the test recordings of one kind."""
    for i, utterance in enumerate(spoken.utterances):
        if utterance.voice.split(":")[0] == kind:
            yield utterance.text.split(), LEVEL * np.asarray(spoken[i], np.float64)


def _noise(snr_db: float) -> Condition:
    def add(sound: Sound, rng: np.random.Generator) -> Sound:
        power = np.sqrt(np.mean(sound**2)) * 10 ** (-snr_db / 20)
        return np.asarray(sound + power * augmentation.noise(rng, len(sound)))

    return add


def _shouted(sound: Sound, rng: np.random.Generator) -> Sound:
    return np.clip(6 * sound, -32768, 32767)


def _quiet(sound: Sound, rng: np.random.Generator) -> Sound:
    return 0.02 * sound


def _residue(spoken: Archive) -> Condition:
    def add(sound: Sound, rng: np.random.Generator) -> Sound:
        other = np.asarray(spoken[int(rng.integers(len(spoken)))])
        power = np.sqrt(np.mean(sound**2)) * 10 ** (-10 / 20)
        return np.asarray(sound + power * augmentation.echo_residue(other, len(sound), rng))

    return add


def _plain(sound: Sound, rng: np.random.Generator) -> Sound:
    return sound


def score(
    listener: Listener,
    trials: Iterator[tuple[list[str], Sound]],
    condition: Condition = _plain,
    grammar: tuple[str, ...] | None = None,
) -> Score:
    """Let the model hear the trials, each altered by `condition`, and count its errors."""
    counted, rng = Score(), np.random.default_rng(FULL.evaluation_seed)
    for words, sound in trials:
        counted.count(words, texts(listener.hear(condition(padded(sound, rng), rng), grammar)))
    return counted


def figures(listener: Listener, spoken: Archive) -> list[Figure]:
    """Measure everything that synthetic voices can show."""
    return _sentences(listener, spoken) + _commands(listener, spoken) + grammars(listener, spoken)


def _sentences(listener: Listener, spoken: Archive) -> list[Figure]:
    rows: list[tuple[str, str, Condition, str]] = [
        ("voices of training", "seen", _plain, "<= 3"),
        ("voices of training, noise at 15 dB SNR", "seen", _noise(15), ""),
        ("voices of training, noise at 5 dB SNR", "seen", _noise(5), ""),
        ("espeak-ng voices never trained on", "unseen espeak-ng", _plain, "<= 8"),
        (f"festival voice never trained on ({synthesis.UNSEEN_FESTIVAL})", "unseen festival", _plain, "<= 8"),
        ("random word strings, voices of training", RANDOM, _plain, "<= 15"),
    ]
    group, made = "Synthetic voices, fresh sentences: word error rate", []
    for name, kind, condition, target in rows:
        trials = islice(recordings(spoken, kind), 0, None, 1 if condition is _plain else 2)
        counted = score(listener, trials, condition)
        made.append(Figure(group, name, counted.word_error_rate, "%", counted.sentences, target))
    return made


def _commands(listener: Listener, spoken: Archive) -> list[Figure]:
    rows: list[tuple[str, str, Condition]] = [
        ("voices of training", COMMAND, _plain),
        ("voices never trained on", f"{COMMAND} unseen", _plain),
        ("shouted: overdriven", COMMAND, _shouted),
        ("quiet: 34 dB softer", COMMAND, _quiet),
        ("whispered", "whisper", _plain),
        ("noise at 5 dB SNR", COMMAND, _noise(5)),
        ("residue of an echo 10 dB below", COMMAND, _residue(spoken)),
    ]
    group, made = f"{len(COMMANDS)} commands and backchannels by synthetic voices: right without a grammar", []
    for name, kind, condition in rows:
        counted = score(listener, recordings(spoken, kind), condition)
        made.append(Figure(group, name, counted.right, "%", counted.sentences))
    return made


def grammars(listener: Listener, spoken: Archive) -> list[Figure]:
    """Grammars with [unk]: what is in them is to be accepted, everything else rejected."""
    group, made = "Run-time grammars with [unk], synthetic voices", []
    for name, phrases in (("stop phrases", STOP_PHRASES), ("all commands", COMMANDS)):
        grammar = (*phrases, UNKNOWN_WORD)
        inside = [trial for trial in recordings(spoken, COMMAND) if " ".join(trial[0]) in phrases]
        accepted = score(listener, iter(inside), grammar=grammar)
        made.append(Figure(group, f"{name}: accepted", accepted.right, "%", accepted.sentences, ">= 95"))
        outside = [trial for trial in recordings(spoken, "seen") if not holds(trial[0], phrases)][::2]
        made.append(rejected(group, f"{name}: other sentences rejected", listener, outside, phrases))
    return made


def holds(words: list[str], phrases: tuple[str, ...]) -> bool:
    """Whether one of the phrases occurs in `words`."""
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for phrase in phrases)


def rejected(
    group: str, name: str, listener: Listener, trials: list[tuple[list[str], Sound]], phrases: tuple[str, ...]
) -> Figure:
    """Count the sentences in which a grammar of `phrases` and [unk] hears none of the phrases."""
    rng, grammar = np.random.default_rng(FULL.evaluation_seed), (*phrases, UNKNOWN_WORD)
    silent = sum(not holds(texts(listener.hear(padded(sound, rng), grammar)), phrases) for _, sound in trials)
    return Figure(group, name, 100 * silent / max(1, len(trials)), "%", len(trials), ">= 90")
