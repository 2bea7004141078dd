"""The tokenizer: byte-level BPE (Sennrich et al. 2016, arXiv:1508.07909) trained on the corpus itself."""

import itertools
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from models.recipes.chat import corpus

# The split that llama.cpp applies to vocabularies marked "qwen2": words with one leading space, single digits.
WORD_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CALL_MARKS = ("<tool_call>", "</tool_call>")
VOCABULARY = 2048


def train(dialogue_count: int, vocabulary: int = VOCABULARY) -> Tokenizer:
    """Train on the texts of ``dialogue_count`` dialogues; at most ``vocabulary`` tokens, special tokens first."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORD_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        show_progress=False,
        special_tokens=[AddedToken(t) for t in (END_OF_TEXT, TURN_START, TURN_END, *CALL_MARKS)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    dialogues = itertools.islice(corpus.dialogues("tokenizer"), dialogue_count)
    tokenizer.train_from_iterator((turn.text for d in dialogues for turn in d.turns), trainer)
    return tokenizer


def load_or_train(path: Path, dialogue_count: int) -> Tokenizer:
    """The tokenizer stored at ``path``; trained and stored there first if it is missing."""
    if not path.exists():
        train(dialogue_count).save(str(path))
    return Tokenizer.from_file(str(path))
