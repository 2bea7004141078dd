"""Where Parley keeps its files: the desktop's own folders, or everything under PARLEY_HOME."""

import os
from pathlib import Path

from platformdirs import PlatformDirs

from assistant.errors import UserError

_DIRS = PlatformDirs("parley", appauthor=False)


def _folder(name: str, usual: str) -> Path:
    home = os.environ.get("PARLEY_HOME")
    return Path(home).expanduser().absolute() / name if home else Path(usual)


def config_dir() -> Path:
    """The folder of the settings file; need not exist yet."""
    return _folder("config", _DIRS.user_config_dir)


def data_dir() -> Path:
    """The folder of conversations and installed models; need not exist yet."""
    return _folder("data", _DIRS.user_data_dir)


def cache_dir() -> Path:
    """The folder of what can be made again; need not exist yet."""
    return _folder("cache", _DIRS.user_cache_dir)


def log_dir() -> Path:
    """The folder of log files; need not exist yet."""
    return _folder("logs", _DIRS.user_log_dir)


def runtime_dir() -> Path:
    """The private folder of what lives only while Parley runs; need not exist yet."""
    return data_dir() / "run"


def settings_file() -> Path:
    """The settings file, `settings.toml`; need not exist."""
    return config_dir() / "settings.toml"


def make_folder(folder: Path) -> Path:
    """Return `folder`, created if need be. Raises UserError where that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise UserError(
            f"The folder {folder} cannot be created ({reason}): mend that, or set PARLEY_HOME to another one."
        ) from error
    return folder
