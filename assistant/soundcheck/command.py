"""`parley soundcheck`."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from assistant.audio.echo import Headset
from assistant.audio.loop import LoopOptions
from assistant.audio.playout import Playout
from assistant.audio.streams import StreamOptions
from assistant.core.events import Device
from assistant.engines.protocols import EngineError
from assistant.errors import UserError
from assistant.session.setup import Setup
from assistant.settings_file import load_settings
from assistant.soundcheck.findings import Findings, thresholds
from assistant.soundcheck.measure import measure
from assistant.soundcheck.script import Sentences, Step, perform
from assistant.soundcheck.shelf import Shelf
from assistant.soundcheck.show import draw, show
from assistant.soundcheck.stages import LiveStage
from assistant.soundcheck.take import TapedFrontEnd
from assistant.soundcheck.words import verdict

DEVICE_RATE = 48_000
WHOLE = "This is how I sound when I answer you. I take my own voice out of what the microphone hears."
CUT = "When you begin to talk I fall silent, and this sentence does not come to its end."


def sound_check(
    console: Console,
    overrides: Mapping[str, object],
    *,
    as_json: bool = False,
    plot: Path | None = None,
    forget: bool = False,
) -> None:
    """Check this computer's devices, show what was found and store it; or `forget` what was stored on them.

    No other Parley may be running: it would listen and answer. Raises UserError, also where a device is missing.
    """
    setup = Setup.of(load_settings(overrides)[0])
    guide = Console(stderr=True) if as_json else console
    stage = _stage(setup)
    if forget:
        with stage:
            known = Shelf().forget(stage.names[Device.MICROPHONE], stage.names[Device.LOUDSPEAKER])
        console.print("Forgotten." if known else "There is no sound check of these devices.")
        return
    sentences = _sentences(setup)
    with stage:
        take = perform(stage, sentences, lambda step: _guide(guide, step))
    findings = measure(take, stage.names[Device.MICROPHONE], stage.names[Device.LOUDSPEAKER], time.time())
    Shelf().keep(findings)
    meaning = verdict(findings)
    if plot is not None:
        draw(plot, findings, meaning)
    if as_json:
        console.file.write(json.dumps(report(findings)) + "\n")
    else:
        console.print()
        show(console, findings, meaning)


def report(findings: Findings) -> dict[str, object]:
    """All of it as plain values."""
    meaning = verdict(findings)
    return {
        **asdict(findings),
        "thresholds": asdict(thresholds(findings)),
        "grade": meaning.grade.value,
        "headline": meaning.headline,
        "sentences": list(meaning.sentences),
    }


def _guide(console: Console, step: Step) -> None:
    console.print(step.value, highlight=False)


def _stage(setup: Setup) -> LiveStage:
    settings = setup.settings
    options = LoopOptions(
        microphone=settings.microphone or None,
        loudspeaker=settings.loudspeaker or None,
        stream=StreamOptions(block_ms=settings.block_ms),
    )
    canceller = None if settings.echo_cancellation == "auto" else Headset()
    return LiveStage(TapedFrontEnd(setup.frontend, canceller), Playout(DEVICE_RATE, setup.playout), options)


def _sentences(setup: Setup) -> Sentences:
    voice = setup.voice()
    try:
        voice.start()
        whole, cut = voice.synthesise(WHOLE), voice.synthesise(CUT)
    except EngineError as error:
        raise UserError(str(error)) from error
    finally:
        voice.close()
    return Sentences(whole.pcm, cut.pcm, whole.rate)
