"""Figures of a finished model, measured through Vosk alone.

The test sets are apart from training by construction: sentences that no training text contains, synthetic voices that
never spoke in training, people of whom nothing was trained on (`recordings.Clip.held_out`), and other draws of noise.
"""

from pathlib import Path

import numpy as np

from models.recipes.figures import Figure
from models.recipes.recogniser import trials_noise, trials_people, trials_synthetic
from models.recipes.recogniser.listening import Listener


def evaluate(model: Path, work: Path, speech: Path | None) -> list[Figure]:
    """Measure the Vosk model in folder `model`.

    `work` keeps the synthetic test speech from one call to the next. `speech` is the folder of real speech (see
    `recordings`); without it the figures on people are missing. Raises UserError if a synthesiser is not installed.
    """
    listener = Listener(model)
    spoken = trials_synthetic.test_speech(work)
    figures = trials_synthetic.figures(listener, spoken)
    if speech is not None:
        figures += trials_people.figures(listener, speech)
    figures += trials_noise.figures(listener, spoken, speech)
    return figures + _cost(listener, model)


def _cost(listener: Listener, model: Path) -> list[Figure]:
    timing, group = listener.timing, "Cost"
    median, late = np.percentile(timing.word_delays or [0.0], (50, 90))
    files = [path for path in model.rglob("*") if path.is_file() and path.suffix != ".md"]
    size = sum(path.stat().st_size for path in files) / 1e6
    recordings = len(timing.word_delays)
    return [
        Figure(group, "size on disk", size, "MB", len(files), note="files"),
        Figure(group, "CPU time per second of sound", 1000 * timing.cpu / timing.audio, "ms", round(timing.audio)),
        Figure(group, "partial result shows a word after its end, median", 1000 * median, "ms", recordings),
        Figure(group, "the same, 90 of 100 words", 1000 * late, "ms", recordings),
    ]
