"""Single keys from the terminal, without Enter."""

import codecs
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ESC = "\x1b"
ENTER = "\n"
BACKSPACE = "\x7f"

ReadKeys = Callable[[float], str]
"""Waits at most so many seconds for keys; returns what was typed meanwhile, "" for nothing, ESC for the Esc key alone.

The arrow keys and their kin, which send several characters that begin with ESC, count as nothing.
"""


@contextmanager
def single_keys() -> Iterator[ReadKeys]:
    """Have keys delivered as they are pressed, for the duration of the block. Standard input must be a terminal."""
    if sys.platform == "win32":
        yield _read_console
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield lambda timeout_s: _read_terminal(terminal, decoder, timeout_s)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _read_terminal(terminal: int, decoder: codecs.IncrementalDecoder, timeout_s: float) -> str:
    if not select.select([terminal], [], [], timeout_s)[0]:
        return ""
    data = os.read(terminal, 4096)
    if not data:
        raise EOFError
    text = decoder.decode(data).replace("\r", ENTER).replace("\x08", BACKSPACE)
    return "" if text.startswith(ESC) and len(text) > 1 else text


def _read_console(timeout_s: float) -> str:
    import msvcrt

    console: Any = msvcrt  # its functions are known to type checkers on Windows only
    deadline = time.monotonic() + timeout_s
    while not console.kbhit():
        if time.monotonic() >= deadline:
            return ""
        time.sleep(0.01)
    key: str = console.getwch()
    if key in ("\x00", "\xe0"):  # a function key: its code follows
        console.getwch()
        return ""
    if key == "\x03":
        raise KeyboardInterrupt
    return {"\r": ENTER, "\x08": BACKSPACE}.get(key, key)
