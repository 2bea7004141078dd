"""Remote control: this user's other programs may stop Parley, have it say something, and ask how it is.

A request is one JSON object over a local socket (a named pipe on Windows), the answer another. The socket's address and
a random key lie in a file that only this user can read, and both sides prove that they know the key before anything
else is read. Nothing is ever unpickled, messages are short, and a client has `PATIENCE_S` for all that it has to say.
"""

import json
import logging
import os
import secrets
import stat
import sys
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.core.interruptions import Reason
from assistant.errors import UserError
from assistant.paths import make_folder, runtime_dir
from assistant.session.status import Status

_log = logging.getLogger(__name__)

PATIENCE_S = 2.0
"""How long one client may take, and so how long a silent one can keep the next one waiting."""
ANSWER_WITHIN_S = 10.0
"""How long Parley may take to answer, other clients before included."""
LONGEST = 8000
"""Bytes of a message: it goes through any system's socket buffer in one piece."""
LONGEST_TEXT = 2000
"""Characters that can be said at once."""
_BACKLOG = 8
_BROKEN = (OSError, EOFError, AuthenticationError, AssertionError, ValueError)
"""What a client that is silent, gone, foreign or talks nonsense leads to."""


class NotRunningError(UserError):
    """There is no Parley to talk to."""

    def __init__(self) -> None:
        super().__init__("Parley is not running: start it with `parley` or `parley talk`, then try again.")


class Controlled(Protocol):
    """What the remote control needs of a session; every call may come from any thread."""

    def stop(self, reason: Reason = ...) -> None:
        """Silence and abandon."""
        ...

    def stop_speech(self, reason: Reason = ...) -> None:
        """Silence only."""
        ...

    def announce(self, text: str, *, critical: bool = False) -> None:
        """Interrupt and say `text`."""
        ...

    def status(self) -> Status:
        """How it is now."""
        ...


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Stop(_Request):
    command: Literal["stop"]
    speech_only: bool = False


class _Say(_Request):
    command: Literal["say"]
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")
    critical: bool = False


class _Status(_Request):
    command: Literal["status"]


_REQUEST: TypeAdapter[_Stop | _Say | _Status] = TypeAdapter(
    Annotated[_Stop | _Say | _Status, Field(discriminator="command")]
)


class _Patient:
    """A connection that waits for its other side until a deadline at most; what it cannot do by then raises EOFError.

    Where sockets are streams it is made non-blocking, so that half a message cannot hold it up either.
    """

    def __init__(self, connection: "Connection[Any, Any]", within_s: float) -> None:
        self._connection = connection
        self._ends = time.monotonic() + within_s
        if sys.platform != "win32":
            os.set_blocking(connection.fileno(), False)

    def send_bytes(self, message: bytes) -> None:
        """Send `message`; it is short, so that it never waits for the other side to read."""
        self._connection.send_bytes(message)

    def recv_bytes(self, longest: int = LONGEST) -> bytes:
        """The next message. Raises OSError where it is longer, EOFError where it does not come in time."""
        if not self._connection.poll(max(0.0, self._ends - time.monotonic())):
            raise EOFError
        return self._connection.recv_bytes(longest)

    def prove(self, key: bytes, *, first: bool) -> None:
        """Show each other that both know `key`: the server asks first, as `multiprocessing` has it."""
        same = cast("Connection[Any, Any]", self)  # all that the two functions use is the two methods above
        for step in (deliver_challenge, answer_challenge) if first else (answer_challenge, deliver_challenge):
            step(same, key)


class RemoteControl:
    """Serves one client after the other on a thread of its own."""

    def __init__(self, session: Controlled) -> None:
        """Open the socket and write its address down. Raises UserError where that is impossible."""
        self._session = session
        self._key = secrets.token_bytes(32)
        self._closing = False
        try:
            folder = _private(runtime_dir())
            self._listener = Listener(backlog=_BACKLOG)  # in a private folder of its own, by a random name
            try:
                _write_down(folder, str(self._listener.address), self._key)
            except OSError:
                self._listener.close()
                raise
        except OSError as error:
            raise UserError(
                f"Other programs cannot control Parley, because no local socket can be opened ({error}): see that "
                f"{runtime_dir()} and the folder of temporary files are yours and have space."
            ) from error
        self._thread = threading.Thread(target=self._run, name="remote", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Refuse clients from now on; returns when the thread has ended."""
        self._closing = True
        try:
            Client(self._listener.address).close()  # it waits in `accept`, which nothing else ends
        except OSError:
            _log.warning("the socket of the remote control is gone")
        else:
            self._thread.join(PATIENCE_S + 1.0)
        with suppress(FileNotFoundError):  # gone already
            self._listener.close()
        _file().unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError as error:
                _log.warning("remote control lost a client", exc_info=error)
                if not self._closing:
                    continue
                return
            with connection:
                if self._closing:
                    return
                try:
                    self._serve(_Patient(connection, PATIENCE_S))
                except _BROKEN as error:
                    _log.info("remote control refused a client: %r", error)

    def _serve(self, client: _Patient) -> None:
        client.prove(self._key, first=True)
        message = client.recv_bytes()
        try:
            answer = self._do(_REQUEST.validate_json(message))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            answer = {"error": f"The request was not understood: {where or 'it'}: {first['msg']}."}
        except UserError as error:
            answer = {"error": str(error)}
        client.send_bytes(_encode(answer))

    def _do(self, request: _Stop | _Say | _Status) -> dict[str, object]:
        match request:
            case _Stop():
                stop = self._session.stop_speech if request.speech_only else self._session.stop
                stop(Reason.CLIENT_REQUEST)
            case _Say():
                self._session.announce(request.text, critical=request.critical)
            case _Status():
                return {"status": self._session.status().as_json()}
        return {}


def ask(**request: object) -> dict[str, Any]:
    """Send a request to the running Parley and return its answer.

    Raises NotRunningError where there is none, UserError where it refuses or does not answer.
    """
    address, key = _look_up()
    try:
        connection = Client(address)
    except (OSError, ValueError) as error:
        raise NotRunningError from error
    message = _encode(request)
    if len(message) > LONGEST:
        raise UserError(f"That is too long to be said at once: give at most {LONGEST_TEXT} characters.")
    with connection:
        server = _Patient(connection, ANSWER_WITHIN_S)
        try:
            server.prove(key, first=False)
            server.send_bytes(message)
            answer: dict[str, Any] = json.loads(server.recv_bytes())
        except _BROKEN as error:
            raise UserError("Parley does not answer: close it and start it again.") from error
    if "error" in answer:
        raise UserError(answer["error"])
    return answer


def _encode(message: dict[str, object]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")


def _write_down(folder: Path, address: str, key: bytes) -> None:
    """Write address and key where only this user can read them, in one step."""
    handle, name = tempfile.mkstemp(dir=folder)  # readable and writable by this user only
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"address": address, "key": key.hex()}, file)
    Path(name).replace(_file())


def _look_up() -> tuple[str, bytes]:
    try:
        known = json.loads(_file().read_text(encoding="utf-8"))
        return str(known["address"]), bytes.fromhex(known["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotRunningError from error


def _file() -> Path:
    return runtime_dir() / "remote.json"


def _private(folder: Path) -> Path:
    """Return `folder`, made if need be, that only this user can open. Raises OSError where it is somebody else's."""
    make_folder(folder)
    if sys.platform != "win32":  # there it lies in the user's profile, which is private
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else")
        folder.chmod(stat.S_IRWXU)
    return folder
