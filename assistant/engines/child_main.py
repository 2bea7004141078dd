"""The child's side of the process host: build one engine, answer calls one at a time, die with the parent.

Started by `assistant.engines.child.Child`. Only the standard library is imported before the engine itself, so that an
engine is ready as soon as its own libraries are.
"""

import importlib
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO

from assistant.errors import UserError

GRACE_S = 1.0
"""How long an engine may take to finish its call and tidy up once the parent is gone."""


def main(target: str) -> None:
    """Build the engine that `target` ("package.module:factory") names and serve calls until the parent hangs up.

    The first message on standard input is the tuple of the factory's arguments, every further one `(method, args)`.
    Each is answered on standard output: `("ok", value)` (for the first: the engine's `facts`), `("user", sentence)`
    for a UserError, which an engine survives, or `("failed", what)`, after which the process ends. Messages are
    pickles: both ends are ours. Never returns: skipping the interpreter's own shutdown spares us native destructors
    that are known to crash.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    replies = _claim_stdout()
    calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read_calls, args=(os.fdopen(os.dup(0), "rb"), calls), daemon=True).start()
    try:
        _serve(target, calls, replies)
    except BrokenPipeError:
        status = 0  # the parent is gone and needs no reply
    except Exception as error:  # noqa: BLE001 - the worker boundary: the parent raises EngineError with this line
        traceback.print_exc()
        _send(replies, ("failed", f"{type(error).__name__}: {error}"))
        status = 1
    else:
        status = 0
    sys.stderr.flush()
    os._exit(status)


def _serve(target: str, calls: "queue.SimpleQueue[Any]", replies: BinaryIO) -> None:
    """Answer calls until None arrives."""
    module, factory = target.split(":")
    try:
        engine = getattr(importlib.import_module(module), factory)(*calls.get())
    except UserError as error:
        _send(replies, ("user", str(error)))
        return
    _send(replies, ("ok", engine.facts))
    while (call := calls.get()) is not None:
        method, arguments = call
        try:
            value = getattr(engine, method)(*arguments)
        except UserError as error:
            _send(replies, ("user", str(error)))
        else:
            _send(replies, ("ok", value))
    engine.close()


def _claim_stdout() -> BinaryIO:
    """Keep standard output for replies; whatever engines print goes to standard error instead."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def _send(replies: BinaryIO, message: tuple[str, Any]) -> None:
    pickle.dump(message, replies)
    replies.flush()


def _read_calls(stream: BinaryIO, calls: "queue.SimpleQueue[Any]") -> None:
    """Pass calls on; at the end of the stream ask for an orderly end, and enforce one if the engine is stuck."""
    while True:
        try:
            call = pickle.load(stream)
        except (EOFError, OSError, pickle.UnpicklingError):
            break
        calls.put(call)
    calls.put(None)
    stuck = threading.Timer(GRACE_S, os._exit, args=(0,))
    stuck.daemon = True
    stuck.start()
