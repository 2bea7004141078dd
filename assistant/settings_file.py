"""Settings from their sources - command line, PARLEY_* variables, settings.toml, defaults, in that order - and back."""

import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.errors import UserError
from assistant.paths import make_folder, settings_file
from assistant.settings import Settings, problem_with, setting_info

_PREFIX = "PARLEY_"


def load_settings(overrides: Mapping[str, object] | None = None) -> tuple[Settings, list[str]]:
    """Return the settings, and one sentence for each thing that was wrong in the file or the environment.

    What is wrong keeps its default; the file is never changed here. `overrides` come from the command line: there a
    mistake raises UserError.
    """
    values, problems = _read_file(settings_file())
    for name in Settings.model_fields:
        variable = _PREFIX + name.upper()
        value = os.environ.get(variable)
        if value is None:
            continue
        problem = problem_with(name, value)
        if problem:
            problems.append(f"The variable {variable} is ignored: {problem}.")
        else:
            values[name] = value
    return Settings.model_validate(values).with_changes(overrides or {}), problems


def _read_file(path: Path) -> tuple[dict[str, object], list[str]]:
    """The usable values of the settings file at `path`, and a sentence for each that is not."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return {}, [f"{path} cannot be read ({reason}): the defaults are used until you mend or remove it."]
    values: dict[str, object] = {}
    problems = []
    for name, value in found.items():
        problem = problem_with(name, value, strict=True)
        if problem is None:
            values[name] = value
        elif name in Settings.model_fields:
            problems.append(f"In {path}, {problem}: the default ({setting_info(name).default}) is used.")
        else:
            problems.append(f"In {path}, {problem.rstrip('?')}: it is ignored.")
    return values, problems


def save_settings(changes: Mapping[str, object]) -> None:
    """Write `changes` (names to values) into the settings file; everything else in it stays as it is, comments too.

    The file is replaced in one step, so that it is never half written. Raises UserError for a value that does not fit,
    and where the present file cannot be read (it is then left alone) or the new one not written.
    """
    Settings().with_changes(changes)
    path = settings_file().resolve()  # through a symbolic link, which must survive
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UserError(f"Nothing was saved, because {path} cannot be read ({error}): mend or remove it.") from error
    for name, value in changes.items():
        document[name] = value
    make_folder(path.parent)
    try:
        _replace(path, tomlkit.dumps(document))
    except OSError as error:
        raise UserError(
            f"The settings could not be saved in {path} ({error.strerror}): free space or mend it."
        ) from error


def _replace(path: Path, text: str) -> None:
    """Write `text` to a neighbour of `path` and rename it into place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:  # a leftover must not stay behind, whatever ended the write
        Path(name).unlink(missing_ok=True)
        raise
