"""The composition root: the parts of a live session, as the settings choose them."""

from pathlib import Path

import pytest

from assistant.errors import UserError
from assistant.paths import data_dir
from assistant.session import build
from assistant.session.live import LiveSession
from assistant.session.snapshot import State
from assistant.settings import Settings
from tests.engines.foreign import renamed_recogniser


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a session is asked to tell the user."""
    texts: list[str] = []

    def tell(session: LiveSession, text: str) -> None:
        texts.append(text)

    monkeypatch.setattr(LiveSession, "tell", tell)
    return texts


def test_a_session_is_built_without_opening_a_device_or_a_model(told: list[str]) -> None:
    session = build.build_session(Settings())
    snapshot = session.snapshot
    session.close()
    assert snapshot.state is State.LISTENING
    assert [engine.detail for engine in snapshot.engines] == ["loading"] * 3
    assert snapshot.starter
    assert (data_dir() / "conversations.db").exists()
    assert told == []


def test_the_user_is_told_where_a_damaged_file_went(told: list[str]) -> None:
    data_dir().mkdir(parents=True)
    (data_dir() / "conversations.db").write_bytes(b"not a database" * 100)
    build.build_session(Settings()).close()
    (text,) = told
    assert "damaged" in text
    assert str(data_dir() / "conversations.db.damaged-1") in text


def test_a_place_that_cannot_be_written_is_said_in_one_sentence() -> None:
    (data_dir() / "conversations.db").mkdir(parents=True)
    with pytest.raises(UserError, match="Conversations cannot be kept in "):
        build.build_session(Settings())


@pytest.mark.parametrize("changes", [{"speech_model": "/nowhere/speech"}, {"chat_model": "/nowhere/chat.gguf"}])
def test_a_chosen_model_that_is_missing_is_found_before_the_session_starts(changes: dict[str, str]) -> None:
    with pytest.raises(UserError, match="/nowhere/"):
        build.check_models(Settings().model_copy(update=changes))


def test_the_starter_models_need_no_check() -> None:
    build.check_models(Settings())


def test_the_user_is_told_of_stop_words_that_a_chosen_model_lacks(told: list[str], tmp_path: Path) -> None:
    folder = renamed_recogniser(tmp_path / "model", {"enough": "plenty"})
    session = build.build_session(Settings().model_copy(update={"speech_model": str(folder)}))
    session._stage.ear._load_ear()
    session.close()
    (text,) = told
    assert text == "The speech recognition model does not know “enough”, “that's enough”: say “stop” instead."
