"""Short episodes: greetings, small talk, facts, jokes, things to remember, and honest answers to the unknown."""

import re
from dataclasses import dataclass

from models.recipes.chat.chores import DAYS, clock
from models.recipes.chat.library import library
from models.recipes.chat.turns import Turn, Writer, reply
from models.recipes.chat.wording import made_up

ADMIT = "do not know"
CANNOT = "cannot do that"
GREETINGS = {"good morning": "Good morning.", "good evening": "Good evening.", "good afternoon": "Good afternoon."}
OFFERS = ("How can I help you?", "What can I do for you?")
OTHER_FACTS = (  # questions in which another thing can take the place of the known one
    r"(how many \w+ (?:does|has|do) (?:an? )?)[\w ]+?( have)?",
    r"(where (?:do|is|are) )[\w ]+?( live)?",
    r"(what do )[\w ]+?( eat)",
    r"(who (?:wrote|painted|was|is|invented) )[\w ]+()",
    r"(how (?:far away|far|fast) is )[\w ]+()",
    r"(what is the (?!capital)\w+ of )[\w ]+()",
)
GARBLED = "Sorry, I did not understand that. Could you say it again?"


def greet(w: Writer) -> list[Turn]:
    """A greeting, answered in kind."""
    if w.chance(0.35):
        said = w.pick(GREETINGS)
        parley = " Parley" if w.chance(0.3) else ""
        return [w.say(said + parley), reply(f"{GREETINGS[said]} {w.pick(OFFERS)}", "Good")]
    return [w.ask("greet"), reply(f"Hello. {w.pick(OFFERS)}", "Hello")]


def smalltalk(w: Writer) -> list[Turn]:
    """Small talk, everyday topics, and questions about the assistant itself; some go on when the user asks."""
    chat = w.pick(library().smalltalk)
    answer = w.pick(chat.say)
    turns = [w.question(w.pick(chat.questions(w.split))), reply(answer, *chat.say)]
    if chat.more and w.chance(0.4):
        turns += [w.ask("more"), reply(chat.more, chat.more, skill="conversation")]
    return turns + _said_again(w, answer)


def _said_again(w: Writer, answer: str) -> list[Turn]:
    """Now and then the user wants to hear it again."""
    return [w.ask("repeat"), reply(answer, answer, skill="conversation")] if w.chance(0.06) else []


def fact(w: Writer) -> list[Turn]:
    """A short question with one true answer, sometimes asked for again; or the same question about something else."""
    item = w.pick(library().facts)
    if w.chance(0.25):
        return _other_fact(w, w.pick(item.ask))
    turns = [w.question(w.pick(item.questions(w.split))), reply(item.say[0], item.key)]
    return turns + _said_again(w, item.say[0])


def _other_fact(w: Writer, question: str) -> list[Turn]:
    """A question like a known one, but about a thing of which the model knows nothing."""
    noun = w.pick(library().unknown.nouns[w.split])
    for pattern in OTHER_FACTS:
        if found := re.fullmatch(pattern, question):
            asked = f"{found[1]}{noun}{found[2] or ''}"
            return [w.question(asked), _admitted(w, noun)]
    return [w.question(f"what is {noun}"), _admitted(w, noun)]


def _admitted(w: Writer, noun: str = "") -> Turn:
    lib = library().unknown
    said = w.pick(lib.about).format(x=noun) if noun and w.chance(0.3) else w.pick(lib.plain)
    return reply(said, ADMIT, skill="unknown")


def capital(w: Writer) -> list[Turn]:
    """A capital, sometimes corrected to another country, sometimes of a country that does not exist."""
    capitals = library().capitals
    if w.chance(0.15):
        return [w.ask("capital", x=made_up(w.rng)), _admitted(w)]
    country = w.pick(capitals)
    turns = [w.ask("capital", x=country), _capital_of(country)]
    while w.chance(0.35):
        country = w.pick(c for c in capitals if c != country)
        turns += [w.ask("wrong_capital", x=country), _capital_of(country, "correction")]
    return turns


def _capital_of(country: str, skill: str = "") -> Turn:
    city = library().capitals[country]
    return reply(f"The capital of {country} is {city}.", city, skill=skill)


def joke(w: Writer) -> list[Turn]:
    """A joke, and others on demand, never the same one twice."""
    jokes = w.rng.sample(library().jokes, 3)
    turns = [w.ask("joke"), reply(jokes[0], *library().jokes)]
    for at in (1, 2):
        if not w.chance(0.4):
            break
        others = [told for told in library().jokes if told not in jokes[:at]]
        turns += [w.ask("another"), reply(jokes[at], *others, skill="conversation")]
    if w.chance(0.15):
        turns += [w.ask("praise"), reply("I am glad that you liked it.", "glad")]
    return turns


def unknown(w: Writer) -> list[Turn]:
    """A question outside everything the model has learned: it says that it does not know."""
    lib = library().unknown
    if w.chance(0.3):
        return [w.question(w.pick(lib.questions[w.split])), _admitted(w)]
    noun = made_up(w.rng) if w.chance(0.15) else w.pick(lib.nouns[w.split])
    # A held-out noun is hard enough; it is asked for in trained words half of the time.
    templates = lib.templates["train" if w.chance(0.5) else w.split]
    return [w.question(w.pick(templates), x=noun), _admitted(w, noun)]


def cannot(w: Writer) -> list[Turn]:
    """A wish that needs the internet or hands."""
    lib = library().unknown
    return [w.question(w.pick(lib.wishes[w.split])), reply(w.pick(lib.refusals), CANNOT, ADMIT)]


def garbled(w: Writer) -> list[Turn]:
    """A scrap of speech that means nothing."""
    return [w.ask("garble"), reply(GARBLED, "did not understand")]


@dataclass(frozen=True, slots=True)
class Told:
    """What a user tells, what the assistant says to it, how it is asked for later, and what has to be copied."""

    what: str
    tell: Turn
    heard: str
    ask: Turn
    answer: str
    key: str


def introduce(w: Writer) -> list[Turn]:
    """The user says a name, a place, a job and the like, and asks for it later: the model has to copy it."""
    told = w.pick((_name, _name, _place, _job, _favorite, _pet, _meeting))(w)
    turns = [told.tell, reply(told.heard, told.key, skill=f"copy {told.what}")]
    if w.chance(0.35):
        turns += w.pick((fact, capital, smalltalk))(w)
    if w.chance(0.8):
        turns += [told.ask, reply(told.answer, told.key, skill=f"copy {told.what}")]
    return turns


def _name(w: Writer) -> Told:
    name = w.word(w.pick(("girls", "boys")))
    tell, ask = w.ask("my_name", x=name), w.ask("ask_name")
    return Told("names", tell, f"Nice to meet you, {name}.", ask, f"Your name is {name}.", name)


def _place(w: Writer) -> Told:
    place = w.word("places")
    tell, ask = w.ask("my_place", x=place), w.ask("ask_place")
    return Told("names", tell, f"I see, you are from {place}.", ask, f"You are from {place}.", place)


def _job(w: Writer) -> Told:
    job = w.word("jobs")
    tell, ask = w.ask("my_job", x=job), w.ask("ask_job")
    return Told("words", tell, f"So you are {job}. That sounds interesting.", ask, f"You are {job}.", job)


def _favorite(w: Writer) -> Told:
    kind, thing = w.word("kinds"), w.word("things")
    tell, ask = w.ask("my_favorite", k=kind, x=thing), w.ask("ask_favorite", k=kind)
    heard, answer = f"Good to know. Your favorite {kind} is {thing}.", f"Your favorite {kind} is {thing}."
    return Told("words", tell, heard, ask, answer, thing)


def _pet(w: Writer) -> Told:
    kind, name = w.word("pets"), w.word(w.pick(("girls", "boys")))
    tell, ask = w.ask("my_pet", k=kind, x=name), w.ask("ask_pet", k=kind)
    return Told("names", tell, f"{name} is a nice name for a {kind}.", ask, f"Your {kind} is called {name}.", name)


def _meeting(w: Writer) -> Told:
    day, (asked, at) = w.pick(DAYS), clock(w)
    tell, ask = w.ask("my_meeting", day=day, time=asked), w.ask("ask_meeting")
    return Told("days and times", tell, f"Okay. On {day} at {at}.", ask, f"It is on {day} at {at}.", f"{day} at {at}")


def echo(w: Writer) -> list[Turn]:
    """Words or digits to say again, at once or later."""
    count, digits = w.rng.randint(1, 5), w.chance(0.3)
    words = " ".join(w.number(w.rng.randint(0, 9)) if digits else w.word("nonsense") for _ in range(count))
    skill = "copy numbers" if digits else "copy words"
    if w.chance(0.5):
        return [w.ask("echo", x=words), reply(f"Okay: {words}.", words, skill=skill)]
    return [
        w.ask("remember", x=words),
        reply(f"Okay. I will remember {words}.", words, skill=skill),
        *(w.pick((fact, joke))(w)[:2] if w.chance(0.3) else []),
        w.ask("recall"),
        reply(f"You said {words}.", words, skill=skill),
    ]
