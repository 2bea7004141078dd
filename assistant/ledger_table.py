"""`parley interruptions`: what was cut, what was restored, why, and how fast."""

import json
import re
import time
from dataclasses import asdict
from datetime import date, datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.core.interruptions import Reason
from assistant.core.rate import WINDOW_S, InterruptionRate
from assistant.errors import UserError
from assistant.paths import data_dir
from assistant.phrases import load_phrases
from assistant.store import FILE_NAME
from assistant.store.ledger import Record, read_ledger

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"(\d{1,6})([smhd])")
_CUT_STYLE, _QUIET = "bold yellow", "dim"


def print_ledger(console: Console, *, as_json: bool, limit: int, since: str | None) -> None:
    """Show the latest `limit` records since `since` (see `moment`), oldest first. Raises UserError."""
    now = time.time()
    path = data_dir() / FILE_NAME
    records = read_ledger(path, since=0.0 if since is None else moment(since, now), limit=limit)
    per_minute = _per_minute(read_ledger(path, since=now - WINDOW_S), now)
    if as_json:
        entries = [{"when": record.when.isoformat(timespec="milliseconds"), **asdict(record)} for record in records]
        answer = {"interruptions": entries, "per_minute": per_minute, "window_s": WINDOW_S}
        console.file.write(json.dumps(answer) + "\n")
        return
    if records:
        console.print(_table(records))
    else:
        console.print("Nothing has interrupted Parley yet." if since is None else "Nothing has interrupted it since.")
    console.print(f"{per_minute:.1f} interruptions a minute over the last {WINDOW_S:.0f} s.", highlight=False)


def moment(text: str, now: float) -> float:
    """Seconds since the epoch of `text`: so long before `now` ("90s", "10m", "2h", "7d"), or a date and time.

    Raises UserError for anything else.
    """
    if match := _SPAN.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])}).total_seconds()
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UserError(
            f"--since takes a time span (90s, 10m, 2h, 7d) or a date (2026-01-31, 2026-01-31T18:00), not {text!r}."
        ) from None


def _per_minute(records: list[Record], now: float) -> float:
    """As the running Parley counts: what the user's voice has interrupted, or seemed to."""
    phrases = load_phrases()
    rate = InterruptionRate(phrases)
    for record in records:
        if record.reason == Reason.USER_SPEAKING:
            rate.add(record.at, noise=phrases.is_noise(record.words))
    return round(rate.per_minute(now), 3)


def _table(records: list[Record]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style=_QUIET, expand=True)
    for column in ("when", "what", "why"):
        table.add_column(column, no_wrap=True)
    for column in ("duck", "cut"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("your words", ratio=2, no_wrap=True)
    table.add_column("heard // not heard", ratio=3, no_wrap=True)
    table.add_column("then", no_wrap=True)
    today = datetime.now().date()
    for record in records:
        table.add_row(*_row(record, today))
    table.caption = "duck, cut: milliseconds from your first sound (or press) until Parley was lowered, cut or back."
    table.caption_justify = "left"
    return table


def _row(record: Record, today: date) -> tuple[str | Text, ...]:
    cut = record.decision == "cut"
    kind = f", {record.kind}" if record.kind and record.kind != record.evidence else ""
    return (
        record.when.strftime("%H:%M:%S" if record.when.date() == today else "%d %b %H:%M"),
        Text.assemble((record.decision, _CUT_STYLE if cut else ""), kind),
        Text(record.evidence),
        "" if record.duck_latency_s is None else f"{record.duck_latency_s * 1000:.0f}",
        f"{record.latency_s * 1000:.0f}",
        Text(record.words),
        Text.assemble(_end_of(record.heard), (" // ", _CUT_STYLE), (record.unheard, _QUIET)) if cut else "",
        Text(record.handled),
    )


def _end_of(text: str, room: int = 20) -> str:
    return text if len(text) <= room else "…" + text[-room:].lstrip()
