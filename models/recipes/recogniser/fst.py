"""Weighted finite-state transducers, built here and compiled by OpenFst's command-line tools."""

import ctypes.util
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import UserError

EPSILON = 0


@dataclass(slots=True)
class Fst:
    """A transducer under construction. State 0 is the start; weights are costs (negative natural logarithms)."""

    # For each state: target, input label, output label, cost.
    arcs: list[list[tuple[int, int, int, float]]] = field(default_factory=list)
    finals: dict[int, float] = field(default_factory=dict)

    def add_state(self) -> int:
        """Add a state and return its number."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def add_arc(self, source: int, target: int, label_in: int, label_out: int, cost: float = 0.0) -> None:
        """Add an arc; label EPSILON reads or writes nothing."""
        self.arcs[source].append((target, label_in, label_out, cost))

    def text(self) -> str:
        """Return OpenFst's text format, a line for each arc and each final state."""
        lines = []
        for source, arcs in enumerate(self.arcs):
            lines += [f"{source} {target} {read} {write} {cost:.6f}" for target, read, write, cost in arcs]
        lines += [f"{state} {cost:.6f}" for state, cost in self.finals.items()]
        return "\n".join(lines) + "\n"


def write_const(fst: Fst, path: Path) -> None:
    """Compile `fst`, sorted by input label, into the compact read-only form that Vosk expects of a grammar."""
    _pipeline(fst, path, ["fstarcsort", "--sort_type=ilabel"], ["fstconvert", "--fst_type=const"])


def write_lookahead(fst: Fst, path: Path) -> dict[int, int]:
    """Compile `fst` with tables of the output labels that can be reached from each state.

    Decoding can then compose it with a grammar on the fly (Allauzen, Riley and Schalkwyk, "A generalized composition
    algorithm for weighted finite-state transducers", 2009). Output labels are renumbered for that: returns old -> new.
    """
    pairs = path.with_suffix(".pairs")
    convert = ["fstconvert", "--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}"]
    _pipeline(fst, path, ["fstarcsort", "--sort_type=olabel"], convert)
    numbers = [line.split() for line in pairs.read_text(encoding="utf-8").splitlines()]
    pairs.unlink()
    return {int(old): int(new) for old, new in numbers}


def _pipeline(fst: Fst, path: Path, *commands: list[str]) -> None:
    library = ctypes.util.find_library("fstlookahead")
    if library is None:
        raise UserError("OpenFst's look-ahead extension is missing. On Debian: apt-get install libfst-tools")
    environment = os.environ | {"LD_PRELOAD": library}  # the extension registers its type when it is loaded
    data = fst.text().encode()
    for command in (["fstcompile"], *commands):
        data = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, env=environment).stdout
    path.write_bytes(data)
