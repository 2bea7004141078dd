"""Single keys from the terminal, without Enter."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ESC = "\x1b"
ENTER = "\n"
BACKSPACE = "\x7f"

ReadKeys = Callable[[float], str]
"""Waits at most so many seconds for keys; returns what was typed meanwhile, "" for nothing, ESC for the Esc key alone.

The arrow keys and their kin, which send several characters that begin with ESC, count as nothing.
"""

if sys.platform == "win32":

    @contextmanager
    def single_keys() -> Iterator[ReadKeys]:
        """Have keys delivered as they are pressed, for the duration of the block."""
        import msvcrt
        import time

        def read(timeout_s: float) -> str:
            deadline = time.monotonic() + timeout_s
            while not msvcrt.kbhit():
                if time.monotonic() >= deadline:
                    return ""
                time.sleep(0.01)
            key = msvcrt.getwch()
            if key in ("\x00", "\xe0"):  # a function key: its code follows
                msvcrt.getwch()
                return ""
            if key == "\x03":
                raise KeyboardInterrupt
            return {"\r": ENTER, "\x08": BACKSPACE}.get(key, key)

        yield read

else:

    @contextmanager
    def single_keys() -> Iterator[ReadKeys]:
        """Have keys delivered as they are pressed, for the duration of the block."""
        import codecs
        import select
        import termios
        import tty

        terminal = sys.stdin.fileno()
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        before = termios.tcgetattr(terminal)

        def read(timeout_s: float) -> str:
            if not select.select([terminal], [], [], timeout_s)[0]:
                return ""
            data = os.read(terminal, 4096)
            if not data:
                raise EOFError
            text = decoder.decode(data).replace("\r", ENTER).replace("\x08", BACKSPACE)
            return "" if text.startswith(ESC) and len(text) > 1 else text

        tty.setcbreak(terminal)
        try:
            yield read
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
