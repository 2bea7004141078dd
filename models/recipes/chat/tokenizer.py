"""The tokenizer: a token for every common word, single letters and digits for everything else.

It is a byte-level BPE vocabulary (Sennrich et al. 2016, arXiv:1508.07909) whose only merges join a space with a letter;
whole words are looked up first. So a name that the vocabulary lacks is spelled out, in a question exactly as in the
answer to it, which makes copying it a simple repetition. llama.cpp does the same with vocabularies marked "llama-bpe".
"""

import itertools
import re
import string
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from models.recipes.chat import corpus
from models.recipes.chat.library import library
from models.recipes.chat.turns import segments

# The split that llama.cpp applies to vocabularies marked "llama-bpe": words with one leading space.
WORD_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CALL_MARKS = ("<tool_call>", "</tool_call>")
SPECIAL = (END_OF_TEXT, TURN_START, TURN_END, *CALL_MARKS)
SPACE = "Ġ"  # how byte-level vocabularies write a space
SEEN_AT_LEAST = 24  # in the sampled dialogues, to become a token
VOCABULARY = 4096


def train(dialogue_count: int, vocabulary: int = VOCABULARY) -> Tokenizer:
    """Collect the words of ``dialogue_count`` dialogues; at most ``vocabulary`` tokens, special tokens first."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [(SPACE, letter) for letter in string.ascii_letters]
    fixed = [*SPECIAL, *alphabet, *(a + b for a, b in merges)]
    dialogues = itertools.islice(corpus.dialogues("tokenizer"), dialogue_count)
    texts = Counter(text for d in dialogues for text, _ in segments(d.turns))
    seen: Counter[str] = Counter()
    for text, times in texts.items():
        for word in words(text):
            seen[word] += times
    common = [word for word, times in seen.most_common() if times >= SEEN_AT_LEAST and _is_token(word)]
    tokens = [*fixed, *(word for word in common if word not in set(fixed))][:vocabulary]
    model = models.BPE({token: i for i, token in enumerate(tokens)}, merges, ignore_merges=True)
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = _splitter()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token) for token in SPECIAL])
    return tokenizer


def _splitter() -> pre_tokenizers.PreTokenizer:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(WORD_SPLIT), "isolated"), byte_level])


def words(text: str) -> list[str]:
    """The words of a text as vocabularies write them, special tokens left out."""
    parts = re.split("|".join(map(re.escape, SPECIAL)), text)
    return [word for part in parts for word, _ in _splitter().pre_tokenize_str(part)]


def _is_token(word: str) -> bool:
    """Names are always spelled, known or not, and numbers are read digit by digit."""
    return not any(c.isdigit() for c in word) and word.removeprefix(SPACE).lower() not in library().names


def load_or_train(path: Path, dialogue_count: int) -> Tokenizer:
    """The tokenizer stored at ``path``; trained and stored there first if it is missing."""
    if not path.exists():
        train(dialogue_count).save(str(path))
    return Tokenizer.from_file(str(path))
