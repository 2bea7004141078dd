"""Beginning, speaking and finishing replies: the only place where epochs are minted."""

from dataclasses import replace

from assistant.core.cutting import drop_reply, duck
from assistant.core.effects import Generate, SaveTurn
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Kind, Reason
from assistant.core.messages import Role
from assistant.core.sentences import SentenceSplitter, Span
from assistant.core.state import Phase, Reply, State
from assistant.core.writing import call_tools, complete_if_done, speak_more

MOST_TAKE_UPS = 3
"""A reply that was cut off for nothing is taken up so many times."""


def answer(s: State, at: float, text: str) -> None:
    """Commit the user's turn `text` and begin the reply to it, adopting a speculative one that fits."""
    reply = s.reply
    prepared = reply is not None and reply.speculative and reply.answers == text
    if reply is not None and reply.generated and not reply.turn.spans:
        prepared = False  # it came to nothing: ask again
    if not prepared:
        drop_reply(s)
    after = _cut_off_by_words(s)
    add_user_turn(s, at, text)
    if prepared and reply is not None:
        reply.speculative = False
        reply.after = after
        reply.turn.at = at
        s.history.add(reply.turn)
        s.phase = Phase.THINKING
        speak_more(s)
        if reply.calls:
            call_tools(s, at)
        complete_if_done(s, at)
    else:
        generate(s, at).after = after


def _cut_off_by_words(s: State) -> Turn | None:
    """The reply that the user has just cut off to ask for something else."""
    turn = s.history.turns[-1] if s.history.turns else None
    record = turn.interruption if turn is not None else None
    if record is None or record.reason not in (Reason.USER_SPEAKING, Reason.USER_STARTED_TYPING):
        return None
    return turn if record.kind in (Kind.REDIRECT, None) else None


def add_user_turn(s: State, at: float, text: str) -> None:
    """Append what the user said to the history, and have it stored. What they asked before need not be taken up."""
    s.deferred = None
    turn = s.history.add(Turn(-1, Role.USER, at, text, heard=len(text)))
    s.emit(SaveTurn(turn.number))


def generate(s: State, at: float) -> Reply:
    """Begin a reply to the history as it stands."""
    messages = s.history.messages(s.system_prompt)
    reply = _mint(s, at)
    s.history.add(reply.turn)
    s.phase = Phase.THINKING
    s.emit(Generate(reply.epoch, messages))
    return reply


def retry(s: State, at: float) -> None:
    """Generate the reply again: the mind was lost before it had made anything of it."""
    phase = s.phase
    s.history.turns.pop()
    drop_reply(s, keep=False)
    generate(s, at).retried = True
    if phase is Phase.OVERLAP:
        s.phase = phase
        duck(s, at)


def prepare(s: State, at: float, text: str) -> None:
    """Begin a speculative reply to `text`, which is no turn yet; none of it is heard before `answer` adopts it."""
    messages = s.history.messages(s.system_prompt, text)
    reply = _mint(s, at)
    reply.speculative = True
    reply.answers = text
    s.emit(Generate(reply.epoch, messages, speculative=True))


def recite(
    s: State,
    at: float,
    text: str,
    spans: list[Span],
    *,
    announcement: bool = False,
    critical: bool = False,
    offers: int | None = None,
) -> None:
    """Begin a reply whose sentences are known already: a repetition, a message, or the rest of an earlier reply."""
    reply = _mint(s, at)
    reply.generated = True
    reply.critical = critical
    reply.turn.text = text
    reply.turn.spans = spans
    reply.turn.announcement = announcement
    reply.turn.offers = offers
    s.history.add(reply.turn)
    s.phase = Phase.THINKING
    speak_more(s)
    complete_if_done(s, at)


def say(s: State, at: float, sentence: str, *, offers: int | None = None) -> None:
    """Speak one sentence of our own."""
    recite(s, at, sentence, [Span(0, len(sentence))], offers=offers)


def announce(s: State, at: float, text: str, *, critical: bool) -> None:
    """Speak a message that answers nobody."""
    splitter = SentenceSplitter()
    spans = [*splitter.feed(text), *splitter.flush()]
    recite(s, at, text, spans, announcement=True, critical=critical)


def to_continue(s: State) -> Turn | None:
    """The reply that "continue" means: one that was silenced and is still being written, or the last that was cut."""
    if s.reply is not None and s.reply.silenced:
        return s.reply.turn
    return s.history.last_with_rest()


def resume(s: State, at: float, turn: Turn) -> None:
    """Speak the rest of `turn`, without generating, from the start of the sentence that was cut."""
    if s.reply is not None and s.reply.turn is turn:
        _speak_again(s, at, s.reply)
        return
    rest = turn.rest
    first = rest[0].start
    turn.continued = True
    s.emit(SaveTurn(turn.number))
    spans = [Span(r.start - first, r.end - first) for r in rest]
    recite(s, at, turn.text[first : rest[-1].end], spans, announcement=turn.announcement)


def _speak_again(s: State, at: float, silenced: Reply) -> None:
    """Speak the rest of a reply that is still being written: its text goes on, its speech begins under a new epoch."""
    turn = silenced.turn
    first = next((n for n, span in enumerate(turn.spans) if span.end > turn.heard), len(turn.spans))
    s.epoch += 1
    s.reply = replace(
        silenced,
        epoch=s.epoch,
        silenced=False,
        critical=False,
        scanned=first,
        asked=first,
        started=first,
        finished=first,
        audible_at=None,
    )
    turn.status = TurnStatus.WRITING
    s.phase = Phase.THINKING
    speak_more(s)
    complete_if_done(s, at)


def take_up(s: State, at: float, reply: Reply) -> bool:
    """Go on with a reply that was cut off for nothing; one of which nothing was made or heard is generated again.

    False: that was done often enough. What cuts it off time and again may be its own echo, and it would never end.
    """
    drop_reply(s)
    if reply.turn.taken_up >= MOST_TAKE_UPS:
        return False
    if reply.turn.can_continue and (reply.generated or reply.turn.heard):
        resume(s, at, reply.turn)
    elif not reply.generated and not reply.turn.heard:
        generate(s, at)
    if s.reply is not None:
        s.reply.turn.taken_up = reply.turn.taken_up + 1
    return True


def _mint(s: State, at: float) -> Reply:
    drop_reply(s)
    s.epoch += 1
    s.offer = None
    s.reply = Reply(s.epoch, Turn(-1, Role.ASSISTANT, at, status=TurnStatus.WRITING), s.epoch)
    return s.reply
