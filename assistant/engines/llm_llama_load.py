"""Opening a GGUF file with llama.cpp: limits, and reasons for a refusal."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import llama_cpp

from assistant.engines.mind import MindOptions
from assistant.errors import UserError

_CONTEXT = range(512, 32769, 256)
"""Context sizes that are allowed: llama.cpp wants multiples of 256, and absurd sizes hang it."""

_LOG_ERROR = 4


def load(path: Path, options: MindOptions) -> llama_cpp.Llama:
    """Load the model at `path`; raises UserError with the reason, as far as llama.cpp gives one."""
    _check_file(path)
    problems: list[str] = []

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # llama_cpp types its ctypes callbacks loosely
    def collect(level: int, text: bytes, _: object) -> None:
        if level == _LOG_ERROR:
            problems.append(text.decode("utf-8", "replace").strip())

    llama_cpp.llama_log_set(collect, None)
    cores = usable_cores()
    threads = max(1, cores - 1) if options.threads is None else min(max(1, options.threads), cores)
    context = _CONTEXT[(min(max(options.context_tokens, _CONTEXT[0]), _CONTEXT[-1]) - _CONTEXT[0]) // 256]
    try:
        return llama_cpp.Llama(
            str(path),
            n_ctx=context,
            n_threads=threads,
            n_threads_batch=threads,
            seed=options.seed,
            verbose=False,
        )
    except (ValueError, RuntimeError) as error:
        raise UserError(_refusal(path, problems)) from error
    finally:
        llama_cpp.llama_log_set(_ignore, None)


def usable_cores() -> int:
    """The processor cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # as above
def _ignore(_level: int, _text: bytes, _data: object) -> None:
    """Drop llama.cpp's log; a callback that has gone out of scope would be called all the same, and crash."""


def _check_file(path: Path) -> None:
    advice = "choose a GGUF file in the settings"
    if not path.exists():
        raise UserError(f"There is no language model at {path}: {advice}.")
    if not path.is_file():
        raise UserError(f"{path} is not a file: {advice}.")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise UserError(f"The language model {path} cannot be read ({error.strerror}): {advice}.") from error
    if magic != b"GGUF":
        raise UserError(f"{path} is not a GGUF language model: {advice}.")


def _refusal(path: Path, problems: Sequence[str]) -> str:
    """Turn llama.cpp's error log into one sentence."""
    log = " ".join(problems)
    if "unknown model architecture" in log:
        return f"The language model {path} is of a kind that this version of llama.cpp does not know: choose another."
    if "software only supports" in log:
        return f"The language model {path} has a newer format than this version of llama.cpp knows: choose another."
    if "alloc" in log or "memory" in log:
        return f"There is not enough memory for the language model {path}: choose a smaller one or a shorter context."
    return f"The language model {path} is damaged or incomplete: download it again or choose another."
