"""Two pictures: delay against false stops, and endpoint delay against cut-offs, with the Pareto front."""

import math
from collections.abc import Mapping
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from assistant.bench.hearing.front import Point, front
from assistant.errors import UserError

OURS, OTHERS, INK, LINE = "#0B5C68", "#B4761A", "#11201E", "#D3DCDA"


def draw(folder: Path, name: str, title: str, axes_names: tuple[str, str], points: Mapping[str, Point]) -> Path:
    """Write the picture `name`.png into `folder`: one mark for each subject, ours first; those on the front are filled.

    Raises UserError where it cannot be written.
    """
    figure = Figure(figsize=(7.2, 4.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlabel(axes_names[0])
    axes.set_ylabel(axes_names[1])
    axes.grid(color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    best = front(points)
    for number, (subject, point) in enumerate(points.items()):
        if not math.isfinite(point.delay_ms):
            continue
        colour = OTHERS if number else OURS
        fill = colour if subject in best else "none"
        axes.scatter(point.delay_ms, point.wrong, s=70, facecolors=fill, edgecolors=colour, linewidths=1.6)
        axes.annotate(subject, (point.delay_ms, point.wrong), (7, 4), textcoords="offset points", fontsize=9, color=INK)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=-3)
    path = folder / f"{name}.png"
    try:
        figure.savefig(path)
    except OSError as error:
        raise UserError(f"Cannot write {path}; check that the folder can be written.") from error
    return path
