"""What the window, the terminal and the tests see of a session: immutable pictures of its state."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from assistant.core.effects import Level
from assistant.core.history import TurnStatus as TurnStatus
from assistant.core.tool_calls import UseStatus as UseStatus
from assistant.settings import Settings, needs_restart


class State(StrEnum):
    """The one state that can be read from across the room."""

    LISTENING = "listening"
    HEARING = "hearing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    DUCKED = "ducked"
    INTERRUPTED = "interrupted"
    MUTED = "muted"
    NO_MICROPHONE = "no_microphone"


class Speaker(StrEnum):
    """Who said a turn."""

    YOU = "you"
    PARLEY = "parley"


@dataclass(frozen=True, slots=True)
class CutNote:
    """Why a reply stopped: the user's words ("" for a button) or a plain cause, and how long silence took."""

    words: str
    cause: str
    latency_ms: int


@dataclass(frozen=True, slots=True)
class ToolView:
    """A tool that was called for a reply: its name, the arguments as JSON, how it stands, and what came of it.

    It was called before the character `at` of the turn's text. `undo` is "" or what an Undo button hands to `undo`.
    """

    name: str
    arguments: str
    status: UseStatus
    result: str = ""
    at: int = 0
    undo: str = ""


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn as the thread shows it.

    `heard` is the number of characters of `text` that were heard (for a reply being spoken the playhead refines it).
    `spoken_at` is wall-clock time, seconds since the epoch. `can_continue`: a rest of it can be spoken.
    """

    number: int
    speaker: Speaker
    text: str
    heard: int
    status: TurnStatus
    spoken_at: float
    cut: CutNote | None = None
    can_continue: bool = False
    continued: bool = False
    tools: tuple[ToolView, ...] = ()
    announcement: bool = False
    """It did not answer anybody: a timer rang, or another program had something to say."""
    offers: int | None = None
    """The number of the turn that it offers to go on with."""


@dataclass(frozen=True, slots=True)
class EngineView:
    """One line on an engine: `name` as shown ("Hearing", "Thinking", "Voice"), and how it is."""

    name: str
    ready: bool
    failed: bool
    detail: str
    """The model's name when ready, what is happening while loading, or the error's sentence."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A toast: `number` grows, so that each is shown once. `undo` is "" or what an Undo button hands to `undo`."""

    number: int
    level: Level
    text: str
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything slow-changing. `caption_settled` and `caption_unsettled` together are the user's live words."""

    state: State = State.LISTENING
    caption_settled: str = ""
    caption_unsettled: str = ""
    turns: tuple[TurnView, ...] = ()
    muted: bool = False
    microphone: str | None = None
    """Name of the open microphone; None if there is none."""
    loudspeaker: str | None = None
    engines: tuple[EngineView, ...] = ()
    notices: tuple[Notice, ...] = ()
    starter: bool = True
    """True while the small starter models are in use."""


@dataclass(frozen=True, slots=True)
class Playhead:
    """Where in which turn our voice is: characters [start, end) of the turn's text are the word being spoken."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Meters:
    """Fast-changing values, pulled by the window at 30 Hz. Levels are dBFS (-100 = nothing)."""

    microphone_dbfs: float = -100.0
    voice_dbfs: float = -100.0
    playhead: Playhead | None = None


class Listener(Protocol):
    """Is told of each new snapshot, on the session's thread; never called after `Controller.close` returned."""

    def __call__(self, snapshot: Snapshot, /) -> None:
        """Take the snapshot and return at once."""
        ...


class Controller(Protocol):
    """The whole of what a face (window, terminal, test) may ask of a session. Every call returns at once."""

    @property
    def snapshot(self) -> Snapshot:
        """The latest picture."""
        ...

    def meters(self) -> Meters:
        """Levels and playhead now."""
        ...

    def subscribe(self, listener: Listener) -> None:
        """Tell `listener` of every snapshot from now on."""
        ...

    def start(self) -> None:
        """Open devices and load engines in the background."""
        ...

    def say(self, text: str) -> None:
        """Send a typed message."""
        ...

    def typing(self) -> None:
        """The user has begun to type a message."""
        ...

    def stop(self) -> None:
        """The Stop button: silence and abandon."""
        ...

    def stop_speech(self) -> None:
        """Silence only: the text of the reply goes on."""
        ...

    def continue_reply(self, turn: int | None = None) -> None:
        """Speak the rest of a reply that was cut off; None: the latest one that has a rest."""
        ...

    def undo(self, handle: str) -> None:
        """Take back what a tool did; `handle` is the `undo` of a notice or of a tool's view."""
        ...

    def apply(self, settings: Settings) -> tuple[str, ...]:
        """Use `settings` from now on; returns the names of those that need a restart. Raises UserError."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute the microphone."""
        ...

    def hold_to_talk(self, held: bool) -> None:
        """Push-to-talk: True while the key is down."""
        ...

    def new_conversation(self) -> None:
        """Begin an empty conversation."""
        ...

    def close(self) -> None:
        """Abandon everything, close devices and engines; returns when all is closed."""
        ...


@dataclass
class FakeController:
    """A controller without engines, for tests of faces: records commands, and is fed snapshots with `show`."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    levels: Meters = field(default_factory=Meters)
    commands: list[tuple[str, object]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    def show(self, snapshot: Snapshot) -> None:
        """Publish `snapshot` as a session would."""
        self.snapshot = snapshot
        for listener in self.listeners:
            listener(snapshot)

    def meters(self) -> Meters:
        """The levels last set."""
        return self.levels

    def subscribe(self, listener: Listener) -> None:
        """Remember `listener`."""
        self.listeners.append(listener)

    def start(self) -> None:
        """Record the command."""
        self.commands.append(("start", None))

    def say(self, text: str) -> None:
        """Record the command."""
        self.commands.append(("say", text))

    def typing(self) -> None:
        """Record the command."""
        self.commands.append(("typing", None))

    def stop(self) -> None:
        """Record the command."""
        self.commands.append(("stop", None))

    def stop_speech(self) -> None:
        """Record the command."""
        self.commands.append(("stop_speech", None))

    def continue_reply(self, turn: int | None = None) -> None:
        """Record the command."""
        self.commands.append(("continue", turn))

    def undo(self, handle: str) -> None:
        """Record the command."""
        self.commands.append(("undo", handle))

    def apply(self, settings: Settings) -> tuple[str, ...]:
        """Record the command."""
        self.commands.append(("apply", settings))
        before, self.settings = self.settings, settings
        return needs_restart(before, settings)

    def set_muted(self, muted: bool) -> None:
        """Record the command."""
        self.commands.append(("muted", muted))

    def hold_to_talk(self, held: bool) -> None:
        """Record the command."""
        self.commands.append(("talk", held))

    def new_conversation(self) -> None:
        """Record the command."""
        self.commands.append(("new", None))

    def close(self) -> None:
        """Record the command."""
        self.commands.append(("close", None))
