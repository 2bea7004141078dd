"""Where the starter models are, and conversations for the tests."""

from pathlib import Path

from assistant.core.messages import Message, Role

STARTER = Path(__file__).resolve().parents[2] / "models" / "starter"
CHAT = STARTER / "chat" / "parley-starter.gguf"
RECOGNISER = STARTER / "recogniser"


def ask(*texts: str) -> tuple[Message, ...]:
    """A conversation: a system message, then the user and the assistant in turn."""
    roles = (Role.USER, Role.ASSISTANT)
    turns = (Message(roles[i % 2], text) for i, text in enumerate(texts))
    return (Message(Role.SYSTEM, "You are Parley. Keep answers short."), *turns)
