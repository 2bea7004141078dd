"""Beginning, speaking, cutting and finishing replies: the only place where epochs are minted and replies end."""

from dataclasses import replace

from assistant.core.effects import (
    Abandon,
    Duck,
    Generate,
    Restore,
    SaveTurn,
    Silence,
    Speak,
    SpeechInterrupted,
)
from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Interruption, Reason
from assistant.core.messages import Role
from assistant.core.sentences import Span, heard_length, speakable
from assistant.core.state import Cut, Phase, Reply, State


def answer(s: State, at: float, text: str) -> None:
    """Commit the user's turn `text` and begin the reply to it, adopting a speculative one that fits."""
    reply = s.reply
    prepared = reply is not None and reply.speculative and reply.answers == text
    if reply is not None and reply.generated and not reply.turn.spans:
        prepared = False  # it came to nothing: ask again
    if not prepared:
        drop_reply(s)
    add_user_turn(s, at, text)
    if prepared and reply is not None:
        reply.speculative = False
        reply.turn.at = at
        s.history.add(reply.turn)
        s.phase = Phase.THINKING
        speak_more(s)
        complete_if_done(s, at)
    else:
        generate(s, at)


def add_user_turn(s: State, at: float, text: str) -> None:
    """Append what the user said to the history, and have it stored."""
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
        duck(s)


def prepare(s: State, at: float, text: str) -> None:
    """Begin a speculative reply to `text`, which is no turn yet; none of it is spoken before `answer` adopts it."""
    messages = s.history.messages(s.system_prompt, text)
    reply = _mint(s, at)
    reply.speculative = True
    reply.answers = text
    s.emit(Generate(reply.epoch, messages, speculative=True))


def recite(s: State, at: float, text: str, spans: list[Span]) -> None:
    """Begin a reply whose sentences are known already: a repetition, or the rest of an earlier reply."""
    reply = _mint(s, at)
    reply.generated = True
    reply.turn.text = text
    reply.turn.spans = spans
    s.history.add(reply.turn)
    s.phase = Phase.THINKING
    speak_more(s)
    complete_if_done(s, at)


def resume(s: State, at: float, turn: Turn) -> None:
    """Speak the rest of `turn`, without generating, from the start of the sentence that was cut."""
    rest = turn.rest
    first = rest[0].start
    turn.continued = True
    s.emit(SaveTurn(turn.number))
    recite(s, at, turn.text[first : rest[-1].end], [Span(r.start - first, r.end - first) for r in rest])


def take_up(s: State, at: float, reply: Reply) -> None:
    """Go on with a reply that was cut off for nothing; one of which nothing was made or heard is generated again."""
    drop_reply(s)
    if reply.turn.can_continue and (reply.generated or reply.turn.heard):
        resume(s, at, reply.turn)
    elif not reply.generated and not reply.turn.heard:
        generate(s, at)


def say(s: State, at: float, sentence: str) -> None:
    """Speak one sentence of our own."""
    recite(s, at, sentence, [Span(0, len(sentence))])


def _mint(s: State, at: float) -> Reply:
    drop_reply(s)
    s.epoch += 1
    s.reply = Reply(s.epoch, Turn(-1, Role.ASSISTANT, at, status=TurnStatus.WRITING))
    return s.reply


def speak_more(s: State) -> None:
    """Hand the sentences that are complete to the voice, unless the reply is not (or no longer) to be heard."""
    reply = s.reply
    if reply is None or reply.speculative or reply.silenced or s.loudspeaker is None:
        return
    for number in range(reply.scanned, len(reply.turn.spans)):
        span = reply.turn.spans[number]
        reply.scanned += 1
        if text := speakable(reply.turn.text[span.start : span.end]):
            reply.asked = number + 1
            s.emit(Speak(reply.epoch, number, text))


def finish_text(s: State, at: float) -> None:
    """No more text of the reply comes: what is left of it is its last sentence."""
    if s.reply is not None:
        s.reply.generated = True
        s.reply.turn.spans.extend(s.reply.splitter.flush())
        speak_more(s)
        complete_if_done(s, at)


def complete_if_done(s: State, at: float) -> None:
    """End the reply if all of it was generated and spoken (or shown, where it cannot be spoken)."""
    reply = s.reply
    if reply is None or reply.speculative or not reply.generated:
        return
    if not reply.silenced and reply.finished < reply.asked:
        return
    turn = reply.turn
    if not reply.silenced:  # where there is no loudspeaker, what was shown counts as heard
        turn.status = TurnStatus.COMPLETE
        turn.heard = len(turn.text)
    s.reply = None
    if turn.spans:
        s.emit(SaveTurn(turn.number))
    else:
        s.history.turns.remove(turn)
    reply_gone(s, reply)


def reply_gone(s: State, reply: Reply) -> None:
    """The reply is over, or silent from now on: the floor passes to the user if they talk, else to nobody."""
    if reply.ducked:
        reply.ducked = False
        s.emit(Restore(reply.epoch, "reply over"))
    if s.phase in (Phase.THINKING, Phase.SPEAKING):
        s.phase = Phase.LISTENING
    elif s.phase is Phase.OVERLAP:
        speaking = s.utterance is not None and s.utterance.voiced_since is not None
        s.phase = Phase.HEARING if speaking else Phase.ENDPOINTING


def duck(s: State) -> None:
    """Lower our voice while a decision is due."""
    if s.reply is not None and not s.reply.ducked:
        s.reply.ducked = True
        s.emit(Duck(s.reply.epoch))


def restore(s: State, reason: str) -> None:
    """Bring our voice back: the sound that lowered it was no interruption."""
    if s.reply is not None:
        s.reply.ducked = False
        s.emit(Restore(s.reply.epoch, reason))
        s.phase = Phase.SPEAKING if s.reply.audible_at is not None else Phase.THINKING


def interrupt(
    s: State, at: float, reason: Reason, *, evidence: str, onset: float, words: str = "", speech_only: bool = False
) -> Reply | None:
    """Interrupt the reply that is on its way and return it. The caller sets the phase."""
    reply = s.reply
    if reply is None:
        return None
    if reply.speculative or reply.silenced:  # nothing is heard of it: at most its text stops now
        if not speech_only:
            drop_reply(s)
        return None
    s.emit(Silence(reply.epoch) if speech_only else Abandon(reply.epoch))
    s.cut = Cut(reply, at, onset, reason, evidence, words, speech_only)
    s.interrupted_until = at + s.options.interrupted_shown_s
    if speech_only:
        reply.silenced = True
        reply.turn.status = TurnStatus.KEPT_AS_TEXT
    else:
        s.reply = None
    if reply.playing is None:
        settle_cut(s)
    return reply


def settle_cut(s: State, sentence: int | None = None, fraction: float = 0.0, at: float | None = None) -> None:
    """Record how much of the reply that was cut has been heard: finished sentences, and `fraction` of `sentence`."""
    cut, s.cut = s.cut, None
    if cut is None:
        return
    turn = cut.reply.turn
    turn.heard = cut.reply.heard()
    if sentence is not None and sentence < len(turn.spans):
        span = turn.spans[sentence]
        turn.heard = max(turn.heard, span.start + heard_length(turn.text[span.start : span.end], fraction))
    if not cut.speech_only:
        turn.status = TurnStatus.DROPPED
    record = Interruption(
        at=cut.at,
        epoch=cut.reply.epoch,
        reason=cut.reason,
        evidence=cut.evidence,
        kind=s.phrases.classify(cut.words),
        words=cut.words,
        heard=turn.text[: turn.heard],
        progress=turn.heard / len(turn.text) if turn.text else 0.0,
        latency_s=(cut.at if at is None else at) - cut.onset,
        speech_only=cut.speech_only,
    )
    turn.interruption = record
    s.emit(SpeechInterrupted(record), SaveTurn(turn.number))


def drop_reply(s: State, *, keep: bool = True) -> None:
    """Abandon a reply without the record of an interruption: it is speculative, silenced before, or worth nothing.

    Its text so far is kept as a turn, unless it is not `keep` or was never one.
    """
    reply, s.reply = s.reply, None
    if reply is None:
        return
    s.emit(Abandon(reply.epoch))
    if keep and not reply.speculative:
        s.emit(SaveTurn(reply.turn.number))


def reclassify(s: State, turn: Turn, words: str) -> None:
    """Complete the record of an interruption with the user's final words."""
    if turn.interruption is None:
        return
    turn.interruption = replace(turn.interruption, words=words, kind=s.phrases.classify(words))
    s.emit(SpeechInterrupted(turn.interruption, update=True), SaveTurn(turn.number))
