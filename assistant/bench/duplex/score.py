"""What came of each moment that is judged."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.bench.duplex.cases import Probe, Want
from assistant.bench.duplex.heard import words_off
from assistant.bench.duplex.play import Played
from assistant.bench.duplex.promises import broken
from assistant.core.interruptions import Kind
from assistant.core.phrases import normalise
from assistant.core.state import Phase
from assistant.session.simulation.scenario import UserEntry

YIELD_WITHIN_S = 2.0
"""tau-voice: the time in which to fall silent."""
RESPONSE_WITHIN_S = 2.0
"""tau-voice: a reply so soon after a sound that asks for none is a mistake."""
JUST_NOW_S = 0.3
"""Between two sentences our voice is not silent for longer."""

_BUSY = (Phase.THINKING, Phase.SPEAKING, Phase.OVERLAP)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One probe. Times are seconds; None is what did not happen or does not apply.

    `void`: our reply was over before the sound began. `right`: the words were recognised rightly. `audible`: our voice
    could be heard when the sound began. Latencies run from the first sample of the user's sound, `answered_after_s` and
    `restored_after_s` from its last. `words_off`: words taken as heard, less those played. `evidence` is
    what cut our voice, and the words known then.
    """

    case: str
    group: str
    room: str
    voice: str | None
    level_dbfs: float
    text: str
    want: Want
    kind: Kind | None
    transcript: str
    right: bool
    void: bool = False
    audible: bool = False
    decision: str = "ignore"
    reason: str | None = None
    evidence: str = ""
    found: str | None = None
    yielded: bool = False
    ducked_after_s: float | None = None
    silent_after_s: float | None = None
    restored_after_s: float | None = None
    wants_answer: bool = False
    answered_after_s: float | None = None
    answered_unasked: bool = False
    whole_turn: bool | None = None
    words_off: int | None = None

    @property
    def missed(self) -> bool:
        """True where Parley did not do what it should."""
        if self.void:
            return False
        if self.want is Want.YIELD and not self.yielded:
            return True
        if self.want is Want.GO_ON and self.yielded:
            return True
        lost = self.wants_answer and self.answered_after_s is None
        return lost or self.answered_unasked or (self.right and self.kind is not None and not self.kind_right)

    @property
    def kind_right(self) -> bool:
        """True where the kind is the expected one. "Go on", said over our voice, means what "uh-huh" means."""
        if self.kind is Kind.BACKCHANNEL and self.found == Kind.RESUME:
            return self.decision != "cut"
        return self.found == self.kind


@dataclass(frozen=True, slots=True)
class Judged:
    """A case: its verdicts, and the promises that it broke."""

    verdicts: list[Verdict]
    broken: list[str] = field(default_factory=list)
    virtual_s: float = 0.0
    talked_over: int = 0
    """How often a reply began while the user was talking."""

    @property
    def missed(self) -> bool:
        """True where anything was not as it should be."""
        return bool(self.broken) or any(verdict.missed for verdict in self.verdicts)


def judge(played: Played) -> Judged:
    """Judge all probes of a case, and the case."""
    verdicts = [_verdict(played, probe) for probe in played.case.probes]
    return Judged(verdicts, broken(played), played.run.duration_s, _talked_over(played))


def _verdict(played: Played, probe: Probe) -> Verdict:
    user, entry = played.user(probe.entry), _entry(played, probe.entry)
    text, transcript = entry.text or entry.say or "", user["transcript"] or ""
    known = Verdict(
        case=played.case.name,
        group=played.case.group,
        room=played.scenario.room.output,
        voice=entry.voice,
        level_dbfs=entry.level_dbfs,
        text=text,
        want=probe.want,
        kind=probe.kind,
        transcript=transcript,
        right=entry.say is not None and normalise(transcript) == normalise(text),
        wants_answer=probe.answered,
    )
    if user["onset_s"] is None:
        return replace(known, void=True)
    return replace(known, **_reaction(played, probe, user))


def _reaction(played: Played, probe: Probe, user: dict[str, Any]) -> dict[str, Any]:
    """The fields of a verdict that tell what Parley did."""
    onset, end, cut = user["onset_s"], user["end_s"], user["decision"] == "cut"
    busy = played.phase_at(onset) in _BUSY
    first = played.scenario.user[0].name == probe.entry
    silent = user["last_audible_s"]
    after = _replies_after(played, user)
    kind = probe.kind
    if probe.want is Want.TAKE and kind is Kind.CANCELLATION and not cut:
        kind = None  # it came after the last sample: there was nothing to cancel
    return {
        "kind": kind,
        "void": probe.want is not Want.TAKE and not busy and not first,
        "audible": played.last_audible(max(0.0, onset - JUST_NOW_S), onset) is not None,
        "decision": user["decision"],
        "reason": user["reason"],
        "found": _kind(probe, user, after),
        "yielded": _yielded(played, probe, user, after),
        "ducked_after_s": _difference(onset, user["ducked_s"]),
        "silent_after_s": _difference(onset, silent) if cut else None,
        "restored_after_s": _difference(end, user["restored_s"]),
        "answered_after_s": _difference(end, user["reply_audible_s"]),
        "answered_unasked": probe.kind is Kind.CANCELLATION and bool(after),
        "whole_turn": _whole_turn(played, probe),
        **_record(played, user),
    }


def _yielded(played: Played, probe: Probe, user: dict[str, Any], after: list[dict[str, Any]]) -> bool:
    """True where our voice fell silent because of the sound (or ended by itself in time), or a reply followed noise."""
    onset, end, cut = user["onset_s"], user["end_s"], user["decision"] == "cut"
    if probe.want is Want.GO_ON:
        answered = played.phase_at(onset) not in _BUSY and any(
            reply["first_audible_s"] <= end + RESPONSE_WITHIN_S for reply in after
        )
        return cut or answered
    if not cut:
        return played.phase_at(onset + YIELD_WITHIN_S) not in _BUSY
    return user["last_audible_s"] is None or user["last_audible_s"] <= onset + YIELD_WITHIN_S


def _kind(probe: Probe, user: dict[str, Any], after: list[dict[str, Any]]) -> str | None:
    """What it was taken for; a wish to go on that interrupts nothing shows in what follows."""
    if probe.want is Want.TAKE and probe.kind is Kind.RESUME:
        return Kind.RESUME.value if after and after[0]["tokens"] == 0 else None
    found: str | None = user["kind"]
    return found


def _replies_after(played: Played, user: dict[str, Any]) -> list[dict[str, Any]]:
    """The replies heard between the end of what the user did and the next thing that asks for one."""
    turns = {entry.name for entry in played.scenario.user if entry.takes_turn}
    onsets = [u["onset_s"] for u in played.report["users"] if u["name"] in turns and u["onset_s"] is not None]
    until = min((onset for onset in onsets if onset > user["onset_s"]), default=math.inf)
    heard = [reply for reply in played.report["replies"] if reply["first_audible_s"] is not None]
    return [reply for reply in heard if user["end_s"] < reply["first_audible_s"] < until]


def _whole_turn(played: Played, probe: Probe) -> bool | None:
    """Of a turn in two parts that were understood: whether it became one message."""
    if not probe.turn:
        return None
    heard = " ".join(played.user(p.entry)["transcript"] or "" for p in played.case.probes)
    if normalise(heard) != normalise(probe.turn):
        return None
    return any(normalise(m["text"]) == normalise(probe.turn) for m in played.report["history"] if m["role"] == "user")


def _record(played: Played, user: dict[str, Any]) -> dict[str, Any]:
    """What the record of a cut tells: what cut, and with which words; and whether it knows what was heard."""
    records = [e["record"] for e in played.log if e["event"] == "speech_interrupted" and not e["update"]]
    cut = next((record for record in records if record["at"] == user["cut_s"]), None)
    if cut is None:
        return {}
    evidence = f"{cut['evidence']}: {cut['words']}" if cut["words"] else cut["evidence"]
    return {"evidence": evidence, "words_off": words_off(played, cut["epoch"])}


def _talked_over(played: Played) -> int:
    talking = {entry.name for entry in played.scenario.user if entry.takes_turn and entry.say is not None}
    users = [u for u in played.report["users"] if u["name"] in talking and u["onset_s"] is not None]
    begins = [r["first_audible_s"] for r in played.report["replies"] if r["first_audible_s"] is not None]
    return sum(any(user["onset_s"] < begin < user["end_s"] for user in users) for begin in begins)


def _entry(played: Played, name: str) -> UserEntry:
    return next(entry for entry in played.scenario.user if entry.name == name)


def _difference(since: float, at: float | None) -> float | None:
    return None if at is None else max(0.0, round(at - since, 4))
