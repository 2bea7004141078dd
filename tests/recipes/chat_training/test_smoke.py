"""The chat model's recipe from end to end on a tiny network: it says nonsense, but every part must fit."""

import itertools
from pathlib import Path

import pytest
import torch
from llama_cpp import Llama

from models.recipes.chat import batches, corpus, export, tokenizer, training
from models.recipes.chat.evaluation import Model
from models.recipes.chat.network import Shape
from models.recipes.chat.turns import Turn, segments

TOKENS = 1024


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "tokenizer.json"
    tokenizer.load_or_train(path, 300)
    return path


def trainer(words: Path, checkpoint: Path, steps: int) -> training.Trainer:
    known = tokenizer.load_or_train(words, 0)
    shape = Shape(known.get_vocab_size(), width=64, layers=2, heads=2, key_heads=1, hidden=128)
    return training.Trainer(known, checkpoint, training.Budget(600.0, steps), shape, TOKENS)


@pytest.mark.timeout(300)
def test_the_recipe_makes_a_file_that_llama_cpp_loads_and_resumes_after_a_break(words: Path, tmp_path: Path) -> None:
    checkpoint, product = tmp_path / "checkpoint.pt", tmp_path / "model.gguf"
    assert trainer(words, checkpoint, 2).run().step == 2
    resumed = trainer(words, checkpoint, 4)
    assert resumed.progress.step == 2
    assert resumed.run().step == 4
    state = torch.load(checkpoint, weights_only=True)
    assert state["progress"][0] == 4
    export.export(checkpoint, words, product)
    model = Model(product)
    assert isinstance(model.answer([Turn("user", "hello")], max_tokens=4), str)
    model.close()


@pytest.mark.timeout(300)
def test_llama_cpp_reads_text_into_the_same_tokens(words: Path, tmp_path: Path) -> None:
    checkpoint, product = tmp_path / "checkpoint.pt", tmp_path / "model.gguf"
    trainer(words, checkpoint, 1).run()
    export.export(checkpoint, words, product)
    known = tokenizer.load_or_train(words, 0)
    opened = Llama(str(product), vocab_only=True, n_ctx=1024, verbose=False)
    for dialogue in itertools.islice(corpus.dialogues("tokens"), 40):
        text = "".join(piece for piece, _ in segments(dialogue.turns))
        assert opened.tokenize(text.encode(), add_bos=False, special=True) == known.encode(text).ids
    opened.close()


def test_an_unknown_name_is_spelled_alike_with_a_capital_and_without(words: Path) -> None:
    known = tokenizer.load_or_train(words, 0)
    small, large = (known.encode(text).tokens for text in ("i am zorbik", "I am Zorbik."))
    assert small[-6:] == ["Ġz", *"orbik"]
    assert large[-7:-1] == ["ĠZ", *"orbik"]
    assert known.encode("a timer for 58").tokens[-2:] == ["5", "8"]


@pytest.mark.parametrize("phase", ["drills", "dialogues"])
def test_a_batch_is_reproducible_and_teaches_only_replies(words: Path, phase: batches.Phase) -> None:
    known = tokenizer.load_or_train(words, 0)
    source = batches.Batches(known, TOKENS)
    tokens, mask = source.batch("one", phase)
    again, _ = batches.Batches(known, TOKENS).batch("one", phase)
    assert (tokens == again).all()
    assert tokens.shape == mask.shape
    learned = known.decode(tokens[mask].tolist(), skip_special_tokens=False)
    assert tokenizer.TURN_END in learned
    assert tokenizer.TURN_START not in learned


def test_drills_end_when_copying_is_learned_or_their_share_is_used() -> None:
    budget = training.Budget(1000.0)
    assert training.phase(training.Progress(), budget) == "drills"
    assert training.phase(training.Progress(drill_loss=0.1), budget) == "dialogues"
    assert training.phase(training.Progress(seconds=900.0), budget) == "dialogues"


def test_the_learning_rate_warms_up_stays_and_falls() -> None:
    budget = training.Budget(1000.0)
    first, plateau, late = (
        training.rate(training.Progress(step, seconds), budget)
        for step, seconds in ((0, 0.0), (500, 400.0), (900, 950.0))
    )
    assert first < plateau == 1.0
    assert 0.02 <= late < 0.2
