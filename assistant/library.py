"""The models: what is known, where the starters are, and whether a model of the user's own can be used."""

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict, Field

import models
from assistant.engines.check import check_chat_model as try_chat_model
from assistant.engines.check import check_recogniser_model
from assistant.errors import UserError
from assistant.gguf import GgufError, read_gguf_header
from assistant.settings import Settings

MODELS = Path(models.__file__).parent
STARTER = MODELS / "starter"

_ENCODERS = {"bert", "clip", "jina-bert-v2", "modern-bert", "nomic-bert", "nomic-bert-moe", "t5encoder"}
"""Architectures of GGUF files that cannot generate text."""

_SPEECH_ADVICE = "choose the folder of an unpacked Vosk model, or leave the setting empty for the starter model"
_CHAT_ADVICE = "choose the GGUF file of a chat model, or leave the setting empty for the starter model"


class Starter(BaseModel):
    """A model that travels inside the package; `path` is relative to `models/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    engine: Literal["Hearing", "Thinking"]
    name: str
    path: str
    licence: str
    memory_mb: int
    benefit: str

    @property
    def size(self) -> int:
        """Bytes on disk."""
        path = MODELS / self.path
        return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


class InstallableModel(BaseModel):
    """A model that can be fetched: `file` from any of `urls`, `size` bytes with this SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    engine: Literal["Hearing", "Thinking"]
    name: str
    file: str
    urls: tuple[str, ...] = Field(min_length=1)
    size: int = Field(alias="bytes", gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    memory_mb: int
    benefit: str


class Catalogue(BaseModel):
    """Everything in `models/catalogue.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    starters: tuple[Starter, ...] = Field(alias="starter")
    models: tuple[InstallableModel, ...] = Field(alias="model")


def catalogue() -> Catalogue:
    """Read the catalogue that comes with Parley."""
    return Catalogue.model_validate(tomllib.loads((MODELS / "catalogue.toml").read_text(encoding="utf-8")))


def starter_paths() -> tuple[Path, Path]:
    """The folder of the starter recogniser and the file of the starter chat model."""
    return STARTER / "recogniser", STARTER / "chat" / "parley-starter.gguf"


def speech_model_path(settings: Settings) -> Path:
    """The Vosk folder to use: the user's own, else the starter."""
    return Path(settings.speech_model).expanduser() if settings.speech_model else starter_paths()[0]


def chat_model_path(settings: Settings) -> Path:
    """The GGUF file to use: the user's own, else the starter."""
    return Path(settings.chat_model).expanduser() if settings.chat_model else starter_paths()[1]


def damaged_files(folder: Path = STARTER) -> list[str]:
    """Names of the files under `folder` that are missing or differ from its SHA256SUMS (in sha256sum's format)."""
    damaged = []
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ["SHA256SUMS"]
    for line in lines:
        expected, name = line.split(maxsplit=1)
        try:
            found = hashlib.sha256((folder / name.lstrip("*")).read_bytes()).hexdigest()
        except OSError:
            found = "missing"
        if found != expected:
            damaged.append(name)
    return damaged


def check_speech_model(path: Path) -> None:
    """Look at the folder of a Vosk model without loading it. Raises UserError if something needed is missing."""
    try:
        _check_speech_model(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): mend its permissions, or {_SPEECH_ADVICE}."
        ) from error


def _check_speech_model(path: Path) -> None:
    if not path.exists():
        raise UserError(f"There is no speech model at {path}: {_SPEECH_ADVICE}.")
    if not path.is_dir():
        kind = "an archive that is still packed" if path.suffix in (".zip", ".gz", ".tar") else "a file"
        raise UserError(f"{path} is {kind}: {_SPEECH_ADVICE}.")
    inner = [child for child in path.iterdir() if (child / "am" / "final.mdl").exists()]
    new_layout = (path / "am").is_dir() or (path / "graph").is_dir()
    model, graph, conf = ("am/final.mdl", "graph/", "conf/mfcc.conf") if new_layout else ("final.mdl", "", "mfcc.conf")
    if inner and not (path / model).exists():
        raise UserError(f"The speech model is one folder further in: choose {inner[0]} instead.")
    needed = [model, conf, *([] if (path / f"{graph}HCLG.fst").exists() else [f"{graph}HCLr.fst", f"{graph}Gr.fst"])]
    missing = [name for name in needed if not (path / name).is_file() or not (path / name).stat().st_size]
    if missing:
        raise UserError(
            f"{path} is no complete Vosk model, {' and '.join(missing)} missing or empty: {_SPEECH_ADVICE}."
        )


def check_chat_model(path: Path) -> None:
    """Look at the header of a GGUF file without loading it. Raises UserError if it cannot be a usable chat model."""
    try:
        _check_chat_model(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): mend its permissions, or {_CHAT_ADVICE}."
        ) from error
    except GgufError as error:
        raise UserError(f"{path} {error}: {_CHAT_ADVICE}.") from error


def _check_chat_model(path: Path) -> None:
    if not path.exists():
        raise UserError(f"There is no chat model at {path}: {_CHAT_ADVICE}.")
    if not path.is_file():
        raise UserError(f"{path} is not a file: {_CHAT_ADVICE}.")
    header = read_gguf_header(path)
    size = path.stat().st_size
    if size < header.size:
        raise UserError(f"{path} is cut off, {size} of {header.size} bytes are there: copy or download it again.")
    architecture = header.metadata.get("general.architecture")
    if not architecture:
        raise UserError(f"{path} does not say what kind of model it is: {_CHAT_ADVICE}.")
    if architecture in _ENCODERS:
        raise UserError(f'{path} is a model of the kind "{architecture}", which cannot chat: {_CHAT_ADVICE}.')
    memory = psutil.virtual_memory().total
    if size > memory:
        raise UserError(
            f"{path} does not fit into this machine's memory ({memory / 1e9:.0f} GB): choose a smaller model."
        )


def probe_speech_model(path: Path) -> None:
    """Check the Vosk model at `path` and load it in a child process. Raises UserError if it cannot be used."""
    check_speech_model(path)
    check_recogniser_model(path)


def probe_chat_model(path: Path) -> None:
    """Check the GGUF file at `path` and load it in a child process. Raises UserError if it cannot be used."""
    check_chat_model(path)
    try_chat_model(path)
