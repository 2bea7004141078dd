"""`parley soundcheck` through a sound card without hardware, and its pictures."""

import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from assistant.audio.devices import NO_LOUDSPEAKER, NO_MICROPHONE
from assistant.audio.frontend import FrontEnd
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.errors import UserError
from assistant.soundcheck import command
from assistant.soundcheck.command import sound_check
from assistant.soundcheck.script import Step
from assistant.soundcheck.shelf import Shelf
from assistant.soundcheck.show import draw, show
from assistant.soundcheck.take import TapedFrontEnd
from assistant.soundcheck.words import verdict
from tests.audio.listener import PATIENCE_S
from tests.audio.sounds import silence, speech, white_noise
from tests.soundcheck.examples import NO_ECHO, found


@pytest.mark.timeout(180)
def test_a_room_with_an_echo_and_a_user_who_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with VirtualSoundCard(loop=True, echo_db=-12.0) as card:
        for name, value in card.environment.items():
            monkeypatch.setenv(name, value)

        said: list[subprocess.Popen[bytes]] = []

        def guide(_: Console, step: Step) -> None:
            if step is Step.VOICE:
                said.append(card.speak(np.concatenate((silence(0.5), speech(1.5, -22.0), silence(1.0)))))

        monkeypatch.setattr(command, "_guide", guide)
        console = Console(file=io.StringIO())
        sound_check(console, {}, as_json=True, plot=tmp_path / "check.png")
        assert isinstance(console.file, io.StringIO)
        report = json.loads(console.file.getvalue())
        said[0].wait(PATIENCE_S)
        kept = Shelf().find(report["microphone"], report["loudspeaker"])
        sound_check(console, {}, forget=True)
    assert report["floor_dbfs"] == -100.0
    assert report["echo_gain_db"] == pytest.approx(-12.0, abs=2.0)
    assert -100.0 < report["echo_delay_ms"] < 400.0
    assert report["erle_db"] > 6.0
    assert report["voice_dbfs"] == pytest.approx(-22.0, abs=3.0)
    assert report["stop_heard"]
    assert 8.0 < report["stop_ms"] < 800.0
    assert report["output_latency_ms"] > 0.0
    assert (tmp_path / "check.png").stat().st_size > 5000
    assert kept is not None
    assert kept.at == report["at"]
    assert Shelf().find(report["microphone"], report["loudspeaker"]) is None


def test_without_devices_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody.sock")
    with pytest.raises(UserError) as failure:
        sound_check(Console(file=io.StringIO()), {}, forget=True)
    assert str(failure.value) in (NO_MICROPHONE, NO_LOUDSPEAKER)


def test_the_picture_in_the_terminal() -> None:
    console = Console(file=io.StringIO(), width=100)
    show(console, found(), verdict(found()))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    bars = {line[2:24].strip(): line.count("█") for line in lines if line.startswith("  ") and "│" in line}
    assert bars == {"The room": 12, "Parley": 30, "Parley, echo removed": 16, "You": 34}
    assert lines[0] == "✓ You can talk over Parley"
    assert any("heard 40 ms after it is played; echo 48 ms after that" in line for line in lines)


def test_what_was_not_heard_has_no_bar() -> None:
    console = Console(file=io.StringIO(), width=100)
    nothing = found(voice_dbfs=None, **NO_ECHO)
    show(console, nothing, verdict(nothing))
    assert isinstance(console.file, io.StringIO)
    assert sum("█" in line for line in console.file.getvalue().splitlines()) == 1


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="give another name"):
        draw(tmp_path / "no" / "folder.png", found(), verdict(found()))
    with pytest.raises(UserError, match="give another name"):
        draw(tmp_path / "check.nonsense", found(), verdict(found()))


def test_the_taped_front_end_does_what_the_plain_one_does() -> None:
    plain, taped = FrontEnd(), TapedFrontEnd()
    microphone, reference = white_noise(0.5, -40.0), white_noise(0.5, -30.0, seed=2)
    for number, (heard, played) in enumerate(zip(microphone.reshape(-1, 160), reference.reshape(-1, 160), strict=True)):
        at = number / 100
        assert np.array_equal(plain.process(heard, played, at).clean, taped.process(heard, played, at).clean)
    assert len(taped.tape.times) == 50
