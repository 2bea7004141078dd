"""`parley talk`: keys, screen, and piped lines."""

import io
import os
import sys
import time
from collections.abc import Callable

import pytest
from rich.console import Console

from assistant.audio.frontend import FrontEndFrame
from assistant.audio.playout import Playout
from assistant.core.effects import Level
from assistant.core.events import Device, DeviceLost, Event
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeVoice
from assistant.keys import BACKSPACE, ENTER, ESC, single_keys
from assistant.session.ear import Ear
from assistant.session.live import LiveSession
from assistant.session.setup import Setup
from assistant.session.snapshot import (
    CutNote,
    EngineView,
    FakeController,
    Meters,
    Notice,
    Playhead,
    Snapshot,
    Speaker,
    State,
    ToolView,
    TurnStatus,
    TurnView,
    UseStatus,
)
from assistant.settings import Settings
from assistant.talk import Keyboard, talk, talk_by_lines
from assistant.talk_view import KEYS, Screen

ASKED = TurnView(0, Speaker.YOU, "tell me a story", 15, TurnStatus.COMPLETE, 0.0)
CUT = TurnView(
    1,
    Speaker.PARLEY,
    "Once upon a time.",
    9,
    TurnStatus.DROPPED,
    0.0,
    CutNote("stop", "you spoke", 140),
    can_continue=True,
)


TYPING = ("typing", None)


@pytest.mark.parametrize(
    ("keys", "state", "commands"),
    [
        ("s", State.SPEAKING, [("stop", None)]),
        (ESC, State.SPEAKING, [("stop", None)]),
        (ESC, State.LISTENING, []),
        ("m", State.LISTENING, [("muted", True)]),
        ("c", State.LISTENING, [("continue", None)]),
        ("what is up" + ENTER, State.LISTENING, [TYPING, ("say", "what is up")]),
        (ENTER + "stop it" + ENTER, State.LISTENING, [TYPING, ("say", "stop it")]),
        ("hez" + BACKSPACE + "y" + ENTER, State.LISTENING, [TYPING, ("say", "hey")]),
        ("h" + BACKSPACE + "m", State.LISTENING, [TYPING, ("muted", True)]),
        (ENTER + "  " + ENTER, State.LISTENING, [TYPING]),
        ("hello" + ESC + "m", State.LISTENING, [TYPING, ("muted", True)]),
        ("hello" + ESC + ENTER, State.SPEAKING, [TYPING, ("stop", None), ("say", "hello")]),
        (" \t\x01", State.LISTENING, []),
        ("u", State.LISTENING, []),
    ],
)
def test_keys(keys: str, state: State, commands: list[tuple[str, object]]) -> None:
    session = FakeController(Snapshot(state))
    keyboard = Keyboard(session)
    keyboard.press(keys)
    assert session.commands == commands
    assert keyboard.typed is None
    assert not keyboard.quitting


def test_u_takes_back_what_a_tool_did_last() -> None:
    timer = ToolView("set_timer", "{}", UseStatus.DONE, "The timer is set for 5 minutes.", undo="set_timer:1")
    undone = ToolView("set_timer", "{}", UseStatus.UNDONE, "The timer is set for 9 minutes.")
    turns = tuple(
        TurnView(number, Speaker.PARLEY, "Okay.", 5, TurnStatus.COMPLETE, 0.0, tools=(tool,))
        for number, tool in enumerate((timer, undone))
    )
    notices = (Notice(1, Level.INFO, "It was done anyway.", "set_timer:3"),)
    both, notices_only = Snapshot(turns=turns, notices=notices), Snapshot(notices=notices)
    for snapshot, handle in ((both, "set_timer:1"), (notices_only, "set_timer:3")):
        session = FakeController(snapshot)
        Keyboard(session).press("u")
        assert session.commands == [("undo", handle)]
    assert any("set_timer: The timer is set for 5 minutes." in line for line in shown(Snapshot(turns=turns)))


def test_muted_is_unmuted_and_q_quits() -> None:
    session = FakeController(Snapshot(State.MUTED, muted=True))
    keyboard = Keyboard(session)
    keyboard.press("mq")
    assert session.commands == [("muted", False)]
    assert keyboard.quitting


def shown(snapshot: Snapshot, meters: Meters | None = None, typed: str | None = None, height: int = 16) -> list[str]:
    console = Console(width=100, height=height, file=io.StringIO(), record=True, force_terminal=True)
    options = console.options.update(height=height)
    console.print(
        "\n".join(
            "".join(s.text for s in line)
            for line in console.render_lines(Screen(snapshot, meters or Meters(), typed), options)
        ),
        markup=False,
        highlight=False,
    )
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_the_screen_shows_state_caption_and_cut_marks_in_its_height() -> None:
    lines = shown(Snapshot(State.HEARING, "tell me", "a joke", turns=(ASKED, CUT), microphone="M", loudspeaker="L"))
    text = "\n".join(lines)
    assert len(lines) == 16
    assert "Once upon // a time." in text
    assert "you said “stop” · 140 ms" in text
    assert "Hearing you" in text
    assert "tell me a joke" in text
    assert lines[-1] == KEYS


def test_the_newest_turns_stay_in_sight() -> None:
    turns = tuple(TurnView(n, Speaker.YOU, f"number {n}", 8, TurnStatus.COMPLETE, 0.0) for n in range(30))
    text = "\n".join(shown(Snapshot(turns=turns)))
    assert "number 29" in text
    assert "number 3\n" not in text


def test_the_line_being_typed_and_the_level_are_shown() -> None:
    text = "\n".join(shown(Snapshot(), Meters(microphone_dbfs=-30.0), "how are"))
    assert "> how are" in text
    assert "█" * 15 + "·" * 15 + "  -30 dB" in text


def test_the_spoken_word_and_what_is_loading_are_shown() -> None:
    writing = TurnView(1, Speaker.PARLEY, "Once upon a time.", 0, TurnStatus.WRITING, 0.0)
    loading = EngineView("Thinking", False, False, "loading")
    text = "\n".join(shown(Snapshot(turns=(writing,), engines=(loading,)), Meters(playhead=Playhead(1, 5, 9))))
    assert "Once upon a time." in text
    assert "Getting ready: Thinking" in text


def test_without_devices_it_says_so() -> None:
    ready = tuple(EngineView(name, True, False, "starter") for name in ("Hearing", "Thinking", "Voice"))
    text = "\n".join(shown(Snapshot(State.NO_MICROPHONE, engines=ready)))
    assert "No microphone" in text
    assert "No speaker found. Answers appear as text." in text


class NoSound:
    """A machine without a sound card."""

    def __init__(self) -> None:
        self.playout = Playout(16_000)

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> None:
        on_event(DeviceLost(time.monotonic(), Device.MICROPHONE, "No microphone found."))
        on_event(DeviceLost(time.monotonic(), Device.LOUDSPEAKER, "No loudspeaker found."))

    def set_muted(self, muted: bool) -> None:
        """There is nothing to mute."""

    def close(self) -> None:
        """There is nothing to close."""


def session_without_sound() -> LiveSession:
    mind = FakeMind({"hello": "Hello to you.", "and now": "Now we are done. Good night."})
    setup = Setup.of(Settings())
    return LiveSession(setup, NoSound(), mind, FakeVoice(), lambda: Ear(FakeRecogniser(), None), time.monotonic, 0.0)


def test_piped_lines_are_answered_one_after_the_other() -> None:
    output = io.StringIO()
    session = session_without_sound()
    try:
        talk_by_lines(session, ["hello\n", "\n", "and now\n"], Console(file=output, width=80))
    finally:
        session.close()
    lines = [line.strip() for line in output.getvalue().splitlines()]
    assert [line for line in lines if line.startswith(("You", "Parley"))] == [
        "You     hello",
        "Parley  Hello to you.",
        "You     and now",
        "Parley  Now we are done. Good night.",
    ]
    assert "No microphone found." in lines
    assert "No speaker found. Answers appear as text." in lines


def test_the_end_of_the_input_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("hello\n"))
    assert talk(session_without_sound()) == 0
    assert "Hello to you." in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_single_keys_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import termios

    master, slave = pty.openpty()
    with os.fdopen(slave, "r+b", buffering=0) as terminal, os.fdopen(master, "r+b", buffering=0) as keyboard:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(terminal)
        with single_keys() as read:
            pressed = []
            for typed in (b"s", b"\x1b", b"\x1b[A", "é".encode(), b"\r"):
                keyboard.write(typed)
                pressed.append(read(5.0))
            assert pressed == ["s", ESC, "", "é", ENTER]
            assert read(0.0) == ""
        assert termios.tcgetattr(terminal) == before
