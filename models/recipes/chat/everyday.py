"""Short episodes: greetings, small talk, facts, jokes, things to remember, and honest answers to the unknown."""

from models.recipes.chat.library import library
from models.recipes.chat.turns import Turn, Writer, reply

ADMIT = "do not know"
CANNOT = "cannot do that"
GREETINGS = {"good morning": "Good morning.", "good evening": "Good evening.", "good afternoon": "Good afternoon."}
OFFERS = ("How can I help you?", "What can I do for you?")
GARBLED = "Sorry, I did not understand that. Could you say it again?"


def greet(w: Writer) -> list[Turn]:
    """A greeting, answered in kind."""
    if w.chance(0.4):
        said = w.pick(GREETINGS)
        return [w.say(said), reply(f"{GREETINGS[said]} {w.pick(OFFERS)}", key="Good")]
    return [w.ask("greet"), reply(f"Hello. {w.pick(OFFERS)}", key="Hello")]


def smalltalk(w: Writer) -> list[Turn]:
    """Small talk and questions about the assistant itself."""
    chat = w.pick(library().smalltalk)
    answer = w.pick(chat.say)
    # Alternatives begin differently, so the evaluation checks the choice only where there is one answer.
    return [w.say(w.pick(chat.questions(w.split))), reply(answer, key=answer if len(chat.say) == 1 else "")]


def fact(w: Writer) -> list[Turn]:
    """A short question with one true answer, sometimes asked for again."""
    item = w.pick(library().facts)
    turns = [w.say(w.pick(item.questions(w.split))), reply(item.say[0], key=item.key)]
    if w.chance(0.12):
        turns += [w.ask("repeat"), reply(item.say[0])]
    return turns


def capital(w: Writer) -> list[Turn]:
    """A capital, sometimes corrected to another country."""
    capitals = library().capitals
    country = w.pick(capitals)
    turns = [w.ask("capital", x=country), _capital_of(country)]
    while w.chance(0.3):
        country = w.pick(c for c in capitals if c != country)
        turns += [w.ask("wrong_capital", x=country), _capital_of(country)]
    return turns


def _capital_of(country: str) -> Turn:
    city = library().capitals[country]
    return reply(f"The capital of {country} is {city}.", key=city)


def joke(w: Writer) -> list[Turn]:
    """A joke, and others on demand, never the same one twice."""
    jokes = w.rng.sample(library().jokes, 3)
    turns = [w.ask("joke"), reply(jokes[0], key="?")]
    for other in jokes[1:]:
        if not w.chance(0.4):
            break
        turns += [w.ask("another"), reply(other)]
    if w.chance(0.15):
        turns += [w.ask("praise"), reply("I am glad that you liked it.")]
    return turns


def unknown(w: Writer) -> list[Turn]:
    """A question outside everything the model has learned: it says that it does not know."""
    lib = library().unknown
    if w.chance(0.35):
        return [w.say(w.pick(lib.questions[w.split])), reply(w.pick(lib.plain), key=ADMIT)]
    noun = w.pick(lib.nouns[w.split])
    # A held-out noun is hard enough; it is asked for in trained words half of the time.
    templates = lib.templates["train" if w.chance(0.5) else w.split]
    answer = w.pick(lib.about).format(x=noun) if w.chance(0.3) else w.pick(lib.plain)
    return [w.say(w.pick(templates).format(x=noun)), reply(answer, key=ADMIT)]


def cannot(w: Writer) -> list[Turn]:
    """A wish that needs the internet or hands."""
    lib = library().unknown
    return [w.say(w.pick(lib.wishes[w.split])), reply(w.pick(lib.refusals), key=CANNOT)]


def garbled(w: Writer) -> list[Turn]:
    """A scrap of speech that means nothing."""
    return [w.ask("garble"), reply(GARBLED, key="did not understand")]


def introduce(w: Writer) -> list[Turn]:
    """The user says a name, a place, a job or a favorite, and asks for it later: the model has to copy it."""
    tell, heard, ask, answer, key = w.pick((_name, _place, _job, _favorite))(w)
    turns = [tell, reply(heard, key=key)]
    if w.chance(0.35):
        turns += w.pick((fact, capital, smalltalk))(w)
    if w.chance(0.8):
        turns += [ask, reply(answer, key=key)]
    return turns


_Told = tuple[Turn, str, Turn, str, str]


def _name(w: Writer) -> _Told:
    name = w.word(w.pick(("girls", "boys")))
    tell, ask = w.ask("my_name", x=name), w.ask("ask_name")
    return tell, f"Nice to meet you, {name}.", ask, f"Your name is {name}.", name


def _place(w: Writer) -> _Told:
    place = w.word("places")
    tell, ask = w.ask("my_place", x=place), w.ask("ask_place")
    return tell, f"I see, you are from {place}.", ask, f"You are from {place}.", place


def _job(w: Writer) -> _Told:
    job = w.word("jobs")
    tell, ask = w.ask("my_job", x=job), w.ask("ask_job")
    return tell, f"So you are {job}. That sounds interesting.", ask, f"You are {job}.", job


def _favorite(w: Writer) -> _Told:
    kind, thing = w.word("kinds"), w.word("things")
    tell, ask = w.ask("my_favorite", k=kind, x=thing), w.ask("ask_favorite", k=kind)
    return tell, f"Good to know. Your favorite {kind} is {thing}.", ask, f"Your favorite {kind} is {thing}.", thing


def echo(w: Writer) -> list[Turn]:
    """Words or digits to say again, at once or later."""
    count = w.rng.randint(2, 5)
    if w.chance(0.3):
        words = " ".join(w.number(w.rng.randint(0, 9)) for _ in range(count))
    else:
        words = " ".join(w.word("nonsense") for _ in range(count))
    if w.chance(0.5):
        return [w.ask("echo", x=words), reply(f"{words}.", key=words)]
    return [
        w.ask("remember", x=words),
        reply(f"Okay. I will remember {words}.", key=words),
        *(w.pick((fact, joke))(w)[:2] if w.chance(0.3) else []),
        w.ask("recall"),
        reply(f"You said {words}.", key=words),
    ]
