"""Whose moves there are in an abstract world, and what a move is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.core import events
from tests.world import World


class Part(StrEnum):
    """Whose moves are among those considered; mind, player and time always are."""

    VOICE = "voice"
    """The user speaks, or makes a noise."""
    WORDS = "words"
    """All classes of words, and stop words."""
    PAUSES = "pauses"
    """Speech after the end of an utterance, within the same turn."""
    TYPING = "typing"
    """A message is typed, and Stop is pressed."""
    HANDS = "hands"
    """Typing, stopping, continuing, a new conversation, the end."""
    KEYS = "keys"
    """Push-to-talk and mute."""
    DEVICES = "devices"
    """The sound devices come and go."""
    ENGINES = "engines"
    """The engines fail and come back."""
    TOOLS = "tools"
    """The model calls tools."""
    UNDO = "undo"
    """What tools did is undone."""
    MESSAGES = "messages"
    """Priority messages, some of them critical."""


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can happen next. `honest`: it happens by itself, without anything new from the user."""

    name: str
    honest: bool
    do: Callable[[World], object]


def sending(name: str, honest: bool, make: Callable[[float], events.Event]) -> Move:
    """A move that is one event."""
    return Move(name, honest, lambda w: w.send(make(w.now)))
