"""Every sentence the window says, and how it is put together from a snapshot."""

from datetime import datetime
from typing import Final

from assistant.session.snapshot import EngineView, Snapshot, Speaker, State, TurnStatus, TurnView
from ui.wording_tools import tool_line

STATE_WORDS: Final[dict[State, str]] = {
    State.LISTENING: "Listening",
    State.HEARING: "Hearing you",
    State.THINKING: "Thinking",
    State.SPEAKING: "Speaking",
    State.DUCKED: "Lowered",
    State.INTERRUPTED: "Interrupted",
    State.MUTED: "Muted",
    State.NO_MICROPHONE: "No microphone",
}
_STATE_LINES: Final[dict[State, tuple[str, str]]] = {  # (regular, compact)
    State.LISTENING: ("Say anything", "Say anything"),
    State.HEARING: ("Go on, Parley is listening", "Go on"),
    State.THINKING: ("Esc to cancel", "Esc to cancel"),
    State.SPEAKING: ("Just talk to interrupt", "Just talk to interrupt"),
    State.DUCKED: ("still talking, quietly, while it decides", "Talking quietly"),
    State.INTERRUPTED: ("Go ahead", "Go ahead"),
    State.MUTED: ("Parley cannot hear you. Hold F8 to talk just once.", "Hold F8 to talk"),
    State.NO_MICROPHONE: ("Plug one in, or type below", "Plug one in, or type below"),
}
SPEAKER_NAMES: Final = {Speaker.YOU: "You", Speaker.PARLEY: "Parley"}

APP: Final = "Parley"
NEW_CONVERSATION: Final = "New conversation"
NOTHING_PLAYING: Final = "Nothing is playing"
STARTER_LINE: Final = "Starter models: enough to try Parley, not a substitute for real models."
STARTER_SHORT: Final = "Starter models are in use."
STARTER_DETAILS: Final = (
    "Parley brings two very small models along, so that you can talk to it at once with nothing to download. "
    "They know few words and few answers, and are often wrong.",
    "A Vosk model folder or a GGUF chat model that you already have can take their place: start Parley with it, "
    "or name it in the settings file. “parley models” lists models that fit.",
)
STARTER_COMMAND: Final = "parley --speech-model FOLDER --chat-model FILE"
STARTER_SETTINGS: Final = ('speech_model = "/path/to/vosk-model-folder"', 'chat_model = "/path/to/chat-model.gguf"')
ANNOUNCEMENT: Final = "announcement"
OFFER: Final = "offer"
NO_SPEAKER: Final = "No speaker found. Answers appear as text."
EMPTY_TITLE: Final = "Ask anything. Cut in any time."
EMPTY_BODY: Final = "Parley stops as soon as you speak over it.\nEverything stays on this computer."
EXAMPLES: Final = ("“Tell me a short story.”  Then say “stop”.", "“What is the capital of France?”")
MUTED_TITLE: Final = "Your microphone is muted"
MUTED_BODY: Final = "Unmute to talk, or type. Answers are still read aloud."
NO_MICROPHONE_TITLE: Final = "Parley cannot find a microphone"
NO_MICROPHONE_BODY: Final = "Plug one in and it is picked up by itself. You can type in the meantime."


def state_line(snapshot: Snapshot, compact: bool) -> str:
    """The one plain line under the state word."""
    state = snapshot.state
    if state is State.LISTENING and loading(snapshot.engines):
        return "Getting ready" if compact else f"Getting ready: {_names(loading(snapshot.engines))}"
    if state is State.SPEAKING and snapshot.muted:
        return "Muted: use Stop or Esc"
    return _STATE_LINES[state][1 if compact else 0]


def loading(engines: tuple[EngineView, ...]) -> tuple[EngineView, ...]:
    """The engines that are still on their way."""
    return tuple(engine for engine in engines if not engine.ready and not engine.failed)


def _names(engines: tuple[EngineView, ...]) -> str:
    return ", ".join(engine.name for engine in engines)


def problems(snapshot: Snapshot) -> tuple[str, ...]:
    """What is wrong for as long as it lasts, one sentence each."""
    sentences = [f"{engine.name}: {engine.detail}" for engine in snapshot.engines if engine.failed]
    settled = bool(snapshot.engines) and not loading(snapshot.engines)
    if settled and snapshot.loudspeaker is None:
        sentences.append(NO_SPEAKER)
    return tuple(sentences)


def title(snapshot: Snapshot) -> str:
    """The conversation's title: the first words of the user."""
    for turn in snapshot.turns:
        words = turn.text.split()
        if turn.speaker is Speaker.YOU and words:
            line = " ".join(words[:8]).rstrip(".,;:!?")
            return line[:1].upper() + line[1:]
    return NEW_CONVERSATION


def window_title(snapshot: Snapshot) -> str:
    """The title bar: what is wrong first, then the conversation."""
    parts = [title(snapshot), APP]
    if snapshot.state is State.NO_MICROPHONE:
        parts.insert(0, STATE_WORDS[State.NO_MICROPHONE])
    elif snapshot.muted:
        parts.insert(0, STATE_WORDS[State.MUTED])
    return " – ".join(parts)


def interruptions(snapshot: Snapshot) -> int:
    """How many replies were cut off."""
    return sum(turn.cut is not None for turn in snapshot.turns)


def subtitle(snapshot: Snapshot) -> str:
    """The line under the title."""
    if not snapshot.turns:
        return "Speak or type to begin"
    count = interruptions(snapshot)
    first = snapshot.turns[0].spoken_at
    started = f"{day(first)} {clock(first)}"
    if not count:
        return started
    return f"{started} · {count} interruption{'s' if count > 1 else ''}"


def day(at: float) -> str:
    """The day of `at` (seconds since the epoch) as said today."""
    then, today = datetime.fromtimestamp(at).date(), datetime.now().date()
    near = {0: "Today", 1: "Yesterday"}
    return near.get((today - then).days, f"{then.day} {then:%B}")


def clock(at: float) -> str:
    """Wall-clock time of day, hours and minutes; `at` is seconds since the epoch."""
    return datetime.fromtimestamp(at).strftime("%H:%M")


def cut_note(turn: TurnView, compact: bool) -> str:
    """What stopped the reply and how long it took; "" if nothing did."""
    if turn.cut is None:
        return ""
    kept = turn.status is TurnStatus.KEPT_AS_TEXT
    said = f"“{turn.cut.words}”" if compact and kept else f"you said “{turn.cut.words}”"
    parts = [said if turn.cut.words else turn.cut.cause or "stopped"]
    if turn.cut.latency_ms > 0:
        parts.append(f"{turn.cut.latency_ms} ms")
    if kept:
        parts.append("rest as text" if compact else "rest shown as text")
    if turn.continued:
        parts.append("continued")
    return " · ".join(parts)


def turn_note(turn: TurnView, compact: bool) -> str:
    """The line under a turn: what stopped it, or that it was no answer; "" for an ordinary one."""
    parts = [ANNOUNCEMENT] if turn.announcement else [OFFER] if turn.offers is not None else []
    return " · ".join(part for part in (*parts, cut_note(turn, compact)) if part)


def unheard(turn: TurnView) -> str:
    """What of the reply was not heard."""
    return turn.text[turn.heard :].strip()


def turn_name(turn: TurnView) -> str:
    """What a screen reader says of a turn."""
    start = f"{SPEAKER_NAMES[turn.speaker]}, {clock(turn.spoken_at)}"
    if turn.announcement:
        start += f", {ANNOUNCEMENT}"
    for tool in turn.tools:
        start += f", {tool_line(tool)}"
    if turn.cut is None:
        return f"{start}: {turn.text}"
    after = " ".join(turn.text[: turn.heard].split()[-2:])
    rest = "Shown as text" if turn.status is TurnStatus.KEPT_AS_TEXT else "Not spoken"
    heard = f"interrupted after: {after}." if after else "interrupted before a word."
    return f"{start}, {heard} {rest}: {unheard(turn)}"


def continue_name(turn: TurnView) -> str:
    """What a screen reader says of the button that goes on with a reply."""
    if turn.offers is not None:
        return "Yes, go on with what was cut off"
    if turn.status is TurnStatus.KEPT_AS_TEXT:
        return "Speak the rest"
    words = unheard(turn).split()
    return "Continue from: " + " ".join(words[:4]) + ("…" if len(words) > 4 else "")


def stopped_announcement(turn: TurnView) -> str:
    """What a screen reader says after a cut."""
    if turn.status is TurnStatus.KEPT_AS_TEXT:
        return "Stopped. The rest is on screen."
    if turn.cut is not None and turn.cut.words:
        return f"Stopped. You said {turn.cut.words}."
    return "Stopped."
