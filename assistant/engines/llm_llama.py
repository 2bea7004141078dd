"""llama.cpp, as it runs inside the mind's child process: the one owner of the model.

Generation is pulled: `begin` makes the prompt, each `step` evaluates what is needed and returns one token's text. So
nothing is generated that nobody has asked for, and what is reused later does not depend on who was faster.
"""

import codecs
import ctypes
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import llama_cpp

from assistant.core.messages import Message
from assistant.engines.cancel_word import CancelWord
from assistant.engines.llm_llama_load import ChatTemplate, load
from assistant.engines.llm_prompt import Piece, fit, splice
from assistant.engines.mind import MindFacts, MindOptions

PREFILL_CHUNK = 256
"""Prompt tokens evaluated between two checks of the cancel word, for back ends that do not poll the abort callback."""


@dataclass
class _Reply:
    """One reply in the making."""

    max_tokens: int
    tokens: Iterator[int] | None = None
    count: int = 0
    decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))


class LlamaEngine:
    """The model, its context and what is known of the last prompt and reply. Used by one thread."""

    def __init__(self, path: Path, options: MindOptions, cancel_path: Path) -> None:
        """Load the GGUF file at `path`; raises UserError if it cannot be used."""
        self._cancel = CancelWord(cancel_path)
        self._options = options
        self._llm = load(path, options)
        self._vocabulary = self._llm._model.vocab
        library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
        # strlen is the abort callback: nonzero once the word is set, and it needs no interpreter lock. Kept alive here.
        self._abort = ctypes.cast(library.strlen, llama_cpp.ggml_abort_callback)
        address = ctypes.cast(self._cancel.buffer, ctypes.c_void_p)
        llama_cpp.llama_set_abort_callback(self._llm.ctx, self._abort, address)
        template = ChatTemplate(self._llm)
        self._render = template.render
        trained = self._llm.metadata.get(f"{self._llm.metadata.get('general.architecture')}.context_length")
        self._limit = min(self._llm.n_ctx(), int(trained or self._llm.n_ctx()))
        self._known: list[Piece] = []
        self._reply: _Reply | None = None
        name = self._llm.metadata.get("general.name") or path.stem
        self.facts = MindFacts(name=name, context_tokens=self._limit, notice=template.notice)

    def begin(self, messages: Sequence[Message], max_tokens: int) -> tuple[int, int]:
        """Start a reply, dropping the last one. Returns the prompt's tokens, and how many need no evaluation.

        At most half of the context is kept free for the reply. Raises UserError if the newest message does not fit.
        """
        max_tokens = min(max_tokens, self._limit // 2)
        kept = fit(messages, self._limit - max_tokens, self._count)
        self._known = splice(self._known, self._render(kept), self._tokenize)
        self._reply = _Reply(max_tokens)
        return len(self._known), self._reusable()

    def step(self) -> str | None:
        """The text of the next token ("" inside a character); None at the end of the reply or when cancelled."""
        reply = self._reply
        token = None
        if reply is not None and reply.count < reply.max_tokens and not self._cancel:
            try:
                token = self._next_token(reply)
            except RuntimeError:
                if not self._cancel:
                    raise  # otherwise llama_decode was aborted; the next prompt is evaluated from where it got to
        if reply is None or token is None or llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
            self._reply = None
            return None
        text = self._piece(token)
        self._known.append((token, text))
        reply.count += 1
        return reply.decoder.decode(text)

    def close(self) -> None:
        """Free the model; the reply's generator goes first, for closing under it crashes."""
        self._reply = None
        self._llm.close()

    def _next_token(self, reply: _Reply) -> int | None:
        """Evaluate what is due and sample; None when cancelled."""
        if reply.tokens is None:
            prompt = [token for token, _ in self._known]
            self._evaluate(prompt)
            options = self._options
            reply.tokens = self._llm.generate(prompt, temp=options.temperature, top_p=options.top_p, min_p=0.0)
        token = None if self._cancel else next(reply.tokens)
        return None if self._cancel else token

    def _reusable(self) -> int:
        """How many tokens of the prompt are in the context already; the last one is always evaluated."""
        count = 0
        for (token, _), held in zip(self._known[:-1], self._llm._input_ids.tolist(), strict=False):
            if token != held:
                break
            count += 1
        return count

    def _evaluate(self, prompt: list[int]) -> None:
        """Bring the prompt into the context, in chunks, keeping what is there; cancelled, it stops early."""
        llm = self._llm
        start = self._reusable()
        if start and not llm._ctx.kv_cache_seq_rm(-1, start, -1):
            start = 0  # some architectures cannot forget only the end
        if start == 0:
            llm.reset()  # type: ignore[no-untyped-call]  # llama_cpp leaves it without annotations
        llm.n_tokens = start
        for chunk in range(start, len(prompt), PREFILL_CHUNK):
            if self._cancel:
                return
            llm.eval(prompt[chunk : chunk + PREFILL_CHUNK])

    def _count(self, messages: Sequence[Message]) -> int:
        return len(self._llm.tokenize(self._render(messages), add_bos=False, special=True))

    def _tokenize(self, text: bytes) -> list[Piece]:
        return [(token, self._piece(token)) for token in self._llm.tokenize(text, add_bos=False, special=True)]

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, True)
        return buffer.raw[: max(length, 0)]
