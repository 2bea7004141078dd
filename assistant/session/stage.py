"""Carrying out effects: the one place that knows which part of the world each effect is for."""

from typing import Protocol, assert_never

from assistant.core import effects
from assistant.core.effects import Effect, Speak
from assistant.core.interruptions import Interruption


class Stage(Protocol):
    """The world that the conversation acts on: threads in the app, virtual time in the simulator. Nothing blocks."""

    def listen(self, effect: effects.Listen) -> None:
        """Begin an utterance."""
        ...

    def finalise(self, effect: effects.Finalise) -> None:
        """Ask for a final transcript."""
        ...

    def discard(self, effect: effects.Discard) -> None:
        """Forget an utterance."""
        ...

    def generate(self, effect: effects.Generate) -> None:
        """Begin a reply."""
        ...

    def speak(self, effect: Speak) -> None:
        """Queue a sentence."""
        ...

    def presynthesise(self, effect: effects.Presynthesise) -> None:
        """Make the sound of a sentence that may be spoken."""
        ...

    def call_tool(self, effect: effects.CallTool) -> None:
        """Run a tool."""
        ...

    def undo_tool(self, effect: effects.UndoTool) -> None:
        """Take back what a tool did."""
        ...

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        ...

    def abandon(self, effect: effects.Abandon) -> None:
        """Cut and cancel a reply."""
        ...

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        ...

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        ...

    def record(self, record: Interruption) -> None:
        """Keep the record of a cut or of a restore, new or completed."""
        ...

    def save_turn(self, effect: effects.SaveTurn) -> None:
        """Store a turn."""
        ...

    def notify(self, effect: effects.Notify) -> None:
        """Tell the user."""
        ...

    def closed(self, effect: effects.Closed) -> None:
        """Nothing more will come."""
        ...


def carry_out(effect: Effect, stage: Stage) -> None:
    """Hand `effect` to its part of the stage."""
    match effect:
        case effects.Listen():
            stage.listen(effect)
        case effects.Finalise():
            stage.finalise(effect)
        case effects.Discard():
            stage.discard(effect)
        case effects.Generate():
            stage.generate(effect)
        case effects.Speak():
            stage.speak(effect)
        case effects.Presynthesise():
            stage.presynthesise(effect)
        case effects.CallTool():
            stage.call_tool(effect)
        case effects.UndoTool():
            stage.undo_tool(effect)
        case effects.Silence():
            stage.silence(effect)
        case effects.Abandon():
            stage.abandon(effect)
        case effects.Duck():
            stage.duck(effect)
        case effects.Restore():
            stage.restore(effect)
        case effects.SpeechInterrupted() | effects.OverlapEnded():
            stage.record(effect.record)
        case effects.SaveTurn():
            stage.save_turn(effect)
        case effects.Notify():
            stage.notify(effect)
        case effects.Closed():
            stage.closed(effect)
        case effects.TurnStarted() | effects.TurnEnded():
            pass  # for those who follow the stream
        case _:
            assert_never(effect)
