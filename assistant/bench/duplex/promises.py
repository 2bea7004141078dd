"""What must never happen, whatever the user does: read off the event log and the sound of every scenario."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE
from assistant.bench.duplex.cases import Want
from assistant.bench.duplex.play import Played
from assistant.core.history import CUT_MARK
from assistant.core.interruptions import Kind
from assistant.core.phrases import normalise
from assistant.core.state import Phase

SILENT_WITHIN_S = 0.03
"""After a cut: the rest of a block of 10 ms, and the fade."""
WORD_WITHIN_S = 1.0
"""The same where the word that is being said is finished first."""
SETTLED_WITHIN_S = 5.0
"""From the last thing that happened to listening again: a final transcript may take 3 s, and patience lasts 1.4 s."""

Log = Sequence[Mapping[str, Any]]

_CUTS = ("abandon", "silence")


def broken(played: Played) -> list[str]:
    """The promises that were broken, one sentence each."""
    checks = (_silent_after_a_cut, _backchannels_leave_no_trace, _heard_only, _settles)
    return [*broken_in(played.log), *(problem for check in checks for problem in check(played))]


def broken_in(log: Log, buffered_s: float = 0.0) -> list[str]:
    """The same, as far as the event log alone can tell; `buffered_s` of sound are in the device and cannot be cut."""
    return [*_nothing_of_the_past(log, buffered_s), *_ducks_end(log), *_cuts_are_recorded(log)]


def _nothing_of_the_past(log: Log, buffered_s: float) -> Iterator[str]:
    """Nothing of a cancelled epoch begins to be heard."""
    cut_at: dict[int, float] = {}
    for entry in log:
        epoch = entry.get("epoch", 0)
        if entry["event"] in _CUTS:
            cut_at.setdefault(epoch, entry["at"])
        elif entry["event"] == "playout_started" and entry["at"] > cut_at.get(epoch, math.inf) + buffered_s:
            yield f"epoch {epoch} was heard {entry['at'] - cut_at[epoch]:.2f} s after it was cancelled"


def _silent_after_a_cut(played: Played) -> Iterator[str]:
    """From a cut to the next reply the loudspeaker plays nothing but zeros."""
    starts = sorted(e["at"] for e in played.log if e["event"] == "playout_started")
    for entry in played.log:
        if entry["event"] not in _CUTS:
            continue
        at = entry["at"]
        within_s = WORD_WITHIN_S if entry.get("finish_word") else SILENT_WITHIN_S
        until = next((start for start in starts if start > at), played.run.duration_s)
        if np.any(played.loudspeaker[round((at + within_s) * SAMPLE_RATE) : int(until * SAMPLE_RATE)]):
            yield f"the loudspeaker was not silent after epoch {entry['epoch']} was cut at {at:.2f} s"


def _ducks_end(log: Log) -> Iterator[str]:
    """Every duck ends in a cut or a restore."""
    ducked: set[int] = set()
    for entry in log:
        if entry["event"] == "duck":
            ducked.add(entry["epoch"])
        elif entry["event"] in ("restore", *_CUTS):
            ducked.discard(entry["epoch"])
    yield from (f"the duck of epoch {epoch} never ended" for epoch in sorted(ducked))


def _cuts_are_recorded(log: Log) -> Iterator[str]:
    """Every cut has exactly one record."""
    records = Counter(e["record"]["epoch"] for e in log if e["event"] == "speech_interrupted" and not e["update"])
    yield from (f"epoch {epoch} has {count} records" for epoch, count in records.items() if count > 1)
    stopped = {e["epoch"] for e in log if e["event"] == "playout_stopped"}
    yield from (f"epoch {epoch} was cut without a record" for epoch in sorted(stopped - set(records)))


def _backchannels_leave_no_trace(played: Played) -> Iterator[str]:
    """A backchannel changes nothing of the history."""
    said = [normalise(message["text"]) for message in played.report["history"] if message["role"] == "user"]
    for probe in played.case.probes:
        user = played.user(probe.entry)
        if probe.want is Want.GO_ON and user["kind"] == Kind.BACKCHANNEL and user["decision"] == "restore":
            words = normalise(user["transcript"] or "")
            if words and words in said:
                yield f"the backchannel {words!r} became a turn"
            begun = [r for r in played.report["replies"] if (r["first_audible_s"] or math.inf) < user["onset_s"]]
            if begun and begun[-1]["heard_text"] != begun[-1]["text"]:
                yield f"after the backchannel {words!r} a part of the reply was lost"


def _heard_only(played: Played) -> Iterator[str]:
    """The history holds of a reply only what was heard, which is a beginning of it."""
    said = " ".join(message["text"] for message in played.report["history"] if message["role"] == "assistant")
    for reply in played.report["replies"]:
        if not reply["text"].startswith(reply["heard_text"]):
            yield f"what was heard of epoch {reply['epoch']} is no beginning of it"
        rest = reply["text"][len(reply["heard_text"]) :].strip()
        repeated = any(other is not reply and rest in other["text"] for other in played.report["replies"])
        if reply["interrupted"] and len(rest) > len(CUT_MARK) and rest in said and not repeated:
            yield f"the history holds what was not heard of epoch {reply['epoch']}"


def _settles(played: Played) -> Iterator[str]:
    """After all input Parley listens again within bounded time."""
    if played.phases[-1][1] is not Phase.LISTENING:
        yield f"it did not come to rest: {played.phases[-1][1].value} after {played.run.duration_s:.0f} s"
        return
    stirs = ("user", "playout_finished", "playout_stopped", "token_generated", "generation_finished", "tool_finished")
    happened = [entry["at"] for entry in played.log if entry["event"] in stirs]
    happened += [act.ends_at for act in played.acts if act.ends_at is not None]
    listening = next((at for at, phase in reversed(played.phases) if phase is not Phase.LISTENING), 0.0)
    if happened and listening - max(happened) > SETTLED_WITHIN_S:
        yield f"it took {listening - max(happened):.1f} s to listen again"
