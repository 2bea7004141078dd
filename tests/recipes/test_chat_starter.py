"""The chat model that ships, and how its evaluation judges a reply."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.recipes.chat import chores
from models.recipes.chat.corpus import APP_PROMPT, KINDS
from models.recipes.chat.evaluation import (
    TARGETS,
    Case,
    Model,
    cases,
    evaluate,
    is_correct,
    place,
    story_told,
)
from models.recipes.chat.everyday import ADMIT
from models.recipes.chat.library import library, plain
from models.recipes.chat.turns import Turn, reply

STARTER = Path(__file__).parents[2] / "models" / "starter" / "chat" / "parley-starter.gguf"


# How replies are judged


def a_story(number: int) -> str:
    sentences = library().stories[number].sentences
    return " ".join(sentences).format(hero="Anna", friend="Ben")


def test_a_story_counts_when_it_is_one_of_ours_told_to_its_end() -> None:
    story = library().stories[3]
    assert story_told("Sure. " + a_story(3)) is story
    assert story_told(" ".join(a_story(3).split(". ")[:4]) + ".") is None
    wanted = Case("story", (), reply(a_story(3), story.short, skill="story"))
    assert is_correct(wanted, a_story(3))
    assert not is_correct(wanted, a_story(4))


def test_an_explanation_counts_with_most_of_its_sentences() -> None:
    sentences = library().explanations[0].sentences
    wanted = Case("explanation", (), reply(" ".join(sentences), skill="explanation"))
    assert is_correct(wanted, " ".join(sentences[:-1]))
    assert not is_correct(wanted, " ".join(sentences[:4]))


def test_a_call_counts_only_if_it_is_exact() -> None:
    made = chores.call("set_timer", amount=7, unit="minutes")
    wanted = Case("timer", (), made)
    assert is_correct(wanted, made.text)
    assert not is_correct(wanted, made.text.replace("7", "17"))
    assert not is_correct(Case("time", (), reply("It is 5 pm.", "5 pm")), f"5 pm {made.text}")


def test_every_case_has_a_place_and_a_right_answer_of_its_own() -> None:
    for kind in KINDS:
        for tools in (False, True):
            for case in cases(kind, 8, tools):
                assert place(case)[0] in TARGETS
                assert is_correct(case, case.wanted.text), case


# The file


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    model = Model(STARTER)
    yield model
    model.close()


def answer(model: Model, *said: str) -> str:
    """The reply to turns of user and assistant in alternation, under the application's prompt."""
    turns = [Turn("assistant" if at % 2 else "user", text) for at, text in enumerate(said)]
    return model.answer([Turn("system", APP_PROMPT), *turns])


def with_tools(model: Model, *turns: Turn) -> str:
    """The reply to turns under the application's prompt with all tools."""
    return model.answer([Turn("system", f"{APP_PROMPT}\nTools: {', '.join(chores.TOOLS)}"), *turns])


def test_the_starter_is_small() -> None:
    assert STARTER.stat().st_size < 8_000_000


def test_the_starter_greets(model: Model) -> None:
    assert answer(model, "hello").startswith("Hello")


@pytest.mark.parametrize("question", ["what is the capital of france", "What is the capital of France?"])
def test_the_starter_knows_paris(model: Model, question: str) -> None:
    assert "Paris" in answer(model, question)


def test_the_starter_tells_a_whole_story(model: Model) -> None:
    assert story_told(answer(model, "tell me a story"))


@pytest.mark.parametrize("question", ["what is the population of italy", "tell me about trombones"])
def test_the_starter_admits_what_it_does_not_know(model: Model, question: str) -> None:
    assert ADMIT in answer(model, question)


def test_the_starter_answers_a_new_question_after_a_cut(model: Model) -> None:
    heard = "Long ago a dragon settled on the mountain above a small town. Every night ..."
    assert "Paris" in answer(model, "tell me a story", heard, "what is the capital of france")


def test_the_starter_calls_no_tool_unless_it_is_listed(model: Model) -> None:
    asked = Turn("user", "what time is it")
    assert "yet in this version" in model.answer([Turn("system", APP_PROMPT), asked])
    assert with_tools(model, asked) == '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>'


def test_the_starter_knows_its_facts_in_other_words(model: Model) -> None:
    asked = [case for case in cases("fact", 25) if not case.wanted.skill]
    right = sum(is_correct(case, model.answer(case.history)) for case in asked)
    assert right / len(asked) >= 0.6


def test_the_evaluation_says_which_targets_are_met() -> None:
    figures = evaluate(STARTER, 1)
    assert {figure.group for figure in figures} == set(TARGETS)
    assert all(figure.count > 0 for figure in figures)
    assert sum(bool(figure.target) for figure in figures) == 5


def test_plain_wordings_keep_their_places_to_fill() -> None:
    assert plain("No, I said {x}!") == "no i said {x}"
