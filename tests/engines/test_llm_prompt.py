"""What fits the context, and which tokens are kept; with a toy tokeniser of words and single letters."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.messages import Message, Role
from assistant.engines.llm_prompt import DROP_STEP, Piece, fit, splice
from assistant.errors import UserError
from tests.engines.starters import ask


def tokenize(text: bytes) -> list[Piece]:
    """Words with the space before them; any other byte alone."""
    return [(hash(piece), piece) for piece in re.findall(rb" ?[a-z]+|.", text, re.DOTALL)]


def words(messages: list[Message] | tuple[Message, ...]) -> int:
    return sum(len(message.text.split()) for message in messages)


def fitted(messages: tuple[Message, ...], room: int) -> list[Message]:
    return fit(messages, room, lambda some: sum(len(message.text.split()) for message in some))


def test_what_fits_stays() -> None:
    messages = ask("one two", "three", "four")
    assert fitted(messages, words(messages)) == list(messages)


def test_oldest_turns_go_first_and_the_system_message_stays() -> None:
    messages = ask(*("a b c", "d e") * 20, "newest")
    kept = fitted(messages, 30)
    assert kept[0] == messages[0]
    assert kept[1].role is Role.USER
    assert kept[1:] == list(messages[-len(kept) + 1 :])
    assert words(kept) <= 30


def test_prompt_begins_the_same_way_for_several_turns() -> None:
    beginnings = []
    for turns in range(20, 20 + DROP_STEP):
        kept = fitted(ask(*(text for i in range(turns) for text in (f"question {i}", "d e")), "newest"), 40)
        beginnings.append(kept[1].text)
    assert len(set(beginnings)) <= 2


def test_newest_turn_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UserError, match="16 tokens, 10 fit"):
        fitted(ask("old", "older", "word " * 10), 10)


@given(st.integers(0, 30), st.integers(8, 80))
def test_fit_never_exceeds_and_never_wastes_more_than_a_step(turns: int, room: int) -> None:
    messages = ask(*(text for i in range(turns) for text in (f"question {i}", "an answer")), "new")
    kept = fitted(messages, room)
    assert words(kept) <= room
    assert kept[0] == messages[0]
    assert kept[-1] == messages[-1]
    if len(kept) < len(messages):
        one_step_more = messages[:1] + messages[len(messages) - len(kept) + 1 - 2 * DROP_STEP :]
        dropped_last = len(kept) == 2  # only the newest turn: its step may have been a short one
        assert dropped_last or words(one_step_more) > room


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(12, 90))
def test_result_of_a_tool_is_never_without_its_call(calls_of_turns: list[int], room: int) -> None:
    messages = list(ask())
    for calls in calls_of_turns:
        messages.append(Message(Role.USER, "question"))
        for number in range(calls):
            messages += [Message(Role.ASSISTANT, f"call {number}"), Message(Role.TOOL, f"result {number}")]
        messages.append(Message(Role.ASSISTANT, "an answer"))
    messages[-1:] = []
    try:
        kept = fitted(tuple(messages), room)
    except UserError:
        return
    assert kept[1].role is Role.USER
    for before, message in pairwise(kept):
        if message.role is Role.TOOL:
            assert before.text == message.text.replace("result", "call")
    assert kept[-1] == messages[-1]


def test_reply_keeps_its_own_tokens() -> None:
    reply = [(1, b" mo"), (2, b"onli"), (3, b"ght")]
    tokens = splice([(7, b"<"), *reply], b"< moonlight ... next", tokenize)
    assert tokens[:4] == [(7, b"<"), *reply]


def test_word_that_grew_is_tokenised_whole() -> None:
    tokens = splice(tokenize(b"my car"), b"my card is lost", tokenize)
    assert b" card" in [text for _, text in tokens]


def test_tokeniser_that_adds_a_space_gets_the_whole_text() -> None:
    def spacing(text: bytes) -> list[Piece]:
        return tokenize(text if text.startswith(b"<s>") else b" " + text)

    whole = b"<s>one two"
    assert splice([(1, b"<s>one")], whole, spacing) == tokenize(whole)


texts = st.text("ab .\u00e9", max_size=30).map(str.encode)


@given(st.lists(st.tuples(st.integers(), texts)), texts)
def test_splice_always_spells_the_prompt(known: list[Piece], rest: bytes) -> None:
    prompt = b"".join(text for _, text in known[: len(known) // 2]) + rest
    assert b"".join(text for _, text in splice(known, prompt, tokenize)) == prompt
