"""What the model makes of people of whom nothing was trained on: single commands, digits, everyday sentences."""

from pathlib import Path

import numpy as np

from models.recipes.figures import Figure
from models.recipes.recogniser import recordings
from models.recipes.recogniser.lexicon import UNKNOWN_WORD
from models.recipes.recogniser.listening import Listener, Score, padded, texts
from models.recipes.recogniser.recordings import Clip
from models.recipes.recogniser.trials_synthetic import DIGITS, STOP_PHRASES, Sound, holds, rejected

# The command words of the Speech Commands data.
COMMAND_WORDS = tuple("yes no up down left right on off stop go".split())
SENTENCES, SINGLE_WORDS, ORDERS = "so762", ("gsc", "gsc2"), "pvbar"
YOUNGEST_ADULT = 16
OUTSIDE_STEP = 6  # of the sentences outside a grammar one in so many is tried

Trial = tuple[Clip, Sound]


def figures(listener: Listener, speech: Path) -> list[Figure]:
    """Measure on the people of the test set in the folder `speech`."""
    clips = [clip for clip in recordings.manifest(speech) if clip.held_out and clip.speech]
    rng = np.random.default_rng(5)
    trials = [(clip, padded(samples, rng)) for clip, samples in recordings.read(speech, clips)]
    return _single_words(listener, trials) + _sentences(listener, trials, speech) + _rejection(listener, trials)


def _score(listener: Listener, trials: list[Trial], grammar: tuple[str, ...] | None = None) -> Score:
    counted = Score()
    for clip, sound in trials:
        counted.count(clip.text.split(), texts(listener.hear(sound, grammar)))
    return counted


def _single_words(listener: Listener, trials: list[Trial]) -> list[Figure]:
    group, made = "People never trained on: single words right", []
    single = [trial for trial in trials if trial[0].source in SINGLE_WORDS]
    for name, words in (("commands", COMMAND_WORDS), ("digits", DIGITS)):
        of_kind = [trial for trial in single if trial[0].text in words]
        speakers = f"{len({clip.speaker for clip, _ in of_kind})} speakers"
        for kind, grammar, target in (
            ("grammar of them", words, ">= 95"),
            ("grammar of them and [unk]", (*words, UNKNOWN_WORD), ""),
            ("no grammar", None, ">= 85"),
        ):
            counted = _score(listener, of_kind, grammar)
            made.append(Figure(group, f"{name}, {kind}", counted.right, "%", counted.sentences, target, speakers))
    return made


def _sentences(listener: Listener, trials: list[Trial], speech: Path) -> list[Figure]:
    group, made = "People never trained on: word error rate", []
    known = [trial for trial in trials if trial[0].source == SENTENCES and not trial[0].unknown_words]
    digits = [trial for trial in known if _only_digits(trial[0])]
    said = [(clip, texts(listener.hear(sound))) for clip, sound in known if not _only_digits(clip)]
    orders = [(clip, texts(listener.hear(sound))) for clip, sound in trials[::2] if clip.source == ORDERS]
    trained_texts = {clip.text for clip in recordings.training_clips(recordings.manifest(speech))}
    rows = {
        "everyday sentences within the vocabulary": (said, "<= 40"),
        "of these, by adults": ([heard for heard in said if _age(heard[0]) >= YOUNGEST_ADULT], ""),
        "of these, by children": ([heard for heard in said if _age(heard[0]) < YOUNGEST_ADULT], ""),
        "of these, texts in no training text": ([heard for heard in said if heard[0].text not in trained_texts], ""),
        "coffee orders": (orders, ""),
    }
    for name, (of_kind, target) in rows.items():
        counted = Score()
        for clip, words in of_kind:
            counted.count(clip.text.split(), words)
        speakers = len({clip.speaker for clip, _ in of_kind})
        note = f"{speakers} speakers" if speakers > 1 else "speakers not told apart"
        made.append(Figure(group, name, counted.word_error_rate, "%", counted.sentences, target, note))
    for name, grammar in (("strings of digits", None), ("strings of digits, grammar", DIGITS)):
        counted = _score(listener, digits, grammar)
        made.append(Figure(group, name, counted.word_error_rate, "%", counted.sentences))
    return made


def _only_digits(clip: Clip) -> bool:
    return set(clip.text.split()) <= {*DIGITS}


def _age(clip: Clip) -> int:
    """The speaker's age, which speechocean762 gives at the end of the speaker's name: "so762_0001_m6"."""
    return int(clip.speaker.rsplit("_", maxsplit=1)[-1].strip("mf"))


def _rejection(listener: Listener, trials: list[Trial]) -> list[Figure]:
    group, made = "Run-time grammars with [unk], people never trained on", []
    for name, phrases in (("stop phrases", STOP_PHRASES), ("command words", COMMAND_WORDS)):
        outside = [
            (clip.text.split(), sound)
            for clip, sound in trials
            if clip.source == SENTENCES and not holds(clip.text.split(), phrases)
        ][::OUTSIDE_STEP]
        made.append(rejected(group, f"{name}: other sentences rejected", listener, outside, phrases))
    return made
