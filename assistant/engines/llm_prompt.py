"""From messages to a prompt: what fits the context, and which tokens of the last prompt and reply can be kept.

Both are independent of the model library, which comes in as functions.
"""

from collections.abc import Callable, Sequence

from assistant.core.messages import Message, Role
from assistant.errors import UserError

DROP_STEP = 4
"""Turns are dropped this many at a time: the prompt then begins the same way for several turns, and is reused."""

Piece = tuple[int, bytes]
"""A token and the text it stands for, control tokens included."""


def fit(messages: Sequence[Message], room: int, count: Callable[[Sequence[Message]], int]) -> list[Message]:
    """Drop the oldest turns until at most `room` tokens are left; `count` says how many tokens messages take.

    System messages at the start and the newest turn always stay. A turn begins with a user message. Raises UserError
    if even the newest turn is too long.
    """
    if count(messages) <= room:
        return list(messages)
    head = 0
    while head < len(messages) and messages[head].role is Role.SYSTEM:
        head += 1
    turns = [i for i in range(head, len(messages)) if messages[i].role is Role.USER] or [head]
    starts = [*turns[DROP_STEP::DROP_STEP], turns[-1]]

    def kept(number: int) -> list[Message]:
        return [*messages[:head], *messages[starts[number] :]]

    low, high = 0, len(starts) - 1
    while low < high:  # the first start that fits; dropping more never takes more tokens
        middle = (low + high) // 2
        low, high = (low, middle) if count(kept(middle)) <= room else (middle + 1, high)
    if (needed := count(kept(low))) > room:
        raise UserError(f"That message is too long for the language model ({needed} tokens, {room} fit): shorten it.")
    return kept(low)


def splice(known: Sequence[Piece], prompt: bytes, tokenize: Callable[[bytes], list[Piece]]) -> list[Piece]:
    """Tokenise `prompt`, keeping the tokens of `known` as far as their text is the same.

    A reply comes back in the next prompt as text, and tokenising text anew can cut it up differently than the model
    did, which would make every evaluated token after that point worthless. So the known tokens are kept, and only the
    rest is tokenised. Where a tokeniser cannot begin in the middle of a text (some add a space), all of it is.
    """
    position = kept = 0
    for _, text in known:
        if not prompt.startswith(text, position):
            break
        position += len(text)
        kept += 1
    while kept and _inside_word(prompt, position):  # "car" then "d" are not the tokens of "card"
        kept -= 1
        position -= len(known[kept][1])
    rest = tokenize(prompt[position:])
    if b"".join(text for _, text in rest) != prompt[position:]:
        return tokenize(prompt)
    return [*known[:kept], *rest]


def _inside_word(text: bytes, position: int) -> bool:
    around = text[position - 1 : position + 1]
    return len(around) == 2 and all(byte >= 0x80 or chr(byte).isalnum() for byte in around)
