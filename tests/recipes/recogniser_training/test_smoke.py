"""The recogniser's recipe from end to end on tiny data: what it recognises is nonsense, but every part must fit."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.recipes.recogniser import archive, build, lexicon, listening
from models.recipes.recogniser.plan import SMOKE
from models.recipes.recogniser.recordings import Clip
from tests.recipes.test_recogniser_people import opus, write_folder


@pytest.mark.timeout(300)
def test_the_recipe_makes_a_model_that_vosk_loads_and_resumes_after_a_break(tmp_path: Path) -> None:
    clips = [(Clip(f"so762/{i}.opus", f"so762_{i}_m9", "tell me a story", True), opus(1.5, i)) for i in range(8)]
    clips.append((Clip("neg/1.opus", "", "", False), opus(0.1, 9)))
    speech = write_folder(tmp_path, clips)
    work, out, lines = tmp_path / "work", tmp_path / "out", list[str]()
    build.build(out, work, SMOKE, build.Options(speech), lines.append)
    assert any("LF-MMI" in line or "training on" in line for line in lines)
    voices = {utterance.voice for utterance in archive.Archive(work / "training-features").utterances}
    assert any(voice.startswith("so762:") for voice in voices)
    state = torch.load(work / "checkpoint.pt", weights_only=True)
    assert state["step"] == SMOKE.steps
    assert state["network"]["output.bias"].shape == (lexicon.PDFS,)
    heard = listening.Listener(out).hear(1000 * np.random.default_rng(1).standard_normal(16_000))
    assert all(word.text in lexicon.load() for word in heard)
    build.build(out, work, SMOKE, build.Options(speech), lines.append)
    assert lines[-2:] == [f"resuming at step {SMOKE.steps}", "writing the model"]
