"""What the interruptions page says."""

from datetime import datetime
from typing import Final

from assistant.core.interruptions import Reason
from assistant.store.ledger import Record
from ui.wording import clock, day

EMPTY: Final = "You have not interrupted Parley yet. Try it: just start talking."
NOTHING_OF_KIND: Final = "Nothing of this kind yet."
TYPICAL, WEEK = "typical time to silence", "in the last 7 days"
WENT_ON, RATE = "lowered, then went on", "a minute, just now"
TYPICAL_SHORT, WEEK_SHORT, WENT_ON_SHORT, RATE_SHORT = "typical", "this week", "went on", "a minute"
STOPPED, LOWERED, GOAL, UNIT = "Stopped", "Lowered, then went on", "goal", "ms"
LOWERED_SHORT = "Lowered"
ALL, BY_VOICE, BY_BUTTON = "All", "By voice", "By button"
COLUMNS: Final = ("When", "You said", "Parley", "Silent after")
LIST_NAME: Final = "Interruptions, newest first"
PLOT_NAME: Final = "Time to silence of the latest interruptions; the list has the same in words"
_REASONS: Final[dict[str, str]] = {
    Reason.USER_CLICKED_STOP: "Stop was pressed",
    Reason.USER_STARTED_TYPING: "you typed",
    Reason.CLIENT_REQUEST: "another program asked",
    Reason.TIMEOUT: "it ran too long",
    Reason.PRIORITY_MESSAGE: "something else came up",
    Reason.ENGINE_FAILED: "the voice failed",
    Reason.DEVICE_LOST: "the loudspeaker went away",
    Reason.NEW_CONVERSATION: "a new conversation",
    Reason.SHUTDOWN: "Parley was closed",
}


def restored(record: Record) -> bool:
    """Whether Parley lowered its voice and went on."""
    return record.decision == "restore"


def said(record: Record) -> str:
    """The user's words, or what there was in their place."""
    if record.words:
        return f"“{record.words}”"
    if record.reason == Reason.USER_SPEAKING:
        return "a sound without words"
    return _REASONS.get(record.reason, record.reason.replace("_", " "))


def outcome(record: Record) -> str:
    """What Parley did."""
    if restored(record):
        return LOWERED
    return f"{STOPPED}, rest as text" if record.speech_only else STOPPED


def why(record: Record) -> str:
    """Kind and evidence: "redirect, by words"."""
    evidence = record.evidence if record.evidence not in ("", record.kind) else ""
    return ", ".join(part for part in (record.kind or "", f"by {evidence}" if evidence else "") if part)


def when(record: Record) -> str:
    """Time of day today, else the day too."""
    the_day = day(record.at)
    return clock(record.at) if the_day == "Today" else f"{the_day}, {clock(record.at)}"


def milliseconds(seconds: float) -> str:
    """A latency."""
    return f"{seconds * 1000:.0f} ms"


def details(record: Record) -> tuple[tuple[str, str], ...]:
    """Everything else that is known of it, as names and values."""
    exact = datetime.fromtimestamp(record.at)
    rows = [
        ("When", f"{day(record.at)}, {exact:%H:%M:%S}"),
        ("Why", why(record)),
        ("Parley was saying", record.sentence),
        ("Heard", record.heard),
        ("Not heard", record.unheard),
        ("Voice lowered after", "" if record.duck_latency_s is None else milliseconds(record.duck_latency_s)),
        ("Voice back after" if restored(record) else "Silent after", milliseconds(record.latency_s)),
        ("Your sound lasted", f"{record.duration_s:.1f} s" if record.duration_s else ""),
        ("Then", record.handled),
    ]
    return tuple((name, value) for name, value in rows if value)


def spoken(record: Record) -> str:
    """What a screen reader says of a row."""
    parts = (when(record), said(record), outcome(record), milliseconds(record.latency_s), why(record), record.handled)
    return ", ".join(part for part in parts if part)
