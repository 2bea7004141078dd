"""The composition root: a live session on this machine's devices and the configured models."""

import time

from assistant.library import check_chat_model, check_speech_model
from assistant.paths import data_dir, log_dir, make_folder
from assistant.session.live import LiveSession
from assistant.session.setup import Setup
from assistant.session.sound import DeviceSound
from assistant.settings import Settings
from assistant.store import FILE_NAME, Store


def check_models(settings: Settings) -> None:
    """Look at the models that the user has chosen. Raises UserError with the remedy where one cannot be used."""
    setup = Setup.of(settings)
    if settings.speech_model:
        check_speech_model(setup.speech_model)
    if settings.chat_model:
        check_chat_model(setup.chat_model)


def build_session(settings: Settings) -> LiveSession:
    """Everything wired up, nothing started. Raises UserError where a folder or the conversations cannot be written."""
    setup = Setup.of(settings)
    logs = make_folder(log_dir())
    wall_offset = time.time() - time.monotonic()
    store = Store(make_folder(data_dir()) / FILE_NAME, wall_offset)
    session: LiveSession = LiveSession(
        setup,
        DeviceSound(setup),
        setup.mind(logs / "mind.log"),
        setup.voice(logs / "voice.log"),
        lambda: setup.ear(session.tell),
        time.monotonic,
        wall_offset,
        store,
    )
    if store.moved_to is not None:
        session.tell(
            f"The file of conversations was damaged. It was put aside as {store.moved_to}; a new one was begun."
        )
    return session
