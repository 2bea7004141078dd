"""llama.cpp, as it runs inside the mind's child process: the one owner of the model.

Generation is pulled: `begin` makes the prompt, each `step` evaluates what is needed and returns one token's text. So
nothing is generated that nobody has asked for, and what is reused later does not depend on who was faster.
"""

import codecs
import ctypes
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import llama_cpp

from assistant.core.messages import Message
from assistant.engines.cancel_word import CancelWord
from assistant.engines.llm_llama_load import load
from assistant.engines.llm_llama_sampler import Sampler
from assistant.engines.llm_llama_template import ChatTemplate
from assistant.engines.llm_prompt import Piece, fit, splice
from assistant.engines.mind import MindFacts, MindOptions

PREFILL_CHUNK = 256
"""Prompt tokens evaluated between two checks of the cancel word, for back ends that do not poll the abort callback."""


@dataclass
class _Reply:
    """One reply in the making."""

    max_tokens: int
    sampler: Sampler
    evaluated: bool = False
    """The prompt is in the context, and all tokens but the newest."""
    due: list[int] = field(default_factory=list)
    """Tokens that come next, whatever the model says."""
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

    def begin(
        self, messages: Sequence[Message], max_tokens: int, tools: Sequence[Mapping[str, Any]] = ()
    ) -> tuple[int, int]:
        """Start a reply, dropping the last one. Returns the prompt's tokens, and how many need no evaluation.

        `tools` are the schemas of what the reply may call. At most half of the context is kept free for the reply.
        Raises UserError if the newest message does not fit.
        """
        max_tokens = min(max_tokens, self._limit // 2)

        def count(some: Sequence[Message]) -> int:
            return len(self._llm.tokenize(self._render(some, tools), add_bos=False, special=True))

        kept = fit(messages, self._limit - max_tokens, count)
        self._known = splice(self._known, self._render(kept, tools), self._tokenize)
        self._reply = _Reply(max_tokens, Sampler(self._llm, self._options, tools))
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
        piece = None if token is None or reply is None else self._piece_of(token, reply)
        if reply is None or piece is None:
            self._reply = None
            return None
        self._known.append(piece)
        reply.sampler.accept(piece[1])
        reply.count += 1
        return reply.decoder.decode(piece[1])

    def close(self) -> None:
        """Free the model."""
        self._reply = None
        self._llm.close()

    def _next_token(self, reply: _Reply) -> int | None:
        """Evaluate what is due and sample; None when cancelled."""
        if reply.evaluated:
            self._llm.eval([self._known[-1][0]])
        else:
            self._evaluate([token for token, _ in self._known])
            reply.evaluated = True
        if self._cancel:
            return None
        token = reply.due.pop(0) if reply.due else reply.sampler.sample()
        return None if self._cancel else token

    def _piece_of(self, token: int, reply: _Reply) -> Piece | None:
        """The token with its text; None at the end of the reply.

        One that runs on behind the mark of a call is replaced by shorter ones: the grammar begins right at the mark.
        """
        if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
            return None
        text = self._piece(token)
        overhang = reply.sampler.overhang(text)
        if not overhang:
            return token, text
        first, *rest = self._tokenize(text[:-overhang])
        reply.due = [due for due, _ in rest]
        return first

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

    def _tokenize(self, text: bytes) -> list[Piece]:
        return [(token, self._piece(token)) for token in self._llm.tokenize(text, add_bos=False, special=True)]

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, True)
        return buffer.raw[: max(length, 0)]
