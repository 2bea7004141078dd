"""Opening a GGUF file with llama.cpp: limits, reasons for a refusal, and the chat template."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from assistant.core.messages import Message, Role
from assistant.engines.mind import MindOptions
from assistant.errors import UserError

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The chat template for files that have none that works."""

_CONTEXT = range(512, 32769, 256)
"""Context sizes that are allowed: llama.cpp wants multiples of 256, and absurd sizes hang it."""

_LOG_ERROR = 4


def load(path: Path, options: MindOptions) -> llama_cpp.Llama:
    """Load the model at `path`; raises UserError with the reason, as far as llama.cpp gives one."""
    _check_file(path)
    problems: list[str] = []

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # llama_cpp types its ctypes callbacks loosely
    def collect(level: int, text: bytes, _: object) -> None:
        if level == _LOG_ERROR:
            problems.append(text.decode("utf-8", "replace").strip())

    llama_cpp.llama_log_set(collect, None)
    cores = usable_cores()
    threads = max(1, cores - 1) if options.threads is None else min(max(1, options.threads), cores)
    context = _CONTEXT[(min(max(options.context_tokens, _CONTEXT[0]), _CONTEXT[-1]) - _CONTEXT[0]) // 256]
    try:
        return llama_cpp.Llama(
            str(path),
            n_ctx=context,
            n_threads=threads,
            n_threads_batch=threads,
            seed=options.seed,
            verbose=False,
        )
    except (ValueError, RuntimeError) as error:
        raise UserError(_refusal(path, problems)) from error
    finally:
        llama_cpp.llama_log_set(_ignore, None)


def usable_cores() -> int:
    """The processor cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # as above
def _ignore(_level: int, _text: bytes, _data: object) -> None:
    """Drop llama.cpp's log; a callback that has gone out of scope would be called all the same, and crash."""


def _check_file(path: Path) -> None:
    advice = "choose a GGUF file in the settings"
    if not path.exists():
        raise UserError(f"There is no language model at {path}: {advice}.")
    if not path.is_file():
        raise UserError(f"{path} is not a file: {advice}.")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise UserError(f"The language model {path} cannot be read ({error.strerror}): {advice}.") from error
    if magic != b"GGUF":
        raise UserError(f"{path} is not a GGUF language model: {advice}.")


def _refusal(path: Path, problems: Sequence[str]) -> str:
    """Turn llama.cpp's error log into one sentence."""
    log = " ".join(problems)
    if "unknown model architecture" in log:
        return f"The language model {path} is of a kind that this version of llama.cpp does not know: choose another."
    if "software only supports" in log:
        return f"The language model {path} has a newer format than this version of llama.cpp knows: choose another."
    if "alloc" in log or "memory" in log:
        return f"There is not enough memory for the language model {path}: choose a smaller one or a shorter context."
    return f"The language model {path} is damaged or incomplete: download it again or choose another."


class ChatTemplate:
    """Renders messages the way the model was trained to read them."""

    def __init__(self, llm: llama_cpp.Llama) -> None:
        """Take the template from the file, or ChatML where there is none that works; `notice` then says so."""
        self._llm = llm
        self._vocabulary = llm._model.vocab
        self._bos = self._token_text(llm.token_bos())
        self._fold_system = False
        self.notice = ""
        source = llm.metadata.get("tokenizer.chat_template")
        if source is None or not self._adopt(source):
            self._adopt(CHATML)
            self.notice = "The language model has no usable chat template; ChatML is used."

    def render(self, messages: Sequence[Message]) -> bytes:
        """The prompt for a reply to `messages`, UTF-8; control tokens inside messages are taken out."""
        turns = [{"role": message.role.value, "content": self._harmless(message.text)} for message in messages]
        if self._fold_system and len(turns) > 1 and turns[0]["role"] == Role.SYSTEM:
            system = turns.pop(0)["content"]
            turns[0]["content"] = f"{system}\n\n{turns[0]['content']}"
        # Models that think aloud are asked not to; other templates ignore the variable.
        prompt: str = self._format(messages=turns, enable_thinking=False).prompt
        if llama_cpp.llama_vocab_get_add_bos(self._vocabulary) and not prompt.startswith(self._bos):
            prompt = self._bos + prompt
        return prompt.encode("utf-8", "replace")

    def _adopt(self, source: str) -> bool:
        """Use the template `source`, with system messages folded into the first turn if need be; False if it fails."""
        roles = (Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER)
        trial = [Message(role, "trial") for role in roles]
        try:
            self._format: Any = Jinja2ChatFormatter(source, self._token_text(self._llm.token_eos()), self._bos)
            for self._fold_system in (False, True):
                try:
                    self.render(trial)
                    return True
                except (TemplateError, ValueError):
                    continue
        except TemplateError:
            return False
        return False

    def _harmless(self, text: str) -> str:
        """Take control tokens out of `text`: nobody can end a turn, or begin one, by writing so."""
        tokens = self._llm.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=True)
        for token in tokens:
            if llama_cpp.llama_vocab_is_control(self._vocabulary, token):
                text = text.replace(self._token_text(token), "")
        return text

    def _token_text(self, token: int) -> str:
        return "" if token == llama_cpp.LLAMA_TOKEN_NULL else self._llm._model.token_get_text(token)
