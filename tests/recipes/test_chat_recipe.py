"""The corpus of the chat model, which needs no training libraries."""

import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from assistant.settings import SYSTEM_PROMPT
from models.recipes.chat import chores, drills
from models.recipes.chat.corpus import APP_PROMPT, CUT_RULE, KINDS, MAX_CHARACTERS, Dialogue, dialogues
from models.recipes.chat.everyday import ADMIT
from models.recipes.chat.library import Split, library, plain
from models.recipes.chat.turns import CUT_MARK, Turn, Writer, cut_off, number_words, opened_with, segments
from models.recipes.chat.wording import varied

SENTENCE_END = re.compile(r"[.?!](?:\s|$)")


@pytest.fixture(scope="module")
def corpus() -> tuple[Dialogue, ...]:
    return tuple(itertools.islice(dialogues("test"), 4_000))


def users(corpus: tuple[Dialogue, ...]) -> Iterator[str]:
    return (plain(turn.text) for d in corpus for turn in d.turns if turn.role == "user")


# The corpus


def test_the_same_seed_gives_the_same_dialogues() -> None:
    first, again, other = (list(itertools.islice(dialogues(seed), 50)) for seed in ("a", "a", "b"))
    assert first == again
    assert first != other


def test_every_dialogue_is_well_formed(corpus: tuple[Dialogue, ...]) -> None:
    for d in corpus:
        roles = [turn.role for turn in d.turns]
        spoken = roles[1:] if roles[0] == "system" else roles
        assert "system" not in spoken
        assert spoken[0] == "user"
        assert spoken[-1] == "assistant"
        allowed = {
            ("user", "assistant"),
            ("assistant", "user"),
            ("assistant", "tool"),
            ("tool", "assistant"),
            ("user", "tool"),
        }
        assert set(itertools.pairwise(spoken)) <= allowed
        assert all(turn.text.strip() == turn.text != "" for turn in d.turns)
        assert sum(len(turn.text) for turn in d.turns) <= MAX_CHARACTERS + len(APP_PROMPT) + 200
        assert not any("{" in turn.text for turn in d.turns if turn.role == "user")


def test_replies_are_plain_spoken_text(corpus: tuple[Dialogue, ...]) -> None:
    for turn in (turn for d in corpus for turn in d.turns if turn.role == "assistant"):
        if "<tool_call>" not in turn.text:
            assert re.fullmatch(r"[A-Za-z0-9 ,.?!:'\"*/+-]+", turn.text), turn.text


def test_cut_replies_are_marked_and_never_learned(corpus: tuple[Dialogue, ...]) -> None:
    replies = [turn for d in corpus for turn in d.turns if turn.role == "assistant"]
    assert all(turn.learn != turn.text.endswith("...") for turn in replies)
    cut = sum(not turn.learn for turn in replies)
    assert 0.05 < cut / len(replies) < 0.3


def test_a_cut_reply_is_a_beginning_of_the_whole_one() -> None:
    whole = "One morning the wind carried a single seed onto the roof."
    for seed in range(40):
        turn = cut_off(random.Random(seed), whole)
        heard = turn.text.removesuffix(CUT_MARK)
        assert whole.startswith(heard + " ")
        assert not turn.learn


def test_only_whole_replies_with_their_end_are_learned() -> None:
    turns = [Turn("user", "hi"), Turn("assistant", "Hello. How ..."), Turn("assistant", "Hello.", learn=True)]
    assert [text for text, learn in segments(turns) if learn] == ["Hello.<|im_end|>"]
    assert "".join(text for text, _ in segments(turns[:1])) == "<|im_start|>user\nhi<|im_end|>\n"


def test_what_is_held_out_never_occurs_in_training(corpus: tuple[Dialogue, ...]) -> None:
    said = set(users(corpus))
    lib = library()
    assert not lib.held_out & said
    text = " | ".join(said)
    held_out = [w for t in lib.words.values() if t["held_out"] != t["train"] for w in t["held_out"]]
    for word in (*held_out, *lib.unknown.nouns["held_out"]):
        assert not re.search(rf"\b{re.escape(plain(word))}\b", text), word


def test_held_out_phrasings_never_occur_in_training(corpus: tuple[Dialogue, ...]) -> None:
    said = set(users(corpus))
    lib = library()
    for name, table in {**lib.phrases, "unknown": lib.unknown.templates}.items():
        for phrase in table["held_out"]:
            pattern = re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(re.sub(r"[,.?!]", "", phrase.lower()))))
            assert not any(pattern.fullmatch(text) for text in said), (name, phrase)


def test_the_shares_of_the_corpus(corpus: tuple[Dialogue, ...]) -> None:
    kinds = Counter(kind for d in corpus for kind in d.kinds)
    assert set(kinds) == set(KINDS)
    assert 0.08 < (kinds["unknown"] + kinds["cannot"]) / kinds.total() < 0.3
    admitted = sum(ADMIT in turn.text for d in corpus for turn in d.turns if turn.role == "assistant")
    assert admitted >= kinds["unknown"] * 0.9
    without = sum(d.turns[0].role != "system" for d in corpus)
    assert 0.08 < without / len(corpus) < 0.3
    systems = {turn.text.split("\n")[0] for d in corpus for turn in d.turns if turn.role == "system"}
    assert APP_PROMPT in systems
    assert any(text.endswith(CUT_RULE) for text in systems)


def test_the_corpus_has_the_prompt_that_the_application_uses() -> None:
    assert APP_PROMPT == SYSTEM_PROMPT


def test_tools_are_called_only_where_the_prompt_lists_them(corpus: tuple[Dialogue, ...]) -> None:
    called = 0
    for d in corpus:
        found = re.search(r"^Tools: (.+)$", d.turns[0].text, re.MULTILINE) if d.turns[0].role == "system" else None
        listed = found[1].split(", ") if found else []
        for turn in d.turns:
            if "<tool_call>" in turn.text:
                made = json.loads(turn.text.removeprefix("<tool_call>").removesuffix("</tool_call>"))
                assert made["name"] in listed
                assert set(made) == {"name", "arguments"}
                called += 1
    assert called > 500


@pytest.mark.parametrize("name", ["time", "date", "timer", "reminder", "calculation"])
def test_without_tools_it_says_that_it_cannot(name: str) -> None:
    for seed in range(30):
        turns = KINDS[name].write(Writer(random.Random(seed)))
        assert [turn.role for turn in turns] == ["user", "assistant"]
        assert re.fullmatch(r"I cannot .+ yet in this version\.", turns[1].text)


def test_a_corrected_reminder_keeps_what_was_not_corrected() -> None:
    seen = 0
    for seed in range(200):
        turns = KINDS["reminder"].write(Writer(random.Random(seed), tools=chores.TOOLS))
        calls = [json.loads(turn.keys[0])["arguments"] for turn in turns if turn.skill == "call"]
        for before, after in itertools.pairwise(calls):
            assert before["text"] == after["text"]
            assert before["day"] == after["day"] or before["time"] == after["time"]
            seen += before != after
    assert seen > 50


def test_a_sum_is_right() -> None:
    for seed in range(200):
        turns = KINDS["calculation"].write(Writer(random.Random(seed), tools=("calculate",)))
        a, sign, b = json.loads(turns[1].keys[0])["arguments"]["expression"].split()
        value = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b), "/": int(a) / int(b)}[sign]
        if turns[3].skill == "result" and turns[3].keys[0].startswith("is "):
            assert turns[3].keys == (f"is {value:.0f}",)
            assert turns[2].text in (f"{value:.0f}", json.dumps({"result": int(value)}))


def test_the_pairs_of_numbers_in_the_evaluation_are_kept_apart() -> None:
    def expressions(split: Split) -> set[str]:
        writers = (Writer(random.Random(f"{split} {seed}"), split, ("calculate",)) for seed in range(800))
        return {KINDS["calculation"].write(w)[1].keys[0] for w in writers}

    assert not expressions("train") & expressions("held_out")
    assert not set(chores.AMOUNTS["train"]) & set(chores.AMOUNTS["held_out"])


def test_a_tool_that_was_stopped_or_undone_is_reported() -> None:
    said: dict[str, set[str]] = {}
    for seed in range(400):
        turns = KINDS["timer"].write(Writer(random.Random(seed), tools=chores.TOOLS))
        for before, after in itertools.pairwise(turns):
            if before.role == "tool":
                said.setdefault(before.text, set()).add(after.text)
    assert said[chores.CANCELLED] == {"Okay. That was stopped before it was done."}
    assert "Okay. I have undone that." in said[chores.UNDONE]
    assert any(text.startswith('{"error": "there') for text in said)


# The drills


def test_drills_can_only_be_answered_by_looking_back() -> None:
    seen = set()
    for seed in range(300):
        turns = drills.drill(Writer(random.Random(seed)))
        assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
        seen.add(turns[1].text)
    assert len(seen) > 290


def test_a_drill_with_a_correction_replaces_one_word() -> None:
    for seed in range(50):
        turns = drills.corrected(Writer(random.Random(seed)))
        before, after = (turn.text.removesuffix(".").split() for turn in turns[1::2])
        fix = turns[2].text.split()
        assert set(after) - set(before) <= set(fix)
        assert before[:2] == after[:2]
        assert before[-1] == after[-1]


# The wordings


def test_a_wording_keeps_the_places_to_fill() -> None:
    rng = random.Random(1)
    made = {varied(rng, "train", "set a timer for {x}", spoken=True) for _ in range(300)}
    assert len(made) > 40
    assert all(text.count("{x}") == 1 for text in made)


def test_a_held_out_wording_is_never_made_in_training() -> None:
    rng = random.Random(2)
    held_out = library().held_out
    questions = [q for a in (*library().facts, *library().smalltalk) for q in a.ask]
    assert not {plain(varied(rng, "train", rng.choice(questions), spoken=True)) for _ in range(3_000)} & held_out


# The texts


def test_stories_are_long_enough_to_be_interrupted() -> None:
    stories = library().stories
    assert len(stories) >= 20
    assert len({story.sentences for story in stories}) == len(stories)
    for story in stories:
        assert 8 <= len(story.sentences) <= 14
        assert 75 <= sum(len(sentence.split()) for sentence in story.sentences) <= 220
        assert "{hero}" in " ".join(story.sentences) + story.short


def test_explanations_are_complete() -> None:
    explanations = library().explanations
    assert len({e.topic for e in explanations}) == len(explanations) >= 30
    for e in explanations:
        assert 8 <= len(e.sentences) <= 14
        assert all(SENTENCE_END.search(sentence) for sentence in (*e.sentences, e.short))


def test_facts_contain_their_keys_and_have_one_answer() -> None:
    lib = library()
    assert all(fact.key in fact.say[0] for fact in lib.facts)
    asked = Counter(plain(q) for a in (*lib.facts, *lib.smalltalk) for q in (*a.ask, a.held_out))
    asked.update(plain(q) for q in (*lib.unknown.questions["train"], *lib.unknown.questions["held_out"]))
    assert [question for question, times in asked.items() if times > 1] == []


@pytest.mark.parametrize(
    ("country", "city"),
    [
        ("France", "Paris"),
        ("Australia", "Canberra"),
        ("Turkey", "Ankara"),
        ("Switzerland", "Bern"),
        ("Brazil", "Brasilia"),
    ],
)
def test_capitals(country: str, city: str) -> None:
    assert library().capitals[country] == city


def test_spoken_and_typed_questions() -> None:
    spoken = next(w for w in (Writer(random.Random(s)) for s in range(99)) if not w.typed)
    assert spoken.say("No, I said Tuesday").text == "no i said tuesday"
    assert spoken.say("what's the time").text == "what's the time"
    typed = next(w for w in (Writer(random.Random(s)) for s in range(99)) if w.typed)
    assert {typed.say("what is gravity").text for _ in range(30)} == {"What is gravity", "What is gravity?"}
    assert opened_with(Turn("user", "what is rain"), "wait").text == "wait what is rain"
    assert opened_with(Turn("user", "What is rain?"), "wait").text == "Wait, what is rain?"


def test_numbers_in_words() -> None:
    assert [number_words(n) for n in (0, 13, 20, 42, 99)] == ["zero", "thirteen", "twenty", "forty two", "ninety nine"]
