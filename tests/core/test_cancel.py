import threading

from assistant.core.cancel import CancelToken


def test_a_token_is_set_once_and_stays_set() -> None:
    token = CancelToken()
    assert not token.cancelled
    token.cancel()
    token.cancel()
    assert token.cancelled


def test_the_hook_is_called_once_and_sees_the_token_set() -> None:
    seen: list[bool] = []
    token = CancelToken(lambda: seen.append(token.cancelled))
    token.cancel()
    token.cancel()
    assert seen == [True]


def test_a_token_cannot_be_armed_again() -> None:
    assert not [name for name in dir(CancelToken) if not name.startswith("_") and name not in ("cancel", "cancelled")]


def test_another_thread_sees_it() -> None:
    seen = threading.Event()
    token = CancelToken(seen.set)
    thread = threading.Thread(target=token.cancel)
    thread.start()
    assert seen.wait(10)
    thread.join(10)
    assert token.cancelled
