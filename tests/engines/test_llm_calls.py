"""Calls of tools: what the model can write once it has begun one, and what it is told of the tools."""

import ctypes
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message, Role
from assistant.core.tool_calls import CLOSE, OPEN, CallParser, ToolCall
from assistant.engines.cancel_word import CancelWord
from assistant.engines.llm_llama import LlamaEngine
from assistant.engines.llm_llama_sampler import MARK, Sampler, call_grammar
from assistant.engines.llm_llama_template import CHATML, ChatTemplate, describe, fold_results
from assistant.engines.mind import LlamaMind, MindOptions
from assistant.tools.toolbox import Toolbox, standard_tools
from models.recipes.random_gguf import Shape, byte_tokenizer, write_random
from tests.engines.starters import CHAT, ask

TOOLBOX = Toolbox(standard_tools(lambda: datetime(2026, 11, 21, 14, 5, tzinfo=UTC)))
TOOLS = TOOLBOX.schemas()
NAMES = [str(tool["name"]) for tool in TOOLS]
KNOWN = [tool for tool in TOOLS if tool["name"] != "cancel_timer"]
HERMES = (
    "{% if tools %}<tools>{{ tools | tojson }}</tools> answer in <tool_call></tool_call>\n{% endif %}"
    "{% for message in messages %}{{ message.role + ':' + message.content + '\n' }}{% endfor %}"
)
NO_TOOL_ROLE = (
    "{% for message in messages %}{% if message.role not in ('system', 'user', 'assistant') %}"
    "{{ raise_exception('unknown role') }}{% endif %}{{ message.role + ':' + message.content + '\n' }}{% endfor %}"
)
SILENT_ABOUT_TOOLS = (
    "{% for message in messages %}{% if message.role in ('system', 'user', 'assistant') %}"
    "{{ message.role + ':' + message.content + '\n' }}{% endif %}{% endfor %}"
)
ROUND = (
    Message(Role.SYSTEM, "Be kind."),
    Message(Role.USER, "what time is it"),
    Message(Role.ASSISTANT, ToolCall(1, "get_time").message_text),
    Message(Role.TOOL, "It is 14:05."),
)


@pytest.fixture
def word() -> Iterator[CancelWord]:
    word = CancelWord.create()
    yield word
    word.unlink()


@pytest.fixture
def engine(word: CancelWord) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(CHAT, MindOptions(context_tokens=512, threads=1), word.path)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def nonsense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, whose vocabulary runs on behind the mark of a call."""
    path = tmp_path_factory.mktemp("model") / "nonsense.gguf"
    tokenizer = byte_tokenizer([f'{OPEN}{{"x', "name", "tool_call>"], 512, ("<|im_end|>", "<|im_start|>"), CHATML)
    write_random(path, Shape("llama", 32, 1, 64, 2, 2, 4096), tokenizer)
    return path


def forced(engine: LlamaEngine, tokens: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> str:
    """The reply of the begun kind, whose first tokens are given."""
    free = engine._next_token
    given = iter(tokens)

    def next_token(reply: Any) -> int | None:
        token = free(reply)
        return next(given, token)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "_next_token", next_token)
        return "".join(iter(engine.step, None))


def tokens_of(engine: LlamaEngine, text: bytes) -> list[int]:
    tokens: list[int] = engine._llm.tokenize(text, add_bos=False, special=True)
    return tokens


def checked(text: str) -> ToolCall:
    """The one call of a reply that is nothing else from the mark on; it fits the schema of its tool."""
    begin = text.index(OPEN)
    assert text.endswith(CLOSE)
    parser = CallParser()
    assert parser.feed(text[begin:]) + parser.flush() == ""
    (call,) = parser.calls
    tool = TOOLBOX._tools[call.name]
    shape = tool.arguments.model_json_schema()
    assert set(call.arguments) <= set(shape.get("properties", {}))
    assert set(shape.get("required", [])) <= set(call.arguments)
    return call


# The grammar.


@pytest.mark.parametrize(
    ("question", "name", "arguments"),
    [
        ("what time is it", "get_time", {}),
        ("what is the date today", "get_date", {}),
        ("set a timer for five minutes", "set_timer", {"amount": 5, "unit": "minutes"}),
        ("what is 58 plus 63", "calculate", {"expression": "58 + 63"}),
    ],
)
def test_starter_calls_the_tool_that_is_needed(
    llama: LlamaMind, question: str, name: str, arguments: dict[str, object]
) -> None:
    call = checked("".join(llama.generate(ask(question), CancelToken(), max_tokens=100, tools=KNOWN)))
    assert (call.name, call.arguments) == (name, arguments)
    assert TOOLBOX.run(call, CancelToken(), 0.0).ok


@pytest.mark.parametrize("name", NAMES)
def test_starter_can_only_call_what_is_offered(engine: LlamaEngine, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.begin(ask("tell me a joke"), 250, [tool for tool in TOOLS if tool["name"] == name])
    assert checked(forced(engine, tokens_of(engine, MARK), monkeypatch)).name == name


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("words_before", [b"", b"Let me see. "])
def test_model_that_knows_nothing_writes_valid_calls(
    nonsense: Path, word: CancelWord, seed: int, words_before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LlamaEngine(nonsense, MindOptions(threads=1, temperature=2.0, top_p=1.0, seed=seed), word.path)
    try:
        engine.begin(ask("hello"), 400, TOOLS)
        text = forced(engine, tokens_of(engine, words_before + MARK), monkeypatch)
        assert text.startswith((words_before + MARK).decode())
        checked(text)
    finally:
        engine.close()


def test_token_that_runs_on_behind_the_mark_is_cut_there(
    nonsense: Path, word: CancelWord, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LlamaEngine(nonsense, MindOptions(threads=1), word.path)
    try:
        engine.begin(ask("hello"), 400, TOOLS)
        long = next(token for token in range(512) if engine._piece(token) == f' {OPEN}{{"x'.encode())
        assert checked(forced(engine, [long], monkeypatch)).name in NAMES
    finally:
        engine.close()


def test_without_tools_there_is_no_grammar(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.begin(ask("tell me a joke"), 60)
    plain = list(iter(engine.step, None))
    engine.begin(ask("tell me a joke"), 60)
    assert engine._reply is not None
    sampler = engine._reply.sampler
    assert list(iter(engine.step, None)) == plain
    assert sampler._rules is None
    engine.begin(ask("tell me a joke"), 60)
    forced(engine, tokens_of(engine, MARK), monkeypatch)
    assert sampler._rules is None


def test_cancel_inside_a_call(engine: LlamaEngine, word: CancelWord) -> None:
    engine.begin(ask("set a timer for five minutes"), 100, TOOLS)
    pieces = [engine.step() for _ in range(5)]
    assert pieces[0] == OPEN
    word.set()
    assert engine.step() is None
    word.clear()
    engine.begin(ask("set a timer for five minutes"), 100, TOOLS)
    assert checked("".join(iter(engine.step, None))).name == "set_timer"


def test_next_prompt_reuses_a_call(engine: LlamaEngine) -> None:
    asked = ask("what time is it")
    engine.begin(asked, 100, KNOWN)
    text = "".join(iter(engine.step, None))
    assert text == ROUND[2].text
    prompt, reused = engine.begin([*asked, *ROUND[2:]], 100, KNOWN)
    result = len(tokens_of(engine, b"<|im_start|>tool\nIt is 14:05.<|im_end|>\n<|im_start|>assistant\n"))
    assert prompt - reused <= result + 3


def test_schemas_that_make_no_grammar_are_refused_instead_of_crashing(
    engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.engines.llm_llama_sampler.call_grammar", lambda _: "root ::= missing")
    sampler = Sampler(engine._llm, MindOptions(), TOOLS)
    with pytest.raises(ValueError, match="no grammar"):
        sampler.accept(MARK)


def test_vocabulary_without_the_letters_ends_the_reply(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(_: object) -> str:
        return 'root ::= "\\x00\\x00"'

    monkeypatch.setattr("assistant.engines.llm_llama_sampler.call_grammar", impossible)

    def forbid(_sampler: object, array: Any) -> None:
        candidates = ctypes.cast(array, ctypes.POINTER(type(array._obj))).contents
        for i in range(candidates.size):
            candidates.data[i].logit = float("-inf")

    monkeypatch.setattr("llama_cpp.llama_sampler_apply", forbid)
    engine.begin(ask("hello"), 50, TOOLS)
    assert forced(engine, tokens_of(engine, MARK), monkeypatch) == OPEN


def test_grammar_begins_behind_the_mark_and_names_every_tool() -> None:
    grammar = call_grammar(TOOLS)
    assert f'"{CLOSE}"' in grammar
    assert OPEN not in grammar.replace(CLOSE, "")
    assert all(f'"\\"{name}\\""' in grammar for name in NAMES)


# What the model is told.


def template(engine: LlamaEngine, source: str, monkeypatch: pytest.MonkeyPatch, name: str = "Other") -> ChatTemplate:
    monkeypatch.setattr(engine._llm, "metadata", {"tokenizer.chat_template": source, "general.name": name})
    return ChatTemplate(engine._llm)


def test_starter_is_told_the_names_on_a_line_of_their_own(engine: LlamaEngine) -> None:
    prompt = engine._render(ask("hi"), TOOLS).decode()
    assert "Keep answers short.\nTools: get_time, get_date, set_timer, cancel_timer, calculate<|im_end|>" in prompt
    without_system = engine._render(ask("hi")[1:], TOOLS[:1]).decode()
    assert without_system.startswith("<|im_start|>system\nTools: get_time<|im_end|>\n<|im_start|>user\nhi")
    assert "Tools" not in engine._render(ask("hi")).decode()


def test_starter_reads_results_in_their_own_turn(engine: LlamaEngine) -> None:
    prompt = engine._render(ROUND).decode()
    assert prompt.endswith(
        f"<|im_start|>assistant\n{ROUND[2].text}<|im_end|>\n"
        "<|im_start|>tool\nIt is 14:05.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_template_that_knows_tools_gets_them(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = template(engine, HERMES, monkeypatch).render(ROUND, TOOLS).decode()
    told = json.loads(prompt.split("<tools>")[1].split("</tools>")[0])
    assert told == [{"type": "function", "function": tool} for tool in TOOLS]
    assert "Tools:" not in prompt
    assert "tool:It is 14:05." in prompt
    assert "<tools>" not in template(engine, HERMES, monkeypatch).render(ROUND).decode()


@pytest.mark.parametrize("source", [CHATML, NO_TOOL_ROLE, HERMES.replace(OPEN, "<function>")])
def test_template_without_our_tools_gets_a_description(
    engine: LlamaEngine, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = template(engine, source, monkeypatch).render(ask("hi"), TOOLS).decode()
    assert "\nTools: get_time, get_date, set_timer, cancel_timer, calculate\n" in prompt
    assert describe(TOOLS, brief=False) in prompt
    assert '"unit": {"description": "The unit of the amount.", "enum": ["seconds", "minutes", "hours"]' in prompt


@pytest.mark.parametrize("source", [NO_TOOL_ROLE, SILENT_ABOUT_TOOLS])
def test_template_without_the_role_gets_results_from_the_user(
    engine: LlamaEngine, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = template(engine, source, monkeypatch)
    assert made.notice == ""
    prompt = made.render([*ROUND, Message(Role.USER, "thanks")]).decode()
    assert f"assistant:{ROUND[2].text}\nuser:<tool_response>\nIt is 14:05.\n</tool_response>\nthanks\n" in prompt


def test_user_messages_in_a_row_become_one_when_folded() -> None:
    messages = [Message(Role.TOOL, "a"), Message(Role.TOOL, "b"), Message(Role.ASSISTANT, "c"), Message(Role.USER, "d")]
    first = "<tool_response>\na\n</tool_response>\n<tool_response>\nb\n</tool_response>"
    assert fold_results(messages) == [Message(Role.USER, first), *messages[2:]]


def test_marks_of_calls_stay_in_messages_where_they_are_control_tokens(
    engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llama_cpp.llama_vocab_is_control", lambda *_: True)
    prompt = engine._render(ROUND).decode()
    assert OPEN in prompt
    assert CLOSE in prompt
