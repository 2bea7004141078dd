"""The cancel tokens of the replies on their way."""

from collections.abc import Collection

from assistant.core.cancel import CancelToken


class Tokens:
    """One token for each reply, made when it is first asked for. One thread uses it."""

    def __init__(self) -> None:
        self._tokens: dict[int, CancelToken] = {}

    def of(self, epoch: int) -> CancelToken:
        """The token of the reply `epoch`."""
        return self._tokens.setdefault(epoch, CancelToken())

    def cancel(self, epoch: int) -> None:
        """Cancel the reply `epoch`, and forget its token: whoever works for it has it."""
        if (token := self._tokens.pop(epoch, None)) is not None:
            token.cancel()

    def cancel_all(self) -> None:
        """Cancel every reply."""
        for epoch in tuple(self._tokens):
            self.cancel(epoch)

    def keep_only(self, epochs: Collection[int]) -> None:
        """All replies but `epochs` are over: their tokens are forgotten."""
        if len(self._tokens) > len(epochs):
            self._tokens = {epoch: token for epoch, token in self._tokens.items() if epoch in epochs}

    def __len__(self) -> int:
        return len(self._tokens)
