"""How a session is, for other programs: what `parley status` shows."""

from dataclasses import asdict, dataclass
from typing import TypedDict

from assistant.core.state import State
from assistant.session.snapshot import EngineView


@dataclass(frozen=True, slots=True)
class Status:
    """What a session is doing.

    `state` is one of `snapshot.State`; `sentence` is what is leaving the loudspeaker ("" for nothing), and
    `pending_sentences` counts it and those that wait to be spoken. `interruptions_per_minute` is over the last 300 s.
    `speculation` says whether answers are prepared early: "on", or "off" and why.
    """

    state: str
    speaking: bool
    sentence: str
    pending_sentences: int
    muted: bool
    microphone: str | None
    loudspeaker: str | None
    echo_cancellation: str
    """How our own voice is kept out of the microphone, as of the latest frame."""
    engines: tuple[EngineView, ...]
    interruptions_per_minute: float
    speculation: str
    tokens_per_s: float | None
    """How fast the chat model was with its latest reply."""

    def as_json(self) -> dict[str, object]:
        """The same as an object that JSON knows."""
        return asdict(self)


class Spoken(TypedDict):
    """The part of a status that is about our voice."""

    speaking: bool
    sentence: str
    pending_sentences: int


def spoken(core: State) -> Spoken:
    """What is being said, and how much is still to be."""
    reply = core.reply
    if reply is None or reply.speculative or reply.silenced:
        return Spoken(speaking=False, sentence="", pending_sentences=0)
    pending = reply.asked - reply.finished
    if (playing := reply.playing) is None:
        return Spoken(speaking=False, sentence="", pending_sentences=pending)
    span = reply.turn.spans[playing]
    return Spoken(speaking=True, sentence=reply.turn.text[span.start : span.end], pending_sentences=pending)
