"""Try a model of unknown origin in a throw-away child process: native code may crash on it, we must not."""

from pathlib import Path

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message, Role
from assistant.engines.child import Child
from assistant.engines.mind import LlamaMind, MindFacts, MindOptions
from assistant.engines.protocols import EngineError
from assistant.errors import UserError

_LOAD_TIMEOUT_S = 180.0


def check_chat_model(path: Path) -> MindFacts:
    """Load the GGUF file at `path` and let it write one token. Raises UserError, with one sentence, if it cannot."""
    mind = LlamaMind(path, MindOptions(context_tokens=512))
    try:
        facts = mind.start()
        list(mind.generate((Message(Role.USER, "hello"),), CancelToken(), max_tokens=1))
    except EngineError as error:
        raise UserError(f"The language model {path} cannot be used: {error}") from error
    finally:
        mind.close()
    return facts


def check_recogniser_model(folder: Path) -> None:
    """Load the Vosk model in `folder` and let it hear a second of silence. Raises UserError if it cannot."""
    child = Child("Speech recognition", "assistant.engines.stt_vosk:ModelCheck", (folder,))
    try:
        child.wait_ready(_LOAD_TIMEOUT_S)
    except EngineError as error:
        raise UserError(f"The speech recognition model {folder} cannot be used: {error}") from error
    finally:
        child.kill()
