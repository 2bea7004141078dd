"""The turns of a conversation: what was said, and what of it was heard."""

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.core.interruptions import Interruption
from assistant.core.messages import Message, Role
from assistant.core.sentences import Span

CUT_MARK = " ..."
"""Ends an assistant message that was cut off there."""


class TurnStatus(StrEnum):
    """How far a turn has got. Turns of the user are always COMPLETE."""

    WRITING = "writing"
    """The reply is being generated or spoken."""
    COMPLETE = "complete"
    DROPPED = "dropped"
    """Cut off and abandoned: what was not heard is shown greyed."""
    KEPT_AS_TEXT = "kept_as_text"
    """Silenced, or never spoken: the rest stands as text and can be spoken."""


@dataclass(slots=True)
class Turn:
    """One turn. `heard` counts characters of `text`; `spans` are the sentences of a reply; `at` is event time."""

    number: int
    role: Role
    at: float
    text: str = ""
    spans: list[Span] = field(default_factory=list)
    heard: int = 0
    status: TurnStatus = TurnStatus.COMPLETE
    interruption: Interruption | None = None
    continued: bool = False

    @property
    def rest(self) -> list[Span]:
        """The sentences not wholly heard, from the start of the one that was cut."""
        return [span for span in self.spans if span.end > self.heard]

    @property
    def can_continue(self) -> bool:
        """True where a rest of this reply was kept and has not been spoken since."""
        cut_off = self.status in (TurnStatus.DROPPED, TurnStatus.KEPT_AS_TEXT)
        return cut_off and not self.continued and bool(self.rest)

    def message_text(self) -> str:
        """What the language model is told that was said: never more than was heard."""
        if self.role is Role.USER or self.status is TurnStatus.COMPLETE:
            return self.text
        if self.continued and self.rest:  # the reply that continues it begins with the sentence that was cut
            return self.text[: self.rest[0].start].rstrip()
        heard = self.text[: self.heard].rstrip()
        return heard + CUT_MARK if heard else ""


@dataclass(slots=True)
class History:
    """All turns, oldest first. A turn's number is its index."""

    turns: list[Turn] = field(default_factory=list)

    def add(self, turn: Turn) -> Turn:
        """Append `turn` and number it."""
        turn.number = len(self.turns)
        self.turns.append(turn)
        return turn

    def messages(self, system: str, user: str | None = None) -> tuple[Message, ...]:
        """The conversation as the model sees it, with `user` as a not yet committed last turn.

        Neighbouring messages of one role are joined, because many chat templates demand that roles alternate.
        """
        said = [(turn.role, turn.message_text()) for turn in self.turns]
        if user is not None:
            said.append((Role.USER, user))
        messages = [Message(Role.SYSTEM, system)] if system else []
        for role, text in said:
            if not text:
                continue
            if messages and messages[-1].role is role:
                text = f"{messages.pop().text} {text}"
            messages.append(Message(role, text))
        return tuple(messages)

    def last_with_rest(self) -> Turn | None:
        """The latest reply that can be continued."""
        return next((t for t in reversed(self.turns) if t.can_continue), None)

    def last_heard_sentence(self) -> str:
        """The last sentence of which anything was heard, "" if none was."""
        for turn in reversed(self.turns):
            heard = [span for span in turn.spans if span.start < turn.heard]
            if turn.role is Role.ASSISTANT and heard:
                return turn.text[heard[-1].start : heard[-1].end]
        return ""
