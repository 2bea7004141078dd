"""The mind, fake and real: pieces, cancellation, reuse, and every way of losing the engine."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message, Role
from assistant.engines.check import check_chat_model
from assistant.engines.fakes import FakeMind
from assistant.engines.mind import LlamaMind, MindDeadlines, MindOptions
from assistant.engines.protocols import EngineError
from assistant.errors import UserError
from tests.engines.starters import CHAT, ask

AnyMind = FakeMind | LlamaMind
STORY = ask("tell me a story")
LONG = ask(*("tell me about the moon and the sun and the stars", "The moon is far away.") * 60, "tell me a story")


class CancelsItself(CancelToken):
    """Becomes cancelled when it has been looked at `looks` times while `armed`: in the middle of a call, no clock."""

    __slots__ = ("_looks", "armed")

    def __init__(self, looks: int, armed: Callable[[], bool]) -> None:
        super().__init__()
        self._looks = looks
        self.armed = armed

    @property
    def cancelled(self) -> bool:
        self._looks -= self.armed()
        return self._looks < 0


@pytest.fixture
def fragile() -> Iterator[Callable[..., LlamaMind]]:
    """Start a mind that the test is going to break."""
    minds: list[LlamaMind] = []

    def start(**deadlines: float) -> LlamaMind:
        mind = LlamaMind(CHAT, MindOptions(threads=1), replace(MindDeadlines(), **deadlines))
        minds.append(mind)
        mind.start()
        return mind

    yield start
    for mind in minds:
        mind.close()


def test_one_item_per_token(mind: AnyMind) -> None:
    pieces = list(mind.generate(STORY, CancelToken(), max_tokens=20))
    assert len(pieces) == 20
    assert mind.last_usage.generated_tokens == 20
    assert mind.last_usage.prompt_tokens > 0
    assert len("".join(pieces).split()) >= 5


def test_reply_ends_by_itself(mind: AnyMind) -> None:
    pieces = list(mind.generate(ask("good morning"), CancelToken(), max_tokens=1000))
    assert 0 < len(pieces) < 1000


def test_same_question_same_answer(mind: AnyMind) -> None:
    first, second = ("".join(mind.generate(STORY, CancelToken(), max_tokens=40)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("tokens", [0, 1, 7])
def test_cancel_ends_at_the_next_token(mind: AnyMind, tokens: int) -> None:
    cancel = CancelToken()
    heard: list[str] = []
    reply = mind.generate(STORY, cancel, max_tokens=40)
    for _ in range(tokens):
        heard.append(next(reply))
    cancel.cancel()
    assert list(reply) == []
    assert mind.last_usage.generated_tokens == tokens


def test_late_cancel_does_not_hit_the_next_reply(mind: AnyMind) -> None:
    whole = list(mind.generate(STORY, CancelToken(), max_tokens=30))
    old = CancelToken()
    next(mind.generate(STORY, old, max_tokens=30))
    reply = mind.generate(STORY, CancelToken(), max_tokens=30)
    pieces = [next(reply)]
    old.cancel()
    pieces += reply
    assert pieces == whole


def test_new_reply_ends_the_old_one(mind: AnyMind) -> None:
    old = mind.generate(STORY, CancelToken(), max_tokens=30)
    next(old)
    new = mind.generate(STORY, CancelToken(), max_tokens=30)
    next(new)
    assert list(old) == []
    assert len(list(new)) >= 10


def test_crash_is_one_error_and_a_restart_mends_it(fragile: Callable[..., LlamaMind], mind: AnyMind) -> None:
    if isinstance(mind, FakeMind):
        mind.crash_at = 3
    else:
        mind = fragile()
    reply = mind.generate(STORY, CancelToken(), max_tokens=30)
    for _ in range(3):
        next(reply)
    if isinstance(mind, LlamaMind):
        assert mind.pid is not None
        os.kill(mind.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match=r"^The language model stopped unexpectedly \(SIG\w+\)\.$"):
        next(reply)
    with pytest.raises(EngineError, match="The language model"):
        next(mind.generate(STORY, CancelToken(), max_tokens=30))
    if isinstance(mind, FakeMind):
        mind.crash_at = None
    mind.restart()
    assert len(list(mind.generate(STORY, CancelToken(), max_tokens=5))) == 5


def test_hang_is_one_error_and_a_restart_mends_it(fragile: Callable[..., LlamaMind], mind: AnyMind) -> None:
    if isinstance(mind, FakeMind):
        mind.hang_at = 2
        mind.release.set()
    else:
        mind = fragile(token_s=1.0)
    reply = mind.generate(STORY, CancelToken(), max_tokens=30)
    for _ in range(2):
        next(reply)
    if isinstance(mind, LlamaMind):
        assert mind.pid is not None
        os.kill(mind.pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match="did not answer"):
        next(reply)
    if isinstance(mind, FakeMind):
        mind.hang_at = None
    mind.restart()
    assert len(list(mind.generate(STORY, CancelToken(), max_tokens=5))) == 5


def test_child_that_does_not_react_to_a_cancellation_is_killed(fragile: Callable[..., LlamaMind]) -> None:
    mind = fragile(cancel_s=0.1)
    stopped = False
    reply = mind.generate(STORY, CancelsItself(3, lambda: stopped), max_tokens=30)
    next(reply)
    assert mind.pid is not None
    os.kill(mind.pid, signal.SIGSTOP)
    stopped = True
    with pytest.raises(EngineError, match="did not react to a cancellation"):
        list(reply)


def test_closing_ends_a_reply(fragile: Callable[..., LlamaMind]) -> None:
    mind = fragile()
    reply = mind.generate(STORY, CancelToken(), max_tokens=30)
    next(reply)
    mind.close()
    with pytest.raises(EngineError, match="is not running"):
        next(reply)


def test_cancel_inside_prompt_evaluation(llama: LlamaMind) -> None:
    llama.restart()
    evaluating = CancelsItself(3, lambda: llama.last_usage.prompt_tokens > 0)  # it becomes known when evaluation begins
    assert list(llama.generate(LONG, evaluating, max_tokens=30)) == []
    assert llama.last_usage.prompt_tokens > 500
    list(llama.generate(LONG, CancelToken(), max_tokens=1))
    assert llama.last_usage.reused_tokens < llama.last_usage.prompt_tokens - 100, "the prompt was evaluated to its end"
    list(llama.generate(LONG, CancelToken(), max_tokens=1))
    assert llama.last_usage.reused_tokens == llama.last_usage.prompt_tokens - 1


def test_answer_after_cancellations_is_that_of_a_fresh_model(llama: LlamaMind) -> None:
    llama.restart()
    fresh = list(llama.generate(STORY, CancelToken(), max_tokens=30))
    for looks in (3, 6, 12, 25, 50):
        list(llama.generate(LONG, CancelsItself(looks, lambda: True), max_tokens=30))
    assert list(llama.generate(STORY, CancelToken(), max_tokens=30)) == fresh


@pytest.mark.parametrize("heard_pieces", [1, 9, 30])
def test_heard_part_of_a_cut_reply_is_not_evaluated_again(llama: LlamaMind, heard_pieces: int) -> None:
    pieces = list(llama.generate(STORY, CancelToken(), max_tokens=30))
    before = llama.last_usage.prompt_tokens
    heard = "".join(pieces[:heard_pieces])
    list(llama.generate(ask("tell me a story", f"{heard.rstrip()} ...", "go on"), CancelToken(), max_tokens=5))
    # The token before the cut is sometimes one that does not stand at a word's end.
    assert llama.last_usage.reused_tokens >= before + heard_pieces - 2
    assert llama.last_usage.reused_tokens < llama.last_usage.prompt_tokens


def test_long_history_is_cut_to_the_context(llama: LlamaMind) -> None:
    room = llama.restart().context_tokens - 40
    history = ask(*("what is seven plus five", "Seven plus five is twelve.") * 400, "tell me a story")
    assert list(llama.generate(history, CancelToken(), max_tokens=40)) != []
    assert room - 200 < llama.last_usage.prompt_tokens <= room


def test_message_longer_than_the_context_is_refused(llama: LlamaMind) -> None:
    with pytest.raises(UserError, match=r"too long for the language model \(\d+ tokens, \d+ fit\): shorten it"):
        next(llama.generate(ask("moon " * 4000), CancelToken(), max_tokens=40))
    assert len(list(llama.generate(STORY, CancelToken(), max_tokens=5))) == 5


def test_seed_and_temperature(fragile: Callable[..., LlamaMind]) -> None:
    mind = fragile()
    texts = []
    for seed in (1, 1, 2):
        mind._options = MindOptions(threads=1, temperature=1.5, seed=seed)
        mind.restart()
        texts.append("".join(mind.generate(STORY, CancelToken(), max_tokens=40)))
    assert texts[0] == texts[1] != texts[2]


def _damaged(path: Path, change: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(change(CHAT.read_bytes()))
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data[: len(data) // 2], "is damaged or incomplete: download it again"),
        (lambda data: data[:-1000], "is damaged or incomplete: download it again"),
        (lambda data: data[:20_000], "is damaged or incomplete: download it again"),
        (lambda data: b"GGUF\x63\x00\x00\x00" + data[8:], "has a newer format"),
        (lambda data: data.replace(b"\x05" + bytes(7) + b"llama", b"\x05" + bytes(7) + b"xyzzy", 1), "does not know"),
        (lambda data: b"hello, this is not a model\n" * 100, "is not a GGUF language model"),
        (lambda data: b"", "is not a GGUF language model"),
    ],
)
def test_bad_file_is_refused_with_its_name(tmp_path: Path, change: Callable[[bytes], bytes], sentence: str) -> None:
    path = _damaged(tmp_path / "bad.gguf", change)
    with pytest.raises(UserError, match=f"{path}.*{sentence}"):
        check_chat_model(path)


@pytest.mark.parametrize("name", ["missing.gguf", "."])
def test_missing_file_and_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="choose a GGUF file"):
        check_chat_model(tmp_path / name)


def test_good_file_is_accepted() -> None:
    facts: Any = check_chat_model(CHAT)
    assert facts.context_tokens == 512
    assert facts.notice == ""


def test_system_message_counts(llama: LlamaMind) -> None:
    messages = (Message(Role.USER, "good morning"),)
    assert list(llama.generate(messages, CancelToken(), max_tokens=10)) != []
