"""From messages to the text that a model was trained to read, by the chat template in its file."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from assistant.core.messages import Message, Role
from assistant.core.tool_calls import CLOSE, OPEN

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The chat template for files that have none that works."""

STARTER = "Parley starter"
"""The name in the file of our own small model: it knows the tools by their names."""

_CALLS = (
    "To use a tool, answer with nothing but "
    f'{OPEN}{{"name": "the tool", "arguments": {{"argument": "value"}}}}{CLOSE} '
    "and wait for its result; then answer in your own words."
)
_TRIAL = (
    Message(Role.SYSTEM, "trial"),
    Message(Role.USER, "trial"),
    Message(Role.ASSISTANT, "trial"),
    Message(Role.USER, "trial"),
)
_RESULT = "result-of-the-tool"
_TOOL_TRIAL = (
    Message(Role.USER, "trial"),
    Message(Role.ASSISTANT, f'{OPEN}{{"name": "trial", "arguments": {{}}}}{CLOSE}'),
    Message(Role.TOOL, _RESULT),
)


class ChatTemplate:
    """Renders messages the way the model was trained to read them."""

    def __init__(self, llm: llama_cpp.Llama) -> None:
        """Take the template from the file, or ChatML where there is none that works; `notice` then says so."""
        self._llm = llm
        self._vocabulary = llm._model.vocab
        self._bos = self._token_text(llm.token_bos())
        self._fold_system = self._fold_results = self._knows_tools = False
        self._brief = llm.metadata.get("general.name") == STARTER
        self.notice = ""
        source = llm.metadata.get("tokenizer.chat_template")
        if source is None or not self._adopt(source):
            source = CHATML
            self._adopt(source)
            self.notice = "The language model has no usable chat template; ChatML is used."
        # A template may know tools and want calls in a form of its own, which nobody here would recognise.
        self._knows_tools = bool(re.search(r"\btools\b", source)) and OPEN in source

    def render(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> bytes:
        """The prompt for a reply to `messages`, UTF-8; control tokens inside messages are taken out.

        `tools` are the schemas of what may be called. A template that does not know tools gets them in words.
        """
        shown = [{"type": "function", "function": dict(tool)} for tool in tools] if self._knows_tools else []
        if tools and not shown:
            messages = _with_system(messages, describe(tools, brief=self._brief))
        if self._fold_results:
            messages = fold_results(messages)
        turns = [{"role": message.role.value, "content": self._harmless(message.text)} for message in messages]
        if self._fold_system and len(turns) > 1 and turns[0]["role"] == Role.SYSTEM:
            system = turns.pop(0)["content"]
            turns[0]["content"] = f"{system}\n\n{turns[0]['content']}"
        # Models that think aloud are asked not to; other templates ignore the variable.
        prompt: str = self._format(messages=turns, tools=shown or None, enable_thinking=False).prompt
        if llama_cpp.llama_vocab_get_add_bos(self._vocabulary) and not prompt.startswith(self._bos):
            prompt = self._bos + prompt
        return prompt.encode("utf-8", "replace")

    def _adopt(self, source: str) -> bool:
        """Use the template `source`, with system messages and results folded in if need be; False if it fails."""
        try:
            self._format: Any = Jinja2ChatFormatter(source, self._token_text(self._llm.token_eos()), self._bos)
        except TemplateError:
            return False
        self._fold_results = False
        for self._fold_system in (False, True):
            if self._renders(_TRIAL):
                self._fold_results = not (self._renders(_TOOL_TRIAL) and _RESULT in self.render(_TOOL_TRIAL).decode())
                return True
        return False

    def _renders(self, messages: Sequence[Message]) -> bool:
        try:
            self.render(messages)
        except (TemplateError, ValueError):
            return False
        return True

    def _harmless(self, text: str) -> str:
        """Take control tokens out of `text`: nobody can end a turn, or begin one, by writing so."""
        tokens = self._llm.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=True)
        for token in tokens:
            if llama_cpp.llama_vocab_is_control(self._vocabulary, token) and self._token_text(token) not in (
                OPEN,
                CLOSE,
            ):
                text = text.replace(self._token_text(token), "")
        return text

    def _token_text(self, token: int) -> str:
        return "" if token == llama_cpp.LLAMA_TOKEN_NULL else self._llm._model.token_get_text(token)


def describe(tools: Sequence[Mapping[str, Any]], *, brief: bool) -> str:
    """The tools in words: their names on the first line and, unless `brief`, what they do and how to call them."""
    names = "Tools: " + ", ".join(str(tool["name"]) for tool in tools)
    if brief:
        return names
    lines = [f"{tool['name']}: {tool['description']} Arguments: {json.dumps(tool['parameters'])}" for tool in tools]
    return "\n".join([names, *lines, _CALLS])


def fold_results(messages: Sequence[Message]) -> list[Message]:
    """Results of tools as user messages, for templates without that role; user messages in a row become one."""
    folded = [
        Message(Role.USER, f"<tool_response>\n{message.text}\n</tool_response>")
        if message.role is Role.TOOL
        else message
        for message in messages
    ]
    joined = []
    for role, group in groupby(folded, key=lambda message: message.role):
        same = list(group)
        joined += [Message(role, "\n".join(message.text for message in same))] if role is Role.USER else same
    return joined


def _with_system(messages: Sequence[Message], text: str) -> list[Message]:
    """Add a line or more to the system message, or a system message."""
    if messages and messages[0].role is Role.SYSTEM:
        return [replace(messages[0], text=f"{messages[0].text}\n{text}"), *messages[1:]]
    return [Message(Role.SYSTEM, text), *messages]
