"""Models that are not the starters: chat models of other families, and recognisers of other layouts and words."""

import math
import shutil
import string
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.recipes.gguf_file import Value
from models.recipes.random_gguf import BYTE, CONTROL, NORMAL, Shape, Tokenizer, byte_tokenizer, write_random
from tests.engines.const_fst import ConstFst
from tests.engines.starters import RECOGNISER

WORDS = "You are Parley Keep answers short moon sun water tell me a story what is the capital of france".split()

TAGGED = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|stop|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""As Zephyr or Phi write: a control token for each role, and one for the end of a turn."""

BRACKETED = (
    "{{ bos_token }}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('user and assistant alternate') }}{% endif %}"
    "{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}{{ eos_token }}{% endif %}"
    "{% endfor %}"
)
"""As Mistral writes: no system message, no token for roles."""


def tagged_model(path: Path) -> Path:
    """Write a Qwen2 with biases, byte pairs and tied embeddings; two tokens end a reply."""
    controls = ("<|stop|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end of text|>")
    made = byte_tokenizer(WORDS, 1111, controls, TAGGED)
    last = {"tokenizer.ggml.eos_token_id": 1110, "tokenizer.ggml.eot_token_id": 1106}
    tokenizer = Tokenizer(made.tokens, made.types, made.metadata | last)
    write_random(path, Shape("qwen2", 96, 3, 192, 6, 2, 1024), tokenizer)
    return path


def bracketed_model(path: Path) -> Path:
    """Write a Llama with SentencePiece, an output matrix of its own, a start token and a short context."""
    pieces = dict.fromkeys(f"▁{word[:length]}" for word in WORDS for length in range(len(word) + 1))
    pieces |= dict.fromkeys(string.ascii_letters + string.punctuation)
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    types = [2, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * len(pieces)]
    metadata: dict[str, Value] = {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.scores": [float(len(token)) for token in tokens],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.chat_template": BRACKETED,
    }
    shape = Shape("llama", 128, 2, 320, 4, 4, 768, tied=False)
    write_random(path, shape, Tokenizer(tokens, types, metadata))
    return path


def renamed_recogniser(folder: Path, names: Mapping[str, str]) -> Path:
    """Copy the starter, with other names for some of its words: a vocabulary that lacks the old ones."""
    shutil.copytree(RECOGNISER, folder)
    _write_words(folder / "graph", {word: names.get(word, word) for word in starter_words()})
    return folder


def static_recogniser(folder: Path, words: Sequence[str]) -> Path:
    """Write the starter's network in the layout of old models: a flat folder, and one static graph of few words.

    Composed with a grammar of single words, the graph of phones and words is itself less the words left out.
    """
    folder.mkdir()
    graph = RECOGNISER / "graph"
    for file in (RECOGNISER / "am" / "final.mdl", RECOGNISER / "conf" / "mfcc.conf"):
        shutil.copy(file, folder)
    shutil.copy(graph / "phones" / "word_boundary.int", folder)
    numbers = starter_words()
    _write_words(folder, {word: word if word in (*words, "<eps>") else f"<no{n}>" for word, n in numbers.items()})
    silent = [int(number) for number in (graph / "disambig_tid.int").read_text(encoding="utf-8").split()]
    fst = ConstFst.read_lookahead((graph / "HCLr.fst").read_bytes())
    small = fst.only([numbers[word] for word in words], math.log(len(words)), silent)
    (folder / "HCLG.fst").write_bytes(small.encoded())
    return folder


def starter_words() -> dict[str, int]:
    """The vocabulary of the starter, with the numbers of the words."""
    lines = (RECOGNISER / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(number) for word, number in map(str.split, lines)}


def _write_words(folder: Path, names: Mapping[str, str]) -> None:
    """Write a table in which the words have these names, and the numbers that they have in the starter."""
    lines = (f"{names[word]} {number}\n" for word, number in starter_words().items())
    (folder / "words.txt").write_text("".join(lines), encoding="utf-8")
