"""Qt counts text in UTF-16 units, Python in characters; they differ after an emoji."""


def units(text: str) -> int:
    """How many UTF-16 units `text` takes."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def characters(text: str, count: int) -> int:
    """How many characters of `text` lie within its first `count` UTF-16 units."""
    if text.isascii():
        return min(count, len(text))
    taken = 0
    for index, character in enumerate(text):
        taken += units(character)
        if taken > count:
            return index
    return len(text)
