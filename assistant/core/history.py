"""The turns of a conversation: what was said, and what of it was heard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.core.interruptions import Interruption
from assistant.core.messages import Message, Role
from assistant.core.sentences import Span
from assistant.core.tool_calls import ToolUse

CUT_MARK = " ..."
"""Ends an assistant message that was cut off there."""
FEW_WORDS = 3
"""Whoever asks again after fewer words of a sentence than this means the one before it too."""


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
    """One turn. `heard` counts characters of `text`; `spans` are the sentences of a reply; `at` is event time.

    `uses` are the tools that were called for it, in order. `announcement`: said of our own accord, in answer to nobody.
    `offers` is the number of the turn that this one offered to go on with; `offered`: that was done for this turn.
    `taken_up`: how often its reply was cut off for nothing before, and went on.
    """

    number: int
    role: Role
    at: float
    text: str = ""
    spans: list[Span] = field(default_factory=list)
    heard: int = 0
    status: TurnStatus = TurnStatus.COMPLETE
    interruption: Interruption | None = None
    continued: bool = False
    uses: list[ToolUse] = field(default_factory=list)
    announcement: bool = False
    offers: int | None = None
    offered: bool = False
    taken_up: int = 0

    @property
    def rest(self) -> list[Span]:
        """The sentences not wholly heard, from the start of the one that was cut."""
        return [span for span in self.spans if span.end > self.heard]

    @property
    def can_continue(self) -> bool:
        """True where a rest of this reply was kept and has not been spoken since."""
        cut_off = self.status in (TurnStatus.DROPPED, TurnStatus.KEPT_AS_TEXT)
        return cut_off and not self.continued and self.offers is None and bool(self.rest)

    def message_text(self) -> str:
        """What the language model is told that was said: never more than was heard."""
        if self.role is Role.USER or self.status is TurnStatus.COMPLETE:
            return self.text
        if self.continued and self.rest:  # the reply that continues it begins with the sentence that was cut
            return self.text[: self.rest[0].start].rstrip()
        heard = self.text[: self.heard].rstrip()
        return heard + CUT_MARK if heard else ""

    def parts(self, *, whole: bool = False) -> Iterator[tuple[Role, str]]:
        """The messages that this turn makes: text, calls and their results; of a `whole` turn also the unheard text."""
        text = self.text if whole else self.message_text()
        at = 0
        for use in self.uses:
            if use.result is not None and not use.discarded:
                yield self.role, f"{text[at : use.at].strip()} {use.call.message_text}".strip()
                yield Role.TOOL, use.result.for_model or use.result.text
                at = use.at
        yield self.role, text[at:].strip()


@dataclass(slots=True)
class History:
    """All turns, oldest first. A turn's number is its index."""

    turns: list[Turn] = field(default_factory=list)

    def add(self, turn: Turn) -> Turn:
        """Append `turn` and number it."""
        turn.number = len(self.turns)
        self.turns.append(turn)
        return turn

    def messages(self, system: str, user: str | None = None, *, writing: Turn | None = None) -> tuple[Message, ...]:
        """The conversation as the model sees it, with `user` as a not yet committed last turn.

        `writing` is a turn to be gone on with. Announcements after the user's last turn are left out: they do not
        answer it. Neighbouring messages of one role are joined, because many chat templates demand that roles
        alternate. A correction needs no more than this: the model sees its own words as far as they were heard, the
        mark of the cut, and then what the user set right.
        """
        said = [part for turn in self._told(user) for part in turn.parts(whole=turn is writing)]
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

    def _told(self, user: str | None) -> Iterator[Turn]:
        answered = len(self.turns) if user is not None else self._last_of_user()
        return (turn for turn in self.turns if not turn.announcement or turn.number < answered)

    def _last_of_user(self) -> int:
        return max((turn.number for turn in self.turns if turn.role is Role.USER), default=-1)

    def last_with_rest(self) -> Turn | None:
        """The latest reply that can be continued."""
        return next((t for t in reversed(self.turns) if t.can_continue), None)

    def last_heard(self) -> tuple[Turn, list[Span]] | None:
        """The latest of our turns of which anything was heard, and its sentences that were."""
        for turn in reversed(self.turns):
            heard = [span for span in turn.spans if span.start < turn.heard]
            if turn.role is Role.ASSISTANT and heard:
                return turn, heard
        return None

    def to_repeat(self) -> tuple[str, list[Span]] | None:
        """The sentence heard last, as a text of its own; with the one before it where but its first words were."""
        last = self.last_heard()
        if last is None:
            return None
        turn, heard = last
        began = len(turn.text[heard[-1].start : turn.heard].split())
        spans = heard[-2:] if began < FEW_WORDS and turn.heard < heard[-1].end else heard[-1:]
        start = spans[0].start
        return turn.text[start : spans[-1].end], [Span(s.start - start, s.end - start) for s in spans]

    def last_question(self) -> bool:
        """True where our turn was the last one and the last sentence heard of it is a question."""
        last = self.last_heard()
        if last is None or last[0] is not self.turns[-1]:
            return False
        turn, heard = last
        return is_question(turn.text[heard[-1].start : heard[-1].end])

    def use(self, call: int) -> tuple[Turn, ToolUse] | None:
        """The use of a tool by call number `call`, and its turn."""
        return next(
            ((turn, use) for turn in reversed(self.turns) for use in turn.uses if use.call.number == call), None
        )


def is_question(sentence: str) -> bool:
    """True where the sentence ends in a question mark."""
    return sentence.rstrip("\"'”’)] ").endswith("?")
