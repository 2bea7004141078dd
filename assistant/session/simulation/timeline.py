"""A simulation as a picture: who spoke when, ducks, cuts and words, at a glance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path as MarkerPath
from numpy.typing import NDArray

from assistant.audio.pcm import FRAME, FRAME_S, Floats, to_float
from assistant.core.sentences import heard_length
from assistant.session.simulation.report import joined
from assistant.session.simulation.script import Act
from assistant.session.simulation.simulation import Run

TIDE, SAFFRON, SAFFRON_INK = "#0B5C68", "#F2B136", "#7F4A00"
CANVAS, LINE, INK, QUIET = "#F5F8F7", "#D3DCDA", "#11201E", "#5C6B68"
_INCHES_PER_S, _NARROWEST, _WIDEST, _MARGIN = 0.42, 11.0, 60.0, 1.4
_CHARACTERS_PER_INCH = 14.5
_SIZE = 8.5
_LOUDEST_DB, _FAINTEST_DB = -12.0, -62.0
_ROW = 0.27

# Where the lanes lie, from the top: your words, your voice, what was decided, Parley's voice, its words.
_YOUR_WORDS, _YOU, _PARLEY, _OUR_WORDS = 2.62, 1.75, 0.25, -0.72
_HALF = 0.55
_MIDDLE = (_YOU + _PARLEY) / 2

_CAESURA = MarkerPath([(-0.45, -1), (0.2, 1), (0.05, -1), (0.7, 1)], [1, 2, 1, 2])
"""The cut mark: two strokes that lean by 18 degrees (1 begins a stroke, 2 draws it)."""

_EVENTS = {"duck", "restore", "speech_interrupted"}


def draw_timeline(path: Path, title: str, run: Run, acts: Sequence[Act]) -> None:
    """Write the picture (PNG) to `path`."""
    length = max(run.duration_s, 1.0)
    width = min(_WIDEST, max(_NARROWEST, length * _INCHES_PER_S)) + _MARGIN
    figure = Figure(figsize=(width, 4.3), dpi=110, facecolor=CANVAS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    figure.suptitle(title, color=INK, fontsize=13, fontweight="bold", x=0.01, ha="left")
    _prepare(axes, length)
    per_s = (width - _MARGIN) / length * _CHARACTERS_PER_INCH
    _your_lane(axes, acts, run, per_s)
    _our_lane(axes, run, per_s)
    _decisions(axes, run)
    figure.savefig(path)


def _prepare(axes: Axes, length: float) -> None:
    axes.set_facecolor(CANVAS)
    axes.set_xlim(0, length + 1)
    axes.set_ylim(-1.25, 3.2)
    axes.set_yticks([_YOU, _MIDDLE, _PARLEY], ["You", "", "Parley"], fontsize=12, fontweight="bold")
    axes.tick_params(axis="both", length=0, colors=QUIET)
    for label, colour in zip(axes.get_yticklabels(), (SAFFRON_INK, QUIET, TIDE), strict=True):
        label.set_color(colour)
    axes.set_xticks(np.arange(0, length, 1 if length < 20 else 5 if length < 150 else 30))
    axes.set_xlabel("seconds", color=QUIET)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    for lane in (_YOU, _PARLEY):
        axes.axhline(lane, color=LINE, linewidth=0.8)


def _your_lane(axes: Axes, acts: Sequence[Act], run: Run, per_s: float) -> None:
    """What the user did: the sound of each clip, or a key for a press, and the words."""
    sound = np.zeros(round(run.duration_s / FRAME_S) * FRAME, dtype=np.float32)
    labels = []
    for act in acts:
        if act.audible is None:
            continue
        onset, end = act.audible
        if act.clip is None:
            axes.plot(onset, _YOU, marker="s", color=SAFFRON, markeredgecolor=SAFFRON_INK, markersize=8)
        elif act.begun_at is not None:
            _mix(sound, act.clip, act.begun_at)
            axes.axvspan(onset, end, ymin=0.52, ymax=0.86, color=SAFFRON, alpha=0.16, linewidth=0)
        labels.append((onset, _deed(act)))
    _wave(axes, sound, _YOU, SAFFRON)
    _label(axes, labels, per_s, _YOUR_WORDS, SAFFRON_INK)


def _deed(act: Act) -> str:
    entry = act.entry
    if entry.press is not None:
        return f"[{entry.press.replace('_', ' ')}]"
    if entry.priority is not None:
        return f"[message] {entry.priority}"
    return f"[types] {entry.type}" if entry.type is not None else entry.text or entry.say or act.name


def _our_lane(axes: Axes, run: Run, per_s: float) -> None:
    """Our voice as it was played, and each sentence with its cut mark."""
    _wave(axes, to_float(joined(run.loudspeaker)), _PARLEY, TIDE)
    texts: dict[tuple[int, int], str] = {}
    begun: dict[tuple[int, int], float] = {}
    labels = []
    for entry in run.log:
        key = (entry.get("epoch", 0), entry.get("sentence", 0))
        if entry["event"] == "speak":
            texts[key] = entry["text"]
        elif entry["event"] == "playout_started":
            begun[key] = entry["at"]
        elif entry["event"] == "playout_finished" and key in begun:
            labels.append((begun[key], texts[key]))
        elif entry["event"] == "playout_stopped" and key in begun:
            labels.append((begun[key], texts[key][: heard_length(texts[key], entry["fraction"])] + " //"))
    _label(axes, labels, per_s, _OUR_WORDS, TIDE)


def _mix(sound: Floats, clip: Floats, at: float) -> None:
    start = round(at * FRAME / FRAME_S)
    piece = clip[: max(0, sound.size - start)]
    sound[start : start + piece.size] += piece


def _wave(axes: Axes, sound: Floats, lane: float, colour: str) -> None:
    """The level of `sound` as a band around `lane`."""
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    level: NDArray[np.float64] = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    half = _HALF * np.clip((level - _FAINTEST_DB) / (_LOUDEST_DB - _FAINTEST_DB), 0, 1)
    axes.fill_between(np.arange(level.size) * FRAME_S, lane - half, lane + half, color=colour, linewidth=0)


def _label(axes: Axes, labels: Sequence[tuple[float, str]], per_s: float, height: float, colour: str) -> None:
    """Write each text from its time on, in one of two rows, shortened where the next one in its row begins.

    `per_s` is how many characters fit into a second.
    """
    rows: tuple[list[tuple[float, str]], ...] = ([], [])
    free = [0.0, 0.0]
    for at, text in labels:
        row = 0 if free[0] <= at else 1 if free[1] <= at else int(free[1] < free[0])
        rows[row].append((at, text))
        free[row] = at + (len(text) + 2) / per_s
    for row, texts in enumerate(rows):
        y = height + _ROW * (row if height > _MIDDLE else -row)
        for number, (at, text) in enumerate(texts):
            end = texts[number + 1][0] if number + 1 < len(texts) else axes.get_xlim()[1]
            axes.plot(at, y, marker="|", color=colour, markersize=8, markeredgewidth=1.4)
            shown = _short(text, max(2, int((end - at) * per_s)))
            _beside(axes, shown, (at, y), 4, colour)


def _beside(axes: Axes, text: str, place: tuple[float, float], gap: float, colour: str) -> None:
    """Write `text` to the right of `place`, `gap` points away."""
    axes.annotate(text, place, (gap, 0), textcoords="offset points", fontsize=_SIZE, color=colour, va="center")


def _short(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    mark = " //" if text.endswith("//") else ""
    return text[: max(1, room - 1 - len(mark))].rstrip() + "…" + mark


def _decisions(axes: Axes, run: Run) -> None:
    """Between the voices: a bar while Parley is lowered, the caesura where it was cut, and why."""
    lowered_at: float | None = None
    for entry in run.log:
        if entry["event"] not in _EVENTS or entry.get("update"):
            continue
        at = entry["at"]
        if entry["event"] == "duck":
            lowered_at = at
            continue
        cut = entry["event"] == "speech_interrupted"
        if lowered_at is not None:
            axes.plot([lowered_at, at], [_MIDDLE, _MIDDLE], color=TIDE, linewidth=5, alpha=0.35, solid_capstyle="butt")
        elif not cut:
            continue
        lowered_at = None
        if cut:
            axes.plot(at, _MIDDLE, marker=_CAESURA, color=SAFFRON_INK, markersize=20, markeredgewidth=2)
            why = entry["record"]["evidence"].replace("user_clicked_stop", "button")
            _beside(axes, why, (at, _MIDDLE), 9, SAFFRON_INK)
        else:
            _beside(axes, entry["reason"], (at, _MIDDLE), 3, TIDE)
