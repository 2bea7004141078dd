"""Handlers for what the ear reports: voice activity, partial and final transcripts, stop words."""

from assistant.core.barge_in import Action, Evidence, decide, decisive_speech_s
from assistant.core.effects import Discard, Finalise, Level, Listen, Notify
from assistant.core.endpointing import patience
from assistant.core.events import FinalTranscript, PartialTranscript, SpeechStarted, SpeechStopped, StopWordHeard
from assistant.core.history import Turn
from assistant.core.interruptions import Kind, Reason
from assistant.core.replies import (
    add_user_turn,
    answer,
    drop_reply,
    duck,
    interrupt,
    prepare,
    recite,
    reclassify,
    restore,
    resume,
    say,
    take_up,
)
from assistant.core.sentences import Span
from assistant.core.state import FINAL_TIMEOUT_S, Phase, State, Utterance

MISHEARD_S = 0.8
"""Voice activity without a word that deserves an excuse."""


def begin_utterance(s: State, event: SpeechStarted) -> None:
    """The user takes the floor."""
    if s.muted:
        return
    listen(s, event.onset)
    s.phase = Phase.HEARING


def listen(s: State, onset: float, *, manual: bool = False) -> Utterance:
    """Mint an utterance and have it recognised."""
    s.utterances += 1
    s.utterance = Utterance(s.utterances, onset, onset, manual=manual)
    s.emit(Listen(s.utterance.number, onset))
    return s.utterance


def go_on(s: State, event: SpeechStarted) -> None:
    """The user speaks again within the same turn."""
    u = _utterance(s)
    if u.voiced_since is not None:
        return
    drop_speculation(s)
    if u.open:
        u.voiced_since = event.onset
    else:  # it was finalised already: go on in a new one that carries its words
        new = listen(s, event.onset)
        new.onset, new.voiced_s, new.interrupted, new.evidence = u.onset, u.voiced_s, u.interrupted, u.evidence
        new.earlier = {**u.earlier, u.number: u.text}
    if s.phase is Phase.ENDPOINTING:
        s.phase = Phase.HEARING


def pause(s: State, event: SpeechStopped) -> None:
    """The user falls silent: perhaps the turn is over."""
    u = _utterance(s)
    if u.manual:
        return
    u.close_stretch(event.offset)
    s.phase = Phase.ENDPOINTING


def overlap(s: State, event: SpeechStarted) -> None:
    """The user makes a sound while a reply is on its way: lower our voice and find out."""
    if s.muted or not s.options.barge_in:
        return
    listen(s, event.onset)
    s.phase = Phase.OVERLAP
    duck(s)


def overlap_pause(s: State, event: SpeechStopped) -> None:
    """The sound over our voice ended: ask for its words and decide on them."""
    u = _utterance(s)
    u.close_stretch(event.offset)
    finalise(s, event.at)


def partial(s: State, event: PartialTranscript) -> None:
    """More words of the user's turn."""
    _utterance(s).text = event.text


def overlap_partial(s: State, event: PartialTranscript) -> None:
    """Words over our voice: perhaps they decide."""
    _utterance(s).text = event.text
    weigh(s, event.at)


def stop_word(s: State, event: StopWordHeard) -> None:
    """A stop word cuts before everything else."""
    u = _utterance(s)
    u.text = u.text or event.phrase
    _cut_by_voice(s, event.at, "stop word")


def final(s: State, event: FinalTranscript) -> None:
    """The words of the turn are final; in a pause that was long enough, the turn is over."""
    _take_final(s, event)
    if s.phase is Phase.ENDPOINTING and _turn_is_over(s, event.at):
        turn_over(s, event.at)


def overlap_final(s: State, event: FinalTranscript) -> None:
    """The words over our voice are final: decide now."""
    _take_final(s, event)
    weigh(s, event.at)


def _take_final(s: State, event: FinalTranscript) -> None:
    u = _utterance(s)
    if event.utterance == u.number:
        u.text, u.final = event.text, True
    else:
        u.earlier[event.utterance] = event.text


def weigh(s: State, at: float) -> None:
    """Decide on the sound over our voice with what is known now."""
    u = _utterance(s)
    decision = decide(_evidence(u, at), s.options, s.phrases)
    if decision.action is Action.CUT:
        _cut_by_voice(s, at, decision.reason)
    elif decision.action is Action.RESTORE:
        discard_utterance(s)
        restore(s, decision.reason)


def _evidence(u: Utterance, at: float) -> Evidence:
    return Evidence(u.voiced(at), u.said, u.final)


def _cut_by_voice(s: State, at: float, evidence: str) -> None:
    u = _utterance(s)
    u.evidence = evidence
    u.interrupted = interrupt(s, at, Reason.USER_SPEAKING, evidence=evidence, onset=u.onset, words=u.said)
    s.phase = Phase.HEARING if u.voiced_since is not None else Phase.ENDPOINTING


def finalise(s: State, at: float) -> None:
    """Ask for the final transcript, once."""
    u = _utterance(s)
    if u.open:
        u.open = False
        u.finalised_at = at
        s.emit(Finalise(u.number))


def discard_utterance(s: State) -> None:
    """Forget what the user is saying."""
    u, s.utterance = s.utterance, None
    if u is not None and u.open:
        s.emit(Discard(u.number))


def endpoint_at(s: State) -> float:
    """When the present pause will have ended the turn."""
    u = _utterance(s)
    return u.paused_at if u.manual else u.paused_at + patience(u.said, s.options, s.phrases)


def hearing_deadlines(s: State) -> list[float]:
    """When something is due because of what the user does, or does not do."""
    u = s.utterance
    if u is None:
        return []
    due: list[float] = []
    if not u.open and not u.final:
        due.append(u.finalised_at + FINAL_TIMEOUT_S)
    if s.phase is Phase.ENDPOINTING and s.cut is None and (u.open or u.final):
        due.append(endpoint_at(s))
        if _may_prepare(s):
            due.append(u.paused_at + s.options.speculate_after_s)
    if s.phase is Phase.OVERLAP and u.voiced_since is not None:
        needed = decisive_speech_s(_evidence(u, u.voiced_since), s.options, s.phrases)
        due.append(u.voiced_since + needed - u.voiced_s)
    return due


def hearing_time(s: State, at: float) -> None:
    """Do what `hearing_deadlines` said is due at `at`."""
    u = s.utterance
    if u is None:
        return
    if not u.open and not u.final and at >= u.finalised_at + FINAL_TIMEOUT_S:
        u.final = True  # the ear does not answer: the partial has to do
    if s.phase is Phase.OVERLAP:
        weigh(s, at)
    elif s.phase is Phase.ENDPOINTING and s.cut is None:
        if at >= endpoint_at(s):
            finalise(s, at)
            if u.final:
                turn_over(s, at)
        elif _may_prepare(s) and at >= u.paused_at + s.options.speculate_after_s:
            prepare(s, at, u.said)


def _turn_is_over(s: State, at: float) -> bool:
    """True where the words are final, the pause was long enough, and it is known how much of our reply was heard."""
    return _utterance(s).final and s.cut is None and at >= endpoint_at(s)


def _may_prepare(s: State) -> bool:
    """True where an answer can be prepared before the turn is over: rules answer the rest."""
    u = _utterance(s)
    return (
        s.options.speculate
        and s.reply is None
        and not u.manual
        and bool(u.said)
        and s.phrases.classify(u.said) in (None, Kind.CORRECTION, Kind.REDIRECT)
    )


def turn_over(s: State, at: float) -> None:
    """The user has finished: react to the words by what they are."""
    u = _utterance(s)
    s.utterance = None
    s.phase = Phase.LISTENING
    if u.interrupted is not None:
        reclassify(s, u.interrupted.turn, u.said)
    if u.interrupted is not None and _false_alarm(s, u):
        take_up(s, at, u.interrupted)
    elif not u.said:
        drop_speculation(s)
        if u.voiced_s >= MISHEARD_S:
            s.emit(Notify(Level.INFO, "I did not catch that. Say it again, or type it."))
    else:
        react(s, at, u.said, u.interrupted.turn if u.interrupted is not None else None)


def _false_alarm(s: State, u: Utterance) -> bool:
    """True where the sound that cut our voice turned out to be no words, or a backchannel."""
    return (
        u.evidence in ("words", "speech")
        and s.phrases.classify(u.said) in (None, Kind.BACKCHANNEL)
        and (s.phrases.content_words(u.said) == 0)
    )


def react(s: State, at: float, text: str, interrupted: Turn | None) -> None:
    """Give each kind of turn its fitting reaction; only what needs the model goes to the model."""
    kind = s.phrases.classify(text)
    rest = interrupted if interrupted is not None and interrupted.can_continue else s.history.last_with_rest()
    sentence = s.history.last_heard_sentence()
    if kind is Kind.CANCELLATION:
        drop_reply(s)
    elif kind is Kind.RESUME and rest is not None:
        resume(s, at, rest)
    elif kind is Kind.RESUME and sentence:
        say(s, at, s.phrases.nothing_left)
    elif kind is Kind.CLARIFICATION and sentence:
        add_user_turn(s, at, text)
        recite(s, at, sentence, [Span(0, len(sentence))])
    else:
        answer(s, at, text)


def drop_speculation(s: State) -> None:
    """Abandon an answer prepared too early."""
    if s.reply is not None and s.reply.speculative:
        drop_reply(s)


def _utterance(s: State) -> Utterance:
    assert s.utterance is not None, f"{s.phase} without an utterance"
    return s.utterance
