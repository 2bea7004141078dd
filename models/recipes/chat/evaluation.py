"""Evaluation of the finished file with llama.cpp, on wordings and words that the training never contains.

The cases come from the writers of the corpus, in its held-out split: other phrasings, other openings, and other names,
places, tasks, amounts, pairs of numbers, and unknown things than in the training, which cannot draw from that split.
Temperature 0, the application's system prompt, and the right history up to the reply in question.
"""

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
from models.recipes.chat.library import Story, library
from models.recipes.chat.turns import Turn, Writer
from models.recipes.figures import Figure

log = logging.getLogger(__name__)
CONTEXT = 1024  # tokens; a multiple of 256, as llama.cpp requires
SENTENCES_OF_A_STORY = 6
SHARE_OF_AN_EXPLANATION = 0.8  # of its sentences, to count as given
EPISODES = 40
SEED = 11
TOOL_KINDS = tuple(name for name, kind in KINDS.items() if kind.write.__module__ == chores.__name__)
NO_DRILLS = tuple(name for name in KINDS if name not in (*TOOL_KINDS, "drill"))
TARGETS = {"Tools": ">= 95", "Copying": ">= 95", "In topic": ">= 90", "Out of topic": ">= 90", "Conversation": ""}
OUT_OF_TOPIC = ("unknown", "cannot", "garbled")
CONVERSATION = ("correction", "conversation")


@dataclass(frozen=True, slots=True)
class Case:
    """Messages up to a reply, and that reply as the corpus has it, with the keys that a correct one contains."""

    kind: str
    history: tuple[Turn, ...]
    wanted: Turn


class Model:
    """The file in llama.cpp, answering with the most likely words."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._llm = Llama(str(path), n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False)

    def answer(self, history: Sequence[Turn], max_tokens: int = 400) -> str:
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
            if turn.learn and (turn.keys or turn.skill):
                yield Case(kind, tuple(turns[:at]), turn)


def story_told(said: str) -> Story | None:
    """The story that a reply tells, whatever names it has; None if it tells none to its end."""
    sentences = re.split(r"(?<=[.?!]) ", said)
    for story in library().stories:
        patterns = [re.sub(r"\\{\w+\\}", r"\\w+", re.escape(sentence)) for sentence in story.sentences]
        found = sum(any(re.fullmatch(pattern, sentence) for sentence in sentences) for pattern in patterns)
        if found >= SENTENCES_OF_A_STORY and re.fullmatch(patterns[-1], sentences[-1]):
            return story
    return None


def is_correct(case: Case, said: str) -> bool:
    """Whether a reply tells the right thing, contains a key, and calls a tool only where a call is the key."""
    wanted = case.wanted
    if wanted.skill == "story":
        story = story_told(said)
        return story is not None and (not wanted.keys or story.short in wanted.keys)
    if wanted.skill == "explanation":
        sentences = re.split(r"(?<=[.?!]) ", wanted.text)
        return sum(sentence in said for sentence in sentences) >= SHARE_OF_AN_EXPLANATION * len(sentences)
    if wanted.skill == "call":
        return said.strip() == wanted.text
    return "<tool_call>" not in said and any(key.lower() in said.lower() for key in wanted.keys)


def place(case: Case) -> tuple[str, str]:
    """Group and line under which a case is counted."""
    skill = case.wanted.skill
    if skill in ("call", "result", "decline"):
        line = {"call": "calls", "result": "answers from results", "decline": "said to be off without the tool"}[skill]
        return "Tools", f"{case.kind}: {line}" if skill == "call" else line
    if skill.startswith("copy "):
        return "Copying", skill.removeprefix("copy ")
    if skill in CONVERSATION:
        article = "an" if case.kind[0] in "aeiou" else "a"
        return "Conversation", "corrected question" if skill == "correction" else f"after {article} {case.kind}"
    if skill == "unknown" or case.kind in OUT_OF_TOPIC:
        return "Out of topic", {"cannot": "wishes declined", "garbled": "asked to repeat"}.get(case.kind, "admitted")
    return "In topic", "amid something else" if case.kind in ("introduce", "echo") else case.kind


def evaluate(model: Path, count: int = EPISODES) -> list[Figure]:
    """Ask ``count`` held-out episodes of every kind and say how many replies were right, in percent."""
    asked = [case for tools in (False, True) for kind in NO_DRILLS for case in cases(kind, count, tools)]
    asked += [case for kind in TOOL_KINDS for case in cases(kind, count, tools=True)]
    asked += [case for kind in TOOL_KINDS for case in cases(kind, max(1, count // 4))]
    marks: dict[tuple[str, str], list[bool]] = {}
    opened = Model(model)
    for case in asked:
        said = opened.answer(case.history)
        right = is_correct(case, said)
        if not right:
            log.debug("%s: %r -> %r, wanted %r", place(case), case.history[-1].text, said, case.wanted.text)
        marks.setdefault(place(case), []).append(right)
    distinct = _distinct_stories(opened)
    opened.close()
    return [*_figures(marks), distinct]


def _distinct_stories(opened: Model) -> Figure:
    """How many different stories it tells when asked for each by what it is about, in a held-out phrasing."""
    phrase = library().phrases["story_about"]["held_out"][0]
    system = Turn("system", APP_PROMPT)
    told = {
        story_told(opened.answer([system, Turn("user", phrase.format(x=story.about[0]))]))
        for story in library().stories
    }
    return Figure("In topic", "distinct stories told", len(told - {None}), "", len(library().stories), ">= 20")


def _figures(marks: dict[tuple[str, str], list[bool]]) -> list[Figure]:
    """A figure for every group as a whole, which has the target, and for each of its lines."""
    figures = []
    for group, target in TARGETS.items():
        lines = {name: right for (of, name), right in marks.items() if of == group}
        every = [mark for right in lines.values() for mark in right]
        figures.append(Figure(group, "all", _percent(every), "%", len(every), target))
        figures += [Figure(group, name, _percent(right), "%", len(right)) for name, right in lines.items()]
    return figures


def _percent(right: Sequence[bool]) -> float:
    return 100.0 * sum(right) / max(1, len(right))
