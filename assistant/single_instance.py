"""One Parley at a time: two would fight over the microphone and answer each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from assistant.errors import UserError
from assistant.paths import data_dir, make_folder


@contextmanager
def single_instance() -> Iterator[None]:
    """Hold the lock of this user's Parley for the duration of the block.

    The operating system frees it when the process ends, however that ends. Raises UserError while another one holds it.
    """
    lock = FileLock(make_folder(data_dir()) / "parley.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError("Parley is already running: use its window, or close it and start again.") from error
    except OSError as error:
        raise UserError(f"The lock file {lock.lock_file} cannot be written: mend its permissions.") from error
    try:
        yield
    finally:
        lock.release()
