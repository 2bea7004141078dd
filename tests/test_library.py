"""Models: the catalogue, the starters, and refusing what is not a model."""

import contextlib
import shutil
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import UserError
from assistant.gguf import GgufError, read_gguf_header
from assistant.library import (
    STARTER,
    catalogue,
    chat_model_path,
    check_chat_model,
    check_speech_model,
    damaged_files,
    probe_chat_model,
    probe_speech_model,
    speech_model_path,
)
from assistant.settings import Settings

RECOGNISER = STARTER / "recogniser"
CHAT = STARTER / "chat" / "parley-starter.gguf"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(architecture: str = "llama", *, dims: tuple[int, ...] = (4,), kind: int = 0, data: bytes = bytes(64)) -> bytes:
    """A GGUF file with one metadata entry and one tensor."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("general.architecture") + struct.pack("<I", 8)
    tensor = (
        text("w") + struct.pack("<I", len(dims)) + struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", kind, 0)
    )
    header = head + text(architecture) + tensor
    return header + bytes(-len(header) % 32) + data


@pytest.fixture
def recogniser(tmp_path: Path) -> Path:
    """A copy of the starter recogniser that a test may damage."""
    return Path(shutil.copytree(RECOGNISER, tmp_path / "recogniser"))


def refusal(check: object, path: Path) -> str:
    """The sentence with which `check` refuses `path`."""
    assert callable(check)
    with pytest.raises(UserError) as caught:
        check(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_the_catalogue_is_complete() -> None:
    known = catalogue()
    ids = [starter.id for starter in known.starters] + [model.id for model in known.models]
    assert len(set(ids)) == len(ids)
    assert {starter.engine for starter in known.starters} == {"Hearing", "Thinking"}
    assert {model.engine for model in known.models} == {"Hearing", "Thinking"}
    for model in known.models:
        assert model.benefit.endswith(".")
        assert all(url.startswith("https://") and url.endswith(model.file) for url in model.urls)
    for starter in known.starters:
        assert 0 < starter.size < 15e6


def test_the_paths_are_the_starters_unless_set() -> None:
    assert speech_model_path(Settings()) == RECOGNISER
    assert chat_model_path(Settings()) == CHAT
    assert speech_model_path(Settings(speech_model="~/vosk")) == Path.home() / "vosk"
    assert chat_model_path(Settings(chat_model="/models/my.gguf")) == Path("/models/my.gguf")


def test_the_starters_are_undamaged() -> None:
    assert damaged_files() == []
    listed = {line.split(maxsplit=1)[1] for line in (STARTER / "SHA256SUMS").read_text().splitlines()}
    assert CHAT.relative_to(STARTER).as_posix() in listed
    model = {file for file in RECOGNISER.rglob("*") if file.is_file() and file.suffix != ".md"}
    assert {file.relative_to(STARTER).as_posix() for file in model} <= listed


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    assert damaged_files(tmp_path) == ["SHA256SUMS"]
    (tmp_path / "good").write_bytes(b"")
    (tmp_path / "bad").write_bytes(b"x")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (tmp_path / "SHA256SUMS").write_text(f"{empty}  good\n{empty}  bad\n{empty}  gone\n")
    assert damaged_files(tmp_path) == ["bad", "gone"]


def test_the_starters_load() -> None:
    probe_speech_model(RECOGNISER)
    probe_chat_model(CHAT)


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    assert "There is no speech model" in refusal(check_speech_model, tmp_path / "none")
    assert "There is no chat model" in refusal(check_chat_model, tmp_path / "none.gguf")


def test_a_name_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(check_chat_model, tmp_path / ("x" * 5000))
    assert "cannot be read" in refusal(check_speech_model, tmp_path / ("x" * 5000))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"Dear model, please talk to me.", "is not a GGUF file"),
        (b"GGUF", "is cut off inside its header"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 1, 1, 1), "has GGUF version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "holds no weights"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**64 - 1), "is cut off inside its header"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 2**63) + bytes(64), "is cut off inside its header"),
        (gguf(dims=(2**40,)), "is cut off, "),
        (gguf(dims=(1, 1, 1, 1, 1)), "has a damaged header"),
        (gguf("clip"), 'a model of the kind "clip", which cannot chat'),
        (gguf(""), "does not say what kind of model it is"),
    ],
)
def test_a_file_that_is_no_chat_model_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    assert said in refusal(check_chat_model, path)


def test_a_folder_called_gguf_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "x.gguf"
    folder.mkdir()
    assert "is not a file" in refusal(check_chat_model, folder)


@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_a_truncated_model_is_refused_before_it_is_loaded(tmp_path: Path, part: float) -> None:
    whole = CHAT.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[: int(len(whole) * part)])
    assert "is cut off" in refusal(check_chat_model, path)


def test_a_kind_of_model_that_llama_cpp_does_not_know_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.gguf"
    path.write_bytes(gguf("quux"))
    check_chat_model(path)
    assert "does not know" in refusal(probe_chat_model, path)


@given(damage=st.binary(min_size=1, max_size=40), at=st.integers(4, 2000))
def test_a_damaged_header_is_read_or_refused_but_never_crashes(damage: bytes, at: int) -> None:
    content = bytearray(CHAT.read_bytes())
    content[at : at + len(damage)] = damage
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(content)
        file.flush()
        with contextlib.suppress(GgufError):
            assert read_gguf_header(Path(file.name)).tensors > 0


def test_an_empty_folder_is_no_speech_model(tmp_path: Path) -> None:
    sentence = refusal(check_speech_model, tmp_path)
    assert "final.mdl and mfcc.conf and HCLr.fst and Gr.fst missing or empty" in sentence


def test_a_packed_archive_is_no_speech_model(tmp_path: Path) -> None:
    archive = tmp_path / "vosk.zip"
    archive.write_bytes(b"PK")
    assert "is an archive that is still packed" in refusal(check_speech_model, archive)


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_speech_model_without_a_needed_file_is_refused(recogniser: Path, name: str) -> None:
    (recogniser / name).unlink()
    assert f"{name} missing or empty" in refusal(check_speech_model, recogniser)


def test_the_folder_around_a_speech_model_points_at_it(recogniser: Path) -> None:
    with pytest.raises(UserError, match="one folder further in: choose") as caught:
        check_speech_model(recogniser.parent)
    assert str(recogniser) in str(caught.value)


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/HCLr.fst"])
def test_a_speech_model_with_a_damaged_file_is_refused(recogniser: Path, name: str) -> None:
    (recogniser / name).write_bytes(b"no model at all")
    check_speech_model(recogniser)
    assert "is damaged or incomplete" in refusal(probe_speech_model, recogniser)
