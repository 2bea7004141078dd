"""Speech for training and evaluation, spoken by the free synthesisers espeak-ng, flite and festival."""

import io
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from models.recipes.recogniser import corpus

PROGRAMS = ("espeak-ng", "flite", "festival")
PACKAGES = "espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts libfst-tools"

SAMPLE_RATE = 16_000
SHORTEST = 0.15  # seconds; anything shorter, or silent, is a synthesiser's failure and is left out
FESTIVAL_BATCH = 40

FLITE_VOICES = ("awb", "slt", "kal16", "rms", "kal")
FESTIVAL_VOICES = ("kal_diphone", "cmu_us_slt_arctic_hts")
_ACCENTS = "en-us en-us en-us en-gb en-gb en-gb en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-us-nyc en-029"
ESPEAK_ACCENTS = tuple(_ACCENTS.split())
_VARIANTS = """Alex Alicia Andrea Andy Annie AnxiousAndy Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario
Michael Mike Nguyen Storm adam anika antonio aunty belinda benjamin boris caleb croak david ed edward edward2 f1 f2
f3 f5 grandma grandpa gustave iven iven2 iven3 iven4 john klatt klatt2 klatt3 klatt4 klatt5 linda m1 m2 m4 m5 m6 m7
m8 marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby steph2 steph3 travis whisper
whisper whisperf whisperf"""
ESPEAK_VARIANTS = tuple(_VARIANTS.split())
WORD_STRING_SHARE = 0.45  # of the texts
WITH_UNKNOWN_SHARE = 0.12  # of the texts: a made-up word among known ones
UNKNOWN_ONLY_SHARE = 0.06  # of the texts: made-up words alone
PLAIN_ESPEAK_SHARE = 0.25  # of the espeak recordings: the plain voices, as most programs use them

# Never trained on: a festival voice, and espeak-ng voices whose variant or accent is missing above.
UNSEEN_FESTIVAL = "ked_diphone"
UNSEEN_ESPEAK = ("en-us+m3", "en-us+f4", "en-gb+victor", "en-gb-x-gbcwmd+steph")


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to say: the synthesiser, its voice, the text, and a seed for rate and pitch."""

    synthesiser: str
    voice: str
    text: str
    seed: float


Recording = tuple[str, str, NDArray[np.int16]]


def missing_programs(programs: tuple[str, ...] = PROGRAMS) -> list[str]:
    """Which programs are not installed; they come with the Debian PACKAGES."""
    return [program for program in programs if shutil.which(program) is None]


def _read(source: io.BytesIO | Path) -> NDArray[np.int16] | None:
    """Return mono 16 kHz samples, or None if the synthesiser left nothing usable."""
    samples, rate = soundfile.read(source, dtype="float32")
    if len(samples) < SHORTEST * rate or np.abs(samples).max() < 0.01:
        return None
    resampled = soxr.resample(samples, rate, SAMPLE_RATE)
    return (np.clip(resampled, -1, 1) * 32767).astype(np.int16)


def say(job: Job) -> list[Recording]:
    """Let espeak-ng or flite speak one text, at a random rate and pitch. Returns no recording if that failed."""
    rng = random.Random(job.seed)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        if job.synthesiser == "espeak":
            text = corpus.load().pronounceable(job.text, "espeak", rng)
            rate, pitch = rng.randint(120, 230), rng.randint(25, 75)
            command = ["espeak-ng", "-v", job.voice, "-s", str(rate), "-p", str(pitch), "-w", file.name, text]
        else:
            text = corpus.load().pronounceable(job.text, "other", rng)
            stretch = f"duration_stretch={rng.uniform(0.75, 1.3):.2f}"
            monotone = f"int_f0_target_mean={rng.uniform(80, 170):.0f}"
            pitch_setting = monotone if job.voice.startswith("kal") else f"f0_shift={rng.uniform(0.85, 1.25):.2f}"
            settings = ["--setf", stretch, "--setf", pitch_setting]
            command = ["flite", "-voice", job.voice, *settings, "-t", text, "-o", file.name]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        samples = _read(Path(file.name))
    return [] if samples is None else [(job.voice, job.text, samples)]


def say_batch(jobs: list[Job]) -> list[Recording]:
    """Let festival speak several texts with one voice; it takes a second to start, so not one by one."""
    rng, recordings = random.Random(jobs[0].seed), list[Recording]()
    with tempfile.TemporaryDirectory() as folder:
        script = [f"(voice_{jobs[0].voice})"]
        for i, job in enumerate(jobs):
            text = corpus.load().pronounceable(job.text, "other", rng)
            script.append(f"(Parameter.set 'Duration_Stretch {rng.uniform(0.8, 1.3):.2f})")
            script.append(f'(utt.save.wave (utt.synth (Utterance Text "{text}")) "{folder}/{i}.wav" \'riff)')
        (Path(folder) / "say.scm").write_text("\n".join(script), encoding="utf-8")
        subprocess.run(["festival", "-b", f"{folder}/say.scm"], check=True, capture_output=True, timeout=600)
        for i, job in enumerate(jobs):
            path = Path(folder) / f"{i}.wav"
            samples = _read(path) if path.exists() else None
            if samples is not None:
                recordings.append((job.voice, job.text, samples))
    return recordings


def training_text(rng: random.Random, banned: frozenset[str]) -> str:
    """Return something to say: a sentence or a random word string; some words of some of them are made up."""
    language = corpus.load()
    if rng.random() < UNKNOWN_ONLY_SHARE:
        return " ".join(language.unknown_word(rng) for _ in range(rng.randint(1, 4)))
    if rng.random() < WORD_STRING_SHARE:
        text = language.word_string(rng, 1, 7)
    else:
        text = corpus.training_sentences(1, rng.randrange(2**32), banned)[0]
    if rng.random() < WITH_UNKNOWN_SHARE:
        words = text.split()
        words.insert(rng.randint(0, len(words)), language.unknown_word(rng))
        text = " ".join(words)
    return text


def training_jobs(size: int, seed: int, banned: frozenset[str]) -> list[Job]:
    """Return about `size` things to say.

    A bit more than half is spoken by espeak-ng, whose many variants stand in for many speakers.
    """
    rng = random.Random(seed)
    jobs: list[Job] = []
    for _ in range(round(size * 0.54)):
        voice = rng.choice(ESPEAK_ACCENTS)
        if rng.random() > PLAIN_ESPEAK_SHARE:
            voice += "+" + rng.choice(ESPEAK_VARIANTS)
        jobs.append(Job("espeak", voice, training_text(rng, banned), rng.random()))
    for voice, share in [*((v, 0.075) for v in FLITE_VOICES), *((v, 0.045) for v in FESTIVAL_VOICES)]:
        synthesiser = "flite" if voice in FLITE_VOICES else "festival"
        jobs += [Job(synthesiser, voice, training_text(rng, banned), rng.random()) for _ in range(round(size * share))]
    return jobs


def speak(jobs: list[Job], processes: int) -> Iterator[Recording]:
    """Speak all jobs, in an order that does not depend on the number of processes."""
    single = [job for job in jobs if job.synthesiser != "festival"]
    batches: list[list[Job]] = []
    for voice in sorted({job.voice for job in jobs if job.synthesiser == "festival"}):
        same = [job for job in jobs if job.synthesiser == "festival" and job.voice == voice]
        batches += [same[i : i + FESTIVAL_BATCH] for i in range(0, len(same), FESTIVAL_BATCH)]
    with ProcessPoolExecutor(processes) as pool:
        spoken = chain(pool.map(say_batch, batches), pool.map(say, single, chunksize=8))
        yield from chain.from_iterable(spoken)
