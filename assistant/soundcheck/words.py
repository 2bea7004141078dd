"""What the findings mean, in plain words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.audio.echo import Method
from assistant.soundcheck.findings import Findings, thresholds

DEAD_DBFS = -90.0
NOISY_DBFS = -40.0
CLIPPED = 0.001
"""Share of samples."""
CLEAR_DB = 12.0
"""A voice this much above everything else is heard without effort."""
BARELY_DB = 6.0
SLOW_STOP_MS = 300.0


class Grade(StrEnum):
    """How well it goes."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A headline, and the sentences that explain it."""

    grade: Grade
    headline: str
    sentences: tuple[str, ...]


def clearance_db(findings: Findings) -> float | None:
    """How far the user's voice stands above the room and what is left of our own; None where none was heard."""
    if findings.voice_dbfs is None:
        return None
    return findings.voice_dbfs - max(findings.noise_dbfs, findings.left_dbfs)


def verdict(findings: Findings) -> Verdict:
    """The first problem of `_PROBLEMS` that there is gives the headline."""
    details = (_echo(findings), _stop(findings), _threshold(findings))
    for grade, headline, is_so, advice in _PROBLEMS:
        if is_so(findings):
            return Verdict(grade, headline, (advice.format(f=findings, clearance=clearance_db(findings)), *details))
    clearance = f"Your voice is {clearance_db(findings):.0f} dB above anything else that Parley hears."
    return Verdict(Grade.GOOD, "You can talk over Parley", (clearance, *details))


def _echo(findings: Findings) -> str:
    if findings.echo_dbfs is None:
        return "Your microphone does not hear your loudspeaker: there is no echo to remove."
    if findings.erle_db is None:
        return "Your loudspeaker can just be heard in the microphone."
    return (
        "Your loudspeaker is loud enough to be heard in the microphone; "
        f"Parley removes {max(0.0, findings.erle_db):.0f} dB of it"
        + (", and the rest drowns in the noise of the room." if findings.echo_in_noise else ".")
    )


def _stop(findings: Findings) -> str:
    by = "by your microphone" if findings.stop_heard else "by what the loudspeaker says, as there is no echo to tell by"
    return f"When it is cut off, Parley is silent after {findings.stop_ms:.0f} ms, {by}."


def _threshold(findings: Findings) -> str:
    return f"On these devices, sounds below {thresholds(findings).vad_min_dbfs:.0f} dB will not count as speech."


def _unclear(findings: Findings, least_db: float) -> bool:
    clearance = clearance_db(findings)
    return clearance is not None and clearance < least_db


def _echo_stays(findings: Findings) -> bool:
    return findings.erle_db is not None and findings.erle_db < BARELY_DB and not findings.echo_in_noise


_PROBLEMS: tuple[tuple[Grade, str, Callable[[Findings], bool], str], ...] = (
    (
        Grade.POOR,
        "The microphone is silent",
        lambda f: f.floor_dbfs < DEAD_DBFS and f.voice_dbfs is None and f.echo_dbfs is None,
        "It delivers no sound at all: switch it on, or allow Parley to use it in the system's settings.",
    ),
    (
        Grade.POOR,
        "Parley hears its own loudspeaker",
        lambda f: f.method is Method.HALF_DUPLEX or _echo_stays(f),
        "The echo of its voice cannot be removed here: use headphones, or turn the loudspeaker down.",
    ),
    (
        Grade.POOR,
        "Too loud for the microphone",
        lambda f: f.clipped > CLIPPED,
        "What it hears is as loud as it can be, and distorted: turn its level down, or the loudspeaker.",
    ),
    (
        Grade.POOR,
        "Parley does not hear you",
        lambda f: f.voice_dbfs is None,
        "No words of yours were heard: come nearer, turn the microphone up, or choose another one, and run it again.",
    ),
    (
        Grade.POOR,
        "Parley hardly hears you",
        lambda f: _unclear(f, BARELY_DB),
        "Your voice is only {clearance:.0f} dB above everything else: come nearer, or turn the microphone up.",
    ),
    (
        Grade.FAIR,
        "It is noisy here",
        lambda f: f.floor_dbfs > NOISY_DBFS,
        "Parley will hear you, and make more mistakes: a quieter place or a headset helps.",
    ),
    (
        Grade.FAIR,
        "You can talk over Parley, loudly",
        lambda f: _unclear(f, CLEAR_DB),
        "Your voice is {clearance:.0f} dB above everything else: come nearer, or turn the loudspeaker down.",
    ),
    (
        Grade.FAIR,
        "You can talk over Parley, and it stops late",
        lambda f: f.stop_ms > SLOW_STOP_MS,
        "Its last sound comes {f.stop_ms:.0f} ms after it was told to be silent: a wireless loudspeaker does that.",
    ),
)
