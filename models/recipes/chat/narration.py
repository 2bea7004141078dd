"""Long episodes: stories and explanations, which the user lets run, cuts off, shortens, repeats or resumes."""

from dataclasses import dataclass

from models.recipes.chat.library import Explanation, Story, library
from models.recipes.chat.turns import CUT_MARK, Turn, Writer, cut_off, reply

OPENINGS = ("", "", "", "Sure. ", "Gladly. ")
STOPPED = ("Okay.", "All right.", "Okay, I am quiet.")


@dataclass(frozen=True, slots=True)
class Piece:
    """Something long to say, with its question and its one-sentence form.

    ``wanted``: the one-sentence forms, without names, of the stories that answer the question; empty if any does.
    """

    source: Story | Explanation
    ask: Turn
    opening: str
    sentences: tuple[str, ...]
    short: str
    wanted: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole reply."""
        return self.opening + " ".join(self.sentences)


def told(w: Writer, story: Story, ask: Turn, wanted: tuple[str, ...] = ()) -> Piece:
    """A story with its names filled in."""
    girls, friends = library().words["girls"]["train"][:12], library().words[story.friend]["train"][:24]
    hero = w.pick(girls)  # few names, and none that is made up: a story is to be known by heart
    names = {"hero": hero, "friend": w.pick(name for name in friends if name != hero)}
    sentences = tuple(sentence.format(**names) for sentence in story.sentences)
    return Piece(story, ask, w.pick(OPENINGS), sentences, story.short.format(**names), wanted)


def a_story(w: Writer) -> Piece:
    """Any story, or one about something; where none fits, the model says so and offers another."""
    story = w.pick(library().stories)
    if w.chance(0.5):
        return told(w, story, w.ask("story"))
    if w.chance(0.75):
        asked = w.pick(story.about)
        fitting = tuple(other.short for other in library().stories if asked in other.about)
        return told(w, story, w.ask("story_about", x=asked), fitting)
    noun = w.pick(library().unknown.nouns[w.split])
    piece = told(w, story, w.ask("story_about", x=noun))
    opening = f"I do not know that story, but here is one about {story.about[0]}. "
    return Piece(story, piece.ask, opening, piece.sentences, piece.short)


def an_explanation(w: Writer) -> Piece:
    """One of the explained topics, asked for by its name or by a question of its own."""
    item = w.pick(library().explanations)
    if w.chance(0.5):
        ask = w.ask("explain", x=item.topic)
    else:
        ask = w.question(w.pick(item.ask) if w.split == "train" else item.held_out)
    return Piece(item, ask, w.pick(OPENINGS), item.sentences, item.short)


def story(w: Writer) -> list[Turn]:
    """A story and what follows."""
    piece = a_story(w)
    return _whole(w, piece) if w.chance(0.6) else _interrupted(w, piece)


def explanation(w: Writer) -> list[Turn]:
    """An explanation and what follows."""
    piece = an_explanation(w)
    return _whole(w, piece) if w.chance(0.65) else _interrupted(w, piece)


def _whole(w: Writer, piece: Piece) -> list[Turn]:
    is_story = isinstance(piece.source, Story)
    turns = [piece.ask, reply(piece.text, *piece.wanted, skill="story" if is_story else "explanation")]
    follow_up = w.rng.random()
    if follow_up < 0.15:
        turns += [w.ask("shorter"), reply(piece.short, piece.short, skill="conversation")]
    elif follow_up < 0.25:
        turns += [w.ask("praise"), reply("I am glad that you liked it.", "glad", skill="conversation")]
    elif follow_up < 0.4 and is_story:
        ask = w.ask("another")
        turns += [ask, reply(told(w, w.pick(s for s in library().stories if s is not piece.source), ask).text)]
    elif follow_up < 0.5:
        turns += [w.ask("repeat"), reply(piece.sentences[-1], piece.sentences[-1], skill="conversation")]
    return turns


def _interrupted(w: Writer, piece: Piece) -> list[Turn]:
    """A cut inside a sentence or right after one; the history holds what was heard, and the user goes on."""
    at = w.rng.randint(0, len(piece.sentences) - 1)
    before = piece.opening + " ".join(piece.sentences[:at])
    if at and w.chance(0.3):
        heard = Turn("assistant", before + CUT_MARK)
    else:
        heard = cut_off(w.rng, piece.sentences[at])
        heard = Turn("assistant", f"{before} {heard.text}".strip() if at else piece.opening + heard.text)
    rest = " ".join(piece.sentences[at:])
    turns = [piece.ask, heard]
    reaction = w.rng.random()
    if reaction < 0.25:
        turns += [w.ask("continue"), reply(rest, piece.sentences[at], skill="conversation")]
    elif reaction < 0.4:
        turns += [w.ask("shorter"), reply(piece.short, piece.short, skill="conversation")]
    elif reaction < 0.5:
        # The last sentence that was heard to its end, or the first one.
        again = piece.sentences[max(0, at - 1)]
        turns += [w.ask("repeat"), reply(again, again, skill="conversation")]
    elif reaction < 0.65:
        turns += [w.ask("stop"), reply(w.pick(STOPPED), *STOPPED, skill="conversation")]
        if w.chance(0.4):
            turns += [w.ask("continue"), reply(rest, piece.sentences[at], skill="conversation")]
    # Otherwise the next episode follows at once: the user has changed the subject.
    return turns
