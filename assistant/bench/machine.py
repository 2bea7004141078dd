"""Which machine was measured: no figure means anything without it."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from assistant import __version__


def machine() -> dict[str, Any]:
    """The machine and how busy it is just now, ready for JSON."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_average": [round(load, 2) for load in psutil.getloadavg()],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "parley": __version__,
    }


def _cpu() -> str:
    """The processor's name; Linux tells it in a file only."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine_line(known: Mapping[str, Any]) -> str:
    """What `machine` found, for people."""
    load = " ".join(map(str, known["load_average"]))
    return (
        f"{known['cpu']}, {known['cores']} cores, {known['memory_gb']} GB, load {load}; {known['system']}; "
        f"Python {known['python']}, Parley {known['parley']}"
    )
