"""All benchmarks: what each measures, and what its figures mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.bench.conversation import barge_in, reply, stop_button
from assistant.bench.listening import listening
from assistant.bench.live_barge_in import barge_in_sound_card
from assistant.bench.mind import cancel, first_token, generation
from assistant.bench.plan import Plan, Readings
from assistant.bench.sound_card import stop_sound_card
from assistant.bench.startup import imports, memory, startup
from assistant.bench.voice import speech


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: its unit, and what it means."""

    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is measured; `measure` returns readings for exactly the keys of `figures`."""

    title: str
    measure: Callable[[Plan], Readings]
    figures: Mapping[str, Figure]
    virtual: bool = False
    """Measured in the simulator's virtual time."""
    sound_card: bool = False
    """Needs a loudspeaker, and is heard."""


BENCHMARKS: dict[str, Benchmark] = {
    "import": Benchmark(
        "Starting the command line",
        imports,
        {
            "cli": Figure("ms", "start an interpreter and import the command line"),
            "bare": Figure("ms", "of that, the interpreter itself"),
        },
    ),
    "startup": Benchmark(
        "Starting the app (window without a display)",
        startup,
        {
            "painted": Figure("ms", "process start to the first paint of the window"),
            "ready": Figure("ms", "process start to all engines loaded"),
        },
    ),
    "memory": Benchmark(
        "Memory of the app after start-up (resident; shared pages count in each process)",
        memory,
        {
            "app": Figure("MB", "window, session, recogniser"),
            "mind": Figure("MB", "process of the language model"),
            "voices": Figure("MB", "processes of the voice and of its spare"),
            "total": Figure("MB", "all of them"),
        },
    ),
    "listening": Benchmark(
        "Listening (CPU time per second of sound)",
        listening,
        {
            "noise": Figure("% of a core", "echo canceller and voice activity, on room noise"),
            "speech": Figure("% of a core", "the same with both recognisers, on speech"),
        },
    ),
    "first_token": Benchmark(
        "Time to first token",
        first_token,
        {
            "cold": Figure("ms", "first question to a freshly loaded model"),
            "warm": Figure("ms", "next question, the conversation so far being reused"),
            "cut": Figure("ms", "next question after a reply that was cut half-way"),
        },
    ),
    "generation": Benchmark(
        "The language model's speed and memory",
        generation,
        {
            "load": Figure("ms", "start of its process to the model being loaded"),
            "prompt": Figure("tokens/s", "evaluation of a long prompt"),
            "tokens": Figure("tokens/s", "generation of a reply after it"),
            "memory": Figure("MB", "its process, the model file in memory included"),
        },
    ),
    "cancel": Benchmark(
        "Cancelling a reply",
        cancel,
        {
            "token": Figure("ms", "cancel to the end of generation, between tokens"),
            "prefill": Figure("ms", "the same inside the evaluation of a long prompt"),
        },
    ),
    "speech": Benchmark(
        "Speech synthesis",
        speech,
        {
            "sentence": Figure("ms", "one sentence, from text to sound"),
            "ratio": Figure("%", "work, as a share of the length of the speech"),
        },
    ),
    "reply": Benchmark(
        "Answering",
        reply,
        {
            "endpoint": Figure("ms", "your last sound to the turn being over"),
            "first_sample": Figure("ms", "your last sound to the first sample of the answer"),
            "unanswered": Figure("%", "questions without an answer"),
        },
        virtual=True,
    ),
    "stop_button": Benchmark(
        "The Stop button",
        stop_button,
        {"silence": Figure("ms", "press to the last audible sample")},
        virtual=True,
    ),
    "barge_in": Benchmark(
        "Interrupting by voice",
        barge_in,
        {
            "speaker_duck": Figure("ms", "loudspeaker: your first sound to Parley lowered"),
            "speaker_cut": Figure("ms", "loudspeaker: your first sound to Parley cut"),
            "speaker_missed": Figure("%", "loudspeaker: interruptions that did not cut"),
            "headset_duck": Figure("ms", "headset: your first sound to Parley lowered"),
            "headset_cut": Figure("ms", "headset: your first sound to Parley cut"),
            "headset_missed": Figure("%", "headset: interruptions that did not cut"),
        },
        virtual=True,
    ),
    "stop_sound_card": Benchmark(
        "Stop on the real loudspeaker",
        stop_sound_card,
        {"silence": Figure("ms", "decision to the device playing the last sample")},
        sound_card=True,
    ),
    "barge_in_sound_card": Benchmark(
        "Interrupting by voice through a virtual sound card",
        barge_in_sound_card,
        {
            "ducked": Figure("ms", "your first sound to Parley lowered"),
            "silent": Figure("ms", "your first sound to the device playing our last sample"),
        },
        sound_card=True,
    ),
}
