"""`parley demo` and `parley simulate`: a conversation in a simulated room, shown as it goes."""

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from rich.console import Console

from assistant import scenarios
from assistant.narrator import Narrator, times_table
from assistant.session.simulation.simulate import Outcome, simulate
from assistant.settings import Settings

_WELCOME = (
    "This is a whole spoken conversation in a simulated room. The voice of the user, the echo of the loudspeaker and "
    "the noise of the microphone are computed; echo canceller, speech recognition, language model and voice are the "
    "real ones."
)


def play_demo(console: Console, out: Path, overrides: Mapping[str, object]) -> Outcome:
    """Play the demonstration and leave its sound and its picture in `out`. Raises UserError."""
    console.print(_WELCOME, end="\n\n")
    with resources.as_file(resources.files(scenarios) / "demo.toml") as path:
        outcome = play_scenario(console, path, out, overrides)
    console.print(
        f"\nHear it in {out / 'room.wav'} (left: the microphone, right: the loudspeaker), "
        f"see it in {out / 'timeline.png'}.",
        highlight=False,
        soft_wrap=True,
    )
    return outcome


def play_scenario(
    console: Console, path: Path, out: Path | None, overrides: Mapping[str, object], *, as_json: bool = False
) -> Outcome:
    """Play the scenario at `path` on the default settings changed by `overrides`, and show it. Raises UserError.

    The user's own settings do not count, so that a scenario means the same for everybody.
    """
    settings = Settings().with_changes(overrides)
    if as_json:
        outcome = simulate(path, settings, out=out)
        console.file.write(json.dumps(outcome.report) + "\n")
        return outcome
    with console.status("Loading the engines …") as status:
        outcome = simulate(path, settings, out=out, watch=Narrator(console, status))
    console.print()
    console.print(times_table(outcome.report["users"]))
    return outcome
