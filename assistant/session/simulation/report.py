"""What a simulation shows: one JSON object, the event log, the room as sound."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm, write_wav
from assistant.core.conversation import Conversation
from assistant.core.interruptions import Kind, Reason
from assistant.core.tool_calls import ToolUse
from assistant.session.simulation.script import Act
from assistant.session.simulation.simulation import ReplyTrack, Run
from assistant.session.stream import plain

AUDIBLE = 33
"""Samples of our voice from this magnitude (-60 dBFS) on count as audible."""
REACTION_S = 2.5
"""How long after the end of what the user did a reaction still belongs to it."""
WORD_SLACK_S = 0.2
"""The recogniser's word times may be early by so much."""

_TIMES = ("onset_s", "end_s", "ducked_s", "cut_s", "restored_s", "last_audible_s")

Log = list[dict[str, Any]]


def report(title: str, run: Run, acts: Sequence[Act], conversation: Conversation) -> dict[str, Any]:
    """The whole result as one object, ready for JSON; times are virtual seconds."""
    users = [_user(act, acts, run) for act in acts]
    replies = [_reply(track, run.tokens[track.epoch]) for track in run.replies.values()]
    return {
        "title": title,
        "digest": digest(run.log),
        "events": run.log,
        "users": users,
        "replies": replies,
        "ledger": [plain(record) for record in run.ledger],
        "history": [plain(message) for message in conversation.messages()],
        "summary": _summary(run, users, replies),
    }


def digest(log: Log) -> str:
    """SHA-256 of the event log."""
    text = json.dumps(log, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _user(act: Act, acts: Sequence[Act], run: Run) -> dict[str, Any]:
    user: dict[str, Any] = {"name": act.name, "role": act.entry.role, **dict.fromkeys(_TIMES), "decision": "ignore"}
    user |= dict.fromkeys(("reason", "kind", "transcript", "endpoint_s", "reply_audible_s"))
    times = act.audible
    if times is None:
        return user
    onset, end = times
    until = _window_end(act, acts, end)
    log = [e for e in run.log if onset - 1e-6 <= e["at"] <= until]
    user |= {"onset_s": round(onset, 6), "end_s": round(end, 6)} | _reaction(log, run)
    if act.clip is None:
        return user | _typed(log, run, _next_turn(act, acts))
    user["transcript"] = _words(run, onset - WORD_SLACK_S, until) or None
    return user | _turn(log, run, _next_turn(act, acts))


def _next_turn(act: Act, acts: Sequence[Act]) -> float:
    """When the user next does something that may lead to another reply."""
    assert act.begun_at is not None
    later = [a.begun_at for a in acts if a.entry.takes_turn and a.begun_at is not None and a.begun_at > act.begun_at]
    return min(later, default=math.inf)


def _window_end(act: Act, acts: Sequence[Act], end: float) -> float:
    """Reactions are looked for until the user does the next thing, or `REACTION_S` after the end."""
    assert act.begun_at is not None
    later = [other.begun_at for other in acts if other.begun_at is not None and other.begun_at > act.begun_at]
    return max(end, min([end + REACTION_S, *later]))


def _first(log: Log, *names: str) -> dict[str, Any] | None:
    return next((e for e in log if e["event"] in names), None)


def _reaction(log: Log, run: Run) -> dict[str, Any]:
    """What was done to our voice: the first duck, cut and restore, and the reason."""
    ducked = _first(log, "duck")
    found: dict[str, Any] = {"ducked_s": ducked["at"] if ducked else None}
    cut = next((e["record"] for e in log if e["event"] == "speech_interrupted" and not e["update"]), None)
    if cut is not None:
        records = [e["record"] for e in run.log if e["event"] == "speech_interrupted"]
        final = [record for record in records if record["epoch"] == cut["epoch"]][-1]  # it knows all the words
        found |= {"cut_s": cut["at"], "last_audible_s": _last_audible(run, cut)}
        return found | {"decision": "cut", "reason": final["reason"], "kind": _kind(final)}
    restored = next((e for e in log if e["event"] == "restore" and ducked and e["at"] >= ducked["at"]), None)
    if restored is None:
        return found | {"decision": "duck" if ducked else "ignore"}
    kind = restored["reason"] if restored["reason"] in set(Kind) else None
    return found | {"restored_s": restored["at"], "decision": "restore", "reason": restored["reason"], "kind": kind}


def _kind(record: dict[str, Any]) -> str | None:
    """What an interruption was: a button says it by itself, words of no other kind ask for something else."""
    if record["kind"] is not None or record["words"]:
        return str(record["kind"] or Kind.REDIRECT)
    buttons = {"continue": Kind.RESUME, Reason.USER_CLICKED_STOP: Kind.CANCELLATION}
    kind = buttons.get(record["evidence"])
    return None if kind is None else kind.value


def _words(run: Run, since: float, until: float) -> str:
    """The final words whose middle lies in the window, whenever they were known."""
    finals = [event for event in run.log if event["event"] == "final_transcript"]
    spoken = [word for event in finals for word in event["words"]]
    return " ".join(word["text"] for word in spoken if since <= (word["start"] + word["end"]) / 2 < until)


def _turn(log: Log, run: Run, until: float) -> dict[str, Any]:
    """When the turn was over, and when the answer to it was heard."""
    ended = _first(log, "turn_over")
    endpoint = ended["at"] if ended else None
    return {"endpoint_s": endpoint, "reply_audible_s": _answer_after(run, endpoint, until)}


def _typed(log: Log, run: Run, until: float) -> dict[str, Any]:
    typed = _first(log, "typed_input", "continue_requested", "priority_speech")
    return {"reply_audible_s": _answer_after(run, typed["at"], until)} if typed else {}


def _answer_after(run: Run, at: float | None, until: float) -> float | None:
    if at is None:
        return None
    audible = [t.first_audible for t in run.replies.values() if t.first_audible is not None]
    return min((when for when in audible if at <= when < until), default=None)


def _last_audible(run: Run, cut: dict[str, Any]) -> float | None:
    """The last audible sample of the reply that the record `cut` is about; None where it was never heard."""
    track = run.replies.get(cut["epoch"])  # none for one that was begun and cut by the same event
    if track is None or track.first_audible is None or track.first_audible > cut["at"]:
        return None
    sound = joined(run.loudspeaker)
    later = [
        t.first_audible for t in run.replies.values() if t.first_audible is not None and t.first_audible > cut["at"]
    ]
    end = round(min(later) * SAMPLE_RATE) if later else sound.size
    audible = np.flatnonzero(np.abs(sound[:end].astype(np.int32)) >= AUDIBLE)
    return round(int(audible[-1]) / SAMPLE_RATE, 6) if audible.size else None


def _reply(track: ReplyTrack, tokens: int) -> dict[str, Any]:
    turn = track.turn
    record = turn.interruption
    return {
        "epoch": track.epoch,
        "text": turn.text,
        "heard_text": turn.text[: turn.heard],
        "interrupted": record is not None,
        "reason": record.reason.value if record is not None else None,
        "first_audible_s": plain(track.first_audible),
        "tokens": tokens,
        "tools": [_tool(use) for use in turn.uses],
    }


def _tool(use: ToolUse) -> dict[str, Any]:
    result = use.result
    return {
        "name": use.call.name,
        "arguments": use.call.arguments,
        "status": use.status.value,
        "result": result.text if result is not None else None,
        "took_effect": result.took_effect if result is not None else None,
    }


def _summary(run: Run, users: list[dict[str, Any]], replies: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "duration_s": round(run.duration_s, 6),
        "replies": len(replies),
        "interrupted": sum(r["interrupted"] for r in replies),
        "ducks": sum(e["event"] == "duck" for e in run.log),
        "restores": sum(e["event"] == "restore" for e in run.log),
        "decisions": {d: sum(u["decision"] == d for u in users) for d in ("ignore", "duck", "cut", "restore")},
        "notices": [e["text"] for e in run.log if e["event"] == "notify"],
    }


def joined(blocks: list[Pcm]) -> Pcm:
    """One track from its blocks, int16."""
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int16)


def write_out(folder: Path, run: Run) -> None:
    """Write `room.wav` (left: microphone, right: loudspeaker) and `events.jsonl` into `folder`."""
    write_wav(folder / "room.wav", joined(run.microphone), joined(run.loudspeaker))
    lines = "".join(json.dumps(entry) + "\n" for entry in run.log)
    (folder / "events.jsonl").write_text(lines, encoding="utf-8")
