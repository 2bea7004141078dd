"""The numbers of one run of the recipe: sizes and seeds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is made of everything. A run with the same plan makes the same data.

    `steps` is the length of training in batches: first `uniform_steps` on equal alignments, up to `soft_steps` on the
    network's own, then LF-MMI. `batch_frames` counts input frames of 10 ms.
    """

    utterances: int = 14_000
    variations: int = 2
    variations_of_people: int = 2
    without_speech: int = 3_000
    evaluation_sentences: int = 240
    language_model_sentences: int = 40_000
    repeats_of_people: int = 6
    repeats_of_phrases: int = 15
    phone_model_sentences: int = 15_000
    width: int = 256
    batch_frames: int = 6_000
    steps: int = 18_000
    uniform_steps: int = 220
    soft_steps: int = 700
    learning_rate: float = 0.0015
    held_out_seed: int = 77
    speech_seed: int = 11
    variation_seed: int = 23
    text_seed: int = 31
    training_seed: int = 20
    evaluation_seed: int = 41


FULL = Plan()

# Enough to see that every part works and fits the next one; what it recognises is nonsense.
SMOKE = Plan(
    utterances=60,
    variations=1,
    variations_of_people=1,
    without_speech=12,
    language_model_sentences=500,
    phone_model_sentences=100,
    width=32,
    batch_frames=3_000,
    steps=12,
    uniform_steps=4,
    soft_steps=8,
)
