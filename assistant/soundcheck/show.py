"""The findings as a picture: in the terminal, and as an image."""

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assistant.errors import UserError
from assistant.soundcheck.findings import Findings, thresholds
from assistant.soundcheck.words import Grade, Verdict

LOWEST_DBFS = -80
WIDTH = 48
"""Characters of the scale."""
MARKS = {Grade.GOOD: ("✓", "cyan"), Grade.FAIR: ("!", "yellow"), Grade.POOR: ("✗", "red")}


def rows(findings: Findings) -> list[tuple[str, float | None]]:
    """What the microphone hears: name and level, dBFS; None: nothing."""
    return [
        ("The room", findings.floor_dbfs),
        ("Parley", findings.echo_dbfs),
        ("Parley, echo removed", None if findings.echo_dbfs is None else findings.left_dbfs),
        ("You", findings.voice_dbfs),
    ]


def show(console: Console, findings: Findings, verdict: Verdict) -> None:
    """Draw one scale with a bar for everything that was heard, and say what it means."""
    mark, style = MARKS[verdict.grade]
    console.print(Text.assemble((f"{mark} {verdict.headline}", f"bold {style}")))
    for sentence in verdict.sentences:
        console.print(Padding(sentence, (0, 0, 0, 2)), highlight=False)
    console.print(Text(f"\nWhat the microphone hears, in dB ({findings.microphone})", "bold"))
    limit = _column(thresholds(findings).vad_min_dbfs)
    for name, level in rows(findings):
        bar = " " * WIDTH if level is None else ("█" * _column(level)).ljust(WIDTH, "·")
        bar = f"{bar[:limit]}│{bar[limit:]}"
        console.print(f"  {name:<22}{bar} {'–' if level is None else f'{level:.0f}':>4}", highlight=False)
    console.print(f"  {'':<22}{' ' * limit}↑ speech is to the right of this", highlight=False)
    console.print(
        f"  {findings.loudspeaker}: heard {findings.output_latency_ms:.0f} ms after it is played; "
        f"echo {'none' if findings.echo_delay_ms is None else f'{round(findings.echo_delay_ms)} ms after that'}; "
        f"cancellation: {findings.method}",
        highlight=False,
    )


def _column(level: float) -> int:
    share = (level - LOWEST_DBFS) / -LOWEST_DBFS
    return min(WIDTH, max(0, round(share * WIDTH)))


def draw(path: Path, findings: Findings, verdict: Verdict) -> None:
    """Write the picture as an image of the kind that the name says. Raises UserError where that is impossible."""
    # Importing matplotlib takes a second, and the terminal does without.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    colours = ["#8a9a9a", "#b25d00", "#0f5c66", "#f0ac32"]
    for place, ((name, level), colour) in enumerate(zip(rows(findings), colours, strict=True)):
        if level is not None:
            axes.barh(place, level - LOWEST_DBFS, left=LOWEST_DBFS, color=colour, height=0.5)
        axes.text(1, place, "–" if level is None else f"{level:.0f} dB", va="center")
        axes.text(LOWEST_DBFS - 1, place, name, va="center", ha="right")
    limit = thresholds(findings).vad_min_dbfs
    axes.axvline(limit, color="#0f5c66")
    axes.text(limit + 0.5, -0.75, "speech from here on", color="#0f5c66", va="center")
    axes.set(xlim=(LOWEST_DBFS, 0), ylim=(3.6, -1.1), yticks=[], xlabel="level at the microphone, dBFS")
    axes.set_title(f"{verdict.headline}\n{verdict.sentences[1]}", loc="left", fontsize=11)
    axes.spines[["top", "right", "left"]].set_visible(False)
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise UserError(f"The picture cannot be written to {path} ({error}); give another name.") from error
