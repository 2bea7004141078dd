"""Sampling: the choice of the next token, and the grammar that calls of tools have to follow.

Until the reply holds the mark that opens a call, the grammar does not exist and costs nothing. From there on nothing
else can be sampled but a call of one of the offered tools, its closing mark and the end of the reply.
"""

import ctypes
import json
from collections.abc import Mapping, Sequence
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp._internals import LlamaSampler
from llama_cpp.llama_grammar import json_schema_to_gbnf
from numpy.typing import NDArray

from assistant.core.tool_calls import CLOSE, OPEN
from assistant.engines.mind import MindOptions

MARK = OPEN.encode()

_TOP_K = 40
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama_token_data."""
_CHAR = r'char ::= [^"\\<\x00-\x1F\x7F] | "\\" ["\\]'
"""What texts in arguments consist of: no control characters, and no "<", so that none can hold the closing mark."""


class Sampler:
    """Chooses the tokens of one reply."""

    def __init__(self, llm: llama_cpp.Llama, options: MindOptions, tools: Sequence[Mapping[str, Any]]) -> None:
        """`tools` are the schemas of what may be called; none for a reply without calls."""
        self._llm = llm
        self._options = options
        self._tools = tools
        self._chain = self._free_choice()
        self._tail = b""
        """The end of what was generated, as long as the mark could still be completed by what follows."""
        self._rules: LlamaSampler | None = None
        """The grammar, from the mark on."""

    def sample(self) -> int | None:
        """The next token, by the newest logits; None where the grammar allows none that the model has.

        A token is first chosen freely: it nearly always fits, and checking it alone is much cheaper than checking the
        whole vocabulary.
        """
        token: int | None = self._chain.sample(self._llm._ctx)
        if self._rules is None or token is None:
            return token
        chosen = np.array([(token, 0.0, 0.0)], _CANDIDATE)
        llama_cpp.llama_sampler_apply(self._rules.sampler, ctypes.byref(_array(chosen)))
        if np.isneginf(chosen["logit"][0]):
            token = self._choose_within(self._rules)
        if token is not None:
            llama_cpp.llama_sampler_accept(self._rules.sampler, token)
        return token

    def overhang(self, text: bytes) -> int:
        """How many bytes of `text`, the next token's, stand behind a mark that it completes; 0 without a mark."""
        if self._rules is not None or not self._tools:
            return 0
        end = (self._tail + text).find(MARK)
        return 0 if end < 0 else len(self._tail + text) - end - len(MARK)

    def accept(self, text: bytes) -> None:
        """The token with this text was taken; from the end of a mark on the grammar holds."""
        if self._rules is not None or not self._tools:
            return
        self._tail = (self._tail + text)[-len(MARK) :]
        if self._tail == MARK:
            self._rules = self._grammar(call_grammar(self._tools))

    def _choose_within(self, rules: LlamaSampler) -> int | None:
        """A token among those that the grammar allows."""
        size = self._llm._n_vocab
        candidates = np.zeros(size, _CANDIDATE)
        candidates["id"] = np.arange(size)
        logits = llama_cpp.llama_get_logits_ith(self._llm.ctx, -1)
        candidates["logit"] = np.ctypeslib.as_array(logits, shape=(size,))
        array = _array(candidates)
        llama_cpp.llama_sampler_apply(rules.sampler, ctypes.byref(array))
        if np.isneginf(candidates["logit"].max()):
            return None
        llama_cpp.llama_sampler_apply(self._chain.sampler, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def _grammar(self, text: str) -> LlamaSampler:
        rules = llama_cpp.llama_sampler_init_grammar(self._llm._model.vocab, text.encode(), b"root")
        if not rules:  # using it would crash the process
            raise ValueError("the schemas of the tools make no grammar")
        return _chain(rules)

    def _free_choice(self) -> LlamaSampler:
        options = self._options
        if options.temperature <= 0.0:
            return _chain(llama_cpp.llama_sampler_init_greedy())
        return _chain(
            llama_cpp.llama_sampler_init_top_k(_TOP_K),
            llama_cpp.llama_sampler_init_top_p(options.top_p, 1),
            llama_cpp.llama_sampler_init_temp(options.temperature),
            llama_cpp.llama_sampler_init_dist(self._llm._seed),
        )


def _chain(*samplers: Any) -> LlamaSampler:
    """The samplers one after the other; they are freed with it."""
    chain = LlamaSampler()  # type: ignore[no-untyped-call]  # llama_cpp leaves it without annotations
    for sampler in samplers:
        llama_cpp.llama_sampler_chain_add(chain.sampler, sampler)
    return chain


def _array(candidates: NDArray[np.void]) -> llama_cpp.llama_token_data_array:
    """`candidates` as llama.cpp takes them; it works on their memory."""
    data = candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
    return llama_cpp.llama_token_data_array(data=data, size=len(candidates), selected=-1, sorted=False)


def call_grammar(tools: Sequence[Mapping[str, Any]]) -> str:
    """The grammar (GBNF) of what follows the opening mark: a call of one of `tools` and the closing mark."""
    calls = [
        {
            "type": "object",
            "properties": {"name": {"const": tool["name"]}, "arguments": tool["parameters"]},
            "required": ["name", "arguments"],
        }
        for tool in tools
    ]
    lines: list[str] = json_schema_to_gbnf(json.dumps({"anyOf": calls})).splitlines()
    rules = {line.partition(" ::= ")[0]: line for line in lines}
    rules["char"] = _CHAR
    rules["call"] = rules["root"].replace("root", "call", 1)
    rules["root"] = f'root ::= "\\n"? call "\\n"? "{CLOSE}"'
    return "\n".join(rules.values())
