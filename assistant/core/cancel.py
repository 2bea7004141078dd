"""The one-shot cancel token that every reply carries."""

from collections.abc import Callable


class CancelToken:
    """Says that a reply is no longer wanted. Set once, never re-armed: a new reply gets a new token.

    Setting and reading are single attribute operations, so any thread may do either without a lock.
    """

    __slots__ = ("_cancelled", "_hook")

    def __init__(self, hook: Callable[[], None] | None = None) -> None:
        """`hook` is called once, by the thread that cancels first: it pokes whatever cannot poll (a child process)."""
        self._cancelled = False
        self._hook = hook

    @property
    def cancelled(self) -> bool:
        """True from the first `cancel()` on, for ever."""
        return self._cancelled

    def cancel(self) -> None:
        """Cancel; harmless when repeated."""
        self._cancelled = True
        hook, self._hook = self._hook, None
        if hook is not None:
            hook()
