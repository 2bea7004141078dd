"""Evaluation of the finished file with llama.cpp, on wordings and words that the training never contains."""

import logging
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_cpp import Llama

from models.recipes.chat import chores
from models.recipes.chat.corpus import APP_PROMPT, KINDS
from models.recipes.chat.everyday import ADMIT
from models.recipes.chat.turns import Turn, Writer

log = logging.getLogger(__name__)
CONTEXT = 768  # tokens; a multiple of 256, as llama.cpp requires
SENTENCES_OF_A_STORY = 6
SEED = 11


@dataclass(frozen=True, slots=True)
class Case:
    """Messages up to a reply, and what that reply has to contain."""

    kind: str
    history: tuple[Turn, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Score:
    """Correct replies of one kind; ``admitted``: replies that say "I do not know"."""

    kind: str
    cases: int
    correct: int
    admitted: int


class Model:
    """The file in llama.cpp, answering with the most likely words."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._llm = Llama(str(path), n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False)

    def answer(self, history: Sequence[Turn], max_tokens: int = 320) -> str:
        """The reply to a history of turns."""
        messages: Any = [{"role": turn.role, "content": turn.text} for turn in history]
        made: Any = self._llm.create_chat_completion(messages, temperature=0.0, max_tokens=max_tokens)
        return str(made["choices"][0]["message"]["content"])

    def close(self) -> None:
        """Free the model."""
        self._llm.close()


def cases(kind: str, count: int, tools: bool = False) -> Iterator[Case]:
    """The checkable replies of ``count`` held-out episodes of a kind, under the application's system prompt."""
    rng = random.Random(f"{SEED} {kind} {tools}")
    listed = chores.TOOLS if tools else ()
    system = Turn("system", APP_PROMPT + ("\nTools: " + ", ".join(listed) if tools else ""))
    for _ in range(count):
        turns = [system, *KINDS[kind].write(Writer(rng, "held_out", listed))]
        for at, turn in enumerate(turns):
            if turn.learn and (turn.key or _is_story(kind, at)):
                yield Case(kind, tuple(turns[:at]), turn.key)


def _is_story(kind: str, at: int) -> bool:
    return kind == "story" and at == 2  # the first reply, told to its end


def is_correct(case: Case, said: str) -> bool:
    """Whether a reply contains its key and calls a tool only where a call is the key; a story needs its sentences."""
    if not case.key:
        return len(re.findall(r"[.?!](?:\s|$)", said)) >= SENTENCES_OF_A_STORY and said.rstrip().endswith(".")
    calls = "<tool_call>" in said
    return case.key.lower() in said.lower() and calls == case.key.startswith("{")


def score(model: Model, kind: str, count: int, tools: bool = False) -> Score:
    """Ask all cases of a kind."""
    correct = admitted = total = 0
    for case in cases(kind, count, tools):
        said = model.answer(case.history)
        right = is_correct(case, said)
        total, correct, admitted = total + 1, correct + right, admitted + (ADMIT in said)
        if not right:
            log.debug("%s: %r -> %r, expected %r", kind, case.history[-1].text, said, case.key)
    return Score(kind + (" (tools on)" if tools else ""), total, correct, admitted)


def evaluate(path: Path, count: int = 20) -> list[Score]:
    """Score every kind of episode, and log a table of the figures."""
    model = Model(path)
    with_tools = [name for name, kind in KINDS.items() if kind.write.__module__ == chores.__name__]
    scores = []
    log.info("%-28s %7s %7s %9s", "held-out episodes", "replies", "correct", "admitted")
    for kind, tools in [(name, False) for name in KINDS] + [(name, True) for name in with_tools]:
        result = score(model, kind, count, tools)
        share = 100 * result.correct / max(1, result.cases)
        log.info("%-28s %7d %6.0f%% %9d", result.kind, result.cases, share, result.admitted)
        scores.append(result)
    total, correct = sum(s.cases for s in scores), sum(s.correct for s in scores)
    log.info("%-28s %7d %6.0f%%", "all", total, 100 * correct / total)
    model.close()
    return scores
