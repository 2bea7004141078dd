"""The conversation: the one place where events go in and effects come out."""

from dataclasses import replace

from assistant.core import events
from assistant.core.effects import Effect
from assistant.core.hearing import hearing_deadlines
from assistant.core.history import Turn
from assistant.core.initiative import take_initiative
from assistant.core.ledger import conclude_unanswered
from assistant.core.messages import Message
from assistant.core.options import Options
from assistant.core.phrases import Phrases
from assistant.core.speaking import speaking_deadlines
from assistant.core.state import Phase, State
from assistant.core.transitions import handler_for


class Conversation:
    """A pure state machine.

    It has no clock: events carry their time, and `next_deadline` says when to send the next `TimePassed`.
    Not thread-safe: one thread owns it.
    """

    def __init__(self, options: Options, phrases: Phrases, system_prompt: str = "") -> None:
        self._state = State(options, phrases, system_prompt)

    def handle(self, event: events.Event) -> tuple[Effect, ...]:
        """Take one event and return what it asks of the world, in order.

        Events of an epoch or utterance that is over are dropped here, and nowhere else. Raises IllegalTransitionError.
        """
        if not self._is_stale(event):
            self._dispatch(event)
        effects = tuple(self._state.effects)
        self._state.effects.clear()
        return effects

    @property
    def next_deadline(self) -> float | None:
        """When `TimePassed` is due next; None for never."""
        return min(hearing_deadlines(self._state) + speaking_deadlines(self._state), default=None)

    @property
    def state(self) -> State:
        """The whole state, to be looked at and not changed."""
        return self._state

    @property
    def phase(self) -> Phase:
        """Who holds the floor."""
        return self._state.phase

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, oldest first."""
        return tuple(self._state.history.turns)

    def messages(self) -> tuple[Message, ...]:
        """The conversation as the model would see it next."""
        return self._state.history.messages(self._state.system_prompt)

    def set_options(self, options: Options) -> None:
        """Change the parameters of turn-taking while running."""
        self._state.options = options

    def set_system_prompt(self, text: str) -> None:
        """Change what the model is told about itself, from the next reply on."""
        self._state.system_prompt = text

    def _dispatch(self, event: events.Event) -> None:
        s = self._state
        handler_for(s.phase, event)(s, event)
        while s.queue and not s.input_waits:
            waiting = replace(s.queue.pop(0), at=event.at)
            handler_for(s.phase, waiting)(s, waiting)
        take_initiative(s, event.at)
        conclude_unanswered(s)

    def _is_stale(self, event: events.Event) -> bool:
        s = self._state
        match event:
            case events.PartialTranscript() | events.StopWordHeard():
                return s.utterance is None or event.utterance != s.utterance.number or s.utterance.final
            case events.FinalTranscript():
                u = s.utterance
                return u is None or (event.utterance != u.number and event.utterance not in u.earlier)
            case events.PlayoutStopped():
                return s.cut is None or event.epoch != s.cut.reply.epoch
            case events.PlayoutStarted() | events.PlayoutFinished():
                cut = s.cut is not None and event.epoch == s.cut.reply.epoch
                return not cut and (s.reply is None or event.epoch != s.reply.epoch)
            case events.TokenGenerated() | events.GenerationFinished():
                return s.reply is None or event.epoch != s.reply.text_epoch
            case events.SentenceFailed():
                return s.reply is None or event.epoch != s.reply.epoch
            case _:
                return False
