"""The file of sound checks: by pair, bounded, and robust."""

from pathlib import Path

import pytest

from assistant.errors import UserError
from assistant.soundcheck.shelf import MOST, Shelf
from tests.soundcheck.examples import GOOD, found


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "new" / "soundcheck.json")


def test_what_was_kept_is_found_again_by_its_pair(shelf: Shelf) -> None:
    other = found(loudspeaker="headphones", voice_dbfs=None)
    shelf.keep(GOOD)
    shelf.keep(other)
    assert Shelf(shelf.path).find("desk microphone", "built-in speaker") == GOOD
    assert Shelf(shelf.path).find("desk microphone", "headphones") == other
    assert shelf.find("headphones", "desk microphone") is None


def test_a_new_check_takes_the_place_of_the_old_one(shelf: Shelf) -> None:
    shelf.keep(GOOD)
    shelf.keep(found(floor_dbfs=-40.0))
    kept = shelf.find(GOOD.microphone, GOOD.loudspeaker)
    assert kept is not None
    assert kept.floor_dbfs == -40.0


def test_forgetting(shelf: Shelf) -> None:
    shelf.keep(GOOD)
    assert shelf.forget(GOOD.microphone, GOOD.loudspeaker)
    assert not shelf.forget(GOOD.microphone, GOOD.loudspeaker)
    assert shelf.find(GOOD.microphone, GOOD.loudspeaker) is None


def test_it_does_not_grow_for_ever(shelf: Shelf) -> None:
    for number in range(MOST + 3):
        shelf.keep(found(microphone=f"microphone {number}"))
    assert shelf.find("microphone 0", GOOD.loudspeaker) is None
    assert shelf.find("microphone 3", GOOD.loudspeaker) is not None


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'[{"microphone": "x"}]', b"\xff\xfe", b"null"])
def test_a_damaged_file_counts_as_empty_and_is_put_aside(shelf: Shelf, text: bytes) -> None:
    shelf.path.parent.mkdir()
    shelf.path.write_bytes(text)
    assert shelf.find("a", "b") is None
    assert shelf.path.read_bytes() == text
    shelf.keep(GOOD)
    assert shelf.find(GOOD.microphone, GOOD.loudspeaker) == GOOD
    assert shelf.path.with_suffix(".damaged").read_bytes() == text
    assert sorted(path.name for path in shelf.path.parent.iterdir()) == ["soundcheck.damaged", "soundcheck.json"]


def test_an_empty_file_of_its_own_is_not_damaged(shelf: Shelf) -> None:
    shelf.keep(GOOD)
    shelf.forget(GOOD.microphone, GOOD.loudspeaker)
    shelf.keep(GOOD)
    assert not shelf.path.with_suffix(".damaged").exists()


def test_where_it_cannot_be_written_one_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be created"):
        Shelf(tmp_path / "file" / "soundcheck.json").keep(GOOD)


def test_where_the_disk_refuses_one_sentence_says_so(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(UserError, match="No space left"):
        shelf.keep(GOOD)
