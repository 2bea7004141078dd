"""Playing a scenario file on the real engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.engines.protocols import EngineError
from assistant.errors import UserError
from assistant.library import check_chat_model, check_speech_model
from assistant.paths import make_folder
from assistant.session.setup import Setup
from assistant.session.simulation.report import report, write_out
from assistant.session.simulation.scenario import Scenario, ScenarioError, load_scenario
from assistant.session.simulation.script import Act
from assistant.session.simulation.simulation import Run, Simulation, Watch
from assistant.session.simulation.world import Engines
from assistant.settings import Settings, problem_with


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario: the report (ready for JSON), the run itself, and what the user did."""

    report: dict[str, Any]
    run: Run
    acts: tuple[Act, ...]


def setup_for(scenario: Scenario, path: Path, settings: Settings) -> Setup:
    """The options of a scenario: `settings` changed by what the scenario says. Raises ScenarioError."""
    changes = dict(scenario.settings)
    for name, value in changes.items():
        if (problem := problem_with(name, value, strict=True)) is not None:
            raise ScenarioError(f"{path}: settings: {problem.rstrip('?')}; correct or remove it.")
    models = {"speech_model": scenario.models.stt, "chat_model": scenario.models.llm}
    changes |= {name: model for name, model in models.items() if model is not None}
    changes |= {name: str(path.parent / changes[name]) for name in models if changes.get(name)}
    setup = Setup.of(settings.with_changes(changes))
    try:
        if changes.get("speech_model"):
            check_speech_model(setup.speech_model)
        if changes.get("chat_model"):
            check_chat_model(setup.chat_model)
    except UserError as error:
        raise ScenarioError(f"{path}: models: {error}") from error
    return setup


@contextmanager
def engines_for(setup: Setup) -> Iterator[Engines]:
    """The real engines, freshly started: what they did before would otherwise change the samples and the words.

    Raises UserError where one cannot be used, or is lost.
    """
    mind, voice = setup.mind(), setup.voice()
    try:
        mind.start()
        voice.start()
        recogniser, stop_words = setup.recognisers()
        yield Engines(mind, voice, recogniser, stop_words)
    except EngineError as error:
        raise UserError(str(error)) from error
    finally:
        mind.close()
        voice.close()


def simulate(
    path: Path,
    settings: Settings,
    *,
    out: Path | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Play the scenario at `path`; `out` receives room.wav, events.jsonl and timeline.png.

    Raises ScenarioError (a bad scenario) and UserError (a model or folder that cannot be used).
    """
    scenario = load_scenario(path)
    setup = setup_for(scenario, path, settings)
    if out is not None:
        make_folder(out)
    with engines_for(setup) as engines:
        simulation = Simulation(scenario, path, setup, engines, watch)
        run = simulation.play()
    result = report(scenario.title, run, simulation.script.acts, simulation.conversation)
    if out is not None:
        write_out(out, run)
        from assistant.session.simulation.timeline import draw_timeline  # matplotlib takes half a second to import

        draw_timeline(out / "timeline.png", scenario.title, run, simulation.script.acts)
    return Outcome(result, run, tuple(simulation.script.acts))
