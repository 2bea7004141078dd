"""Handlers for a sound that the user makes while a reply is on its way: lower our voice, find out, cut or go on."""

from assistant.core.barge_in import Action, Evidence, decide, decisive_speech_s, own_stop_word
from assistant.core.cutting import STOP_WORD, duck, interrupt, restore
from assistant.core.events import FinalTranscript, PartialTranscript, SpeechStarted, SpeechStopped, StopWordHeard
from assistant.core.interruptions import Reason
from assistant.core.ledger import user_began
from assistant.core.state import Phase, State, Utterance
from assistant.core.utterances import current, discard_utterance, finalise, listen, take_final


def overlap(s: State, event: SpeechStarted) -> None:
    """The user makes a sound while a reply is on its way: lower our voice and find out."""
    if s.muted or not s.options.barge_in:
        return
    u = listen(s, event.onset)
    u.over_speech = True
    _keep_in_mind(s, u)
    s.phase = Phase.OVERLAP
    if not s.critical:
        duck(s, event.at)


def overlap_pause(s: State, event: SpeechStopped) -> None:
    """The sound over our voice ended: ask for its words and decide on them."""
    u = current(s)
    if not u.manual:
        u.close_stretch(event.offset)
        finalise(s, event.at)


def overlap_partial(s: State, event: PartialTranscript) -> None:
    """Words over our voice: perhaps they decide."""
    u = current(s)
    u.text, u.confidence = event.text, event.confidence
    weigh(s, event.at)


def overlap_final(s: State, event: FinalTranscript) -> None:
    """The words over our voice are final: decide now."""
    take_final(s, event)
    weigh(s, event.at)


def stop_word(s: State, event: StopWordHeard) -> None:
    """A stop word cuts before everything else, unless it is one that we are saying ourselves."""
    u = current(s)
    u.text = u.text or event.phrase
    _keep_in_mind(s, u)
    if own_stop_word(event.phrase, u.saying):
        weigh(s, event.at)
    else:
        _cut(s, event.at, STOP_WORD)


def weigh(s: State, at: float) -> None:
    """Decide on the sound over our voice with what is known now."""
    u = current(s)
    _keep_in_mind(s, u)
    decision = decide(_evidence(s, u, at), s.adapted, s.phrases)
    if decision.action is not Action.CUT:
        u.cut_at = None
    if decision.action is Action.CUT and decision.reason == STOP_WORD:
        _cut(s, at, STOP_WORD)
    elif u.held:
        return
    elif decision.action is Action.CUT and (s.critical or _little_is_left(s)):
        u.held = True
    elif decision.action is Action.CUT:
        _cut_in_time(s, at, decision.reason)
    elif decision.action is Action.RESTORE:
        _go_on(s, at, decision.reason)
    elif not s.critical:
        duck(s, at)


def _keep_in_mind(s: State, u: Utterance) -> None:
    """What we say while the sound lasts: the words may be our own, and those come back some time after we said them."""
    u.asked = s.asked
    if s.saying not in u.saying:
        u.saying = f"{u.saying} {s.saying}".strip()


def _evidence(s: State, u: Utterance, at: float) -> Evidence:
    return Evidence(u.voiced(at), u.said, u.final, u.saying, u.confidence, u.asked)


def _little_is_left(s: State) -> bool:
    """True where the reply is so near its end that it is spoken to it (setting)."""
    reply = s.reply
    if reply is None or not reply.generated or reply.audible_at is None:
        return False
    return len(reply.turn.spans) - reply.finished < s.options.short_remainder_sentences


def _cut_in_time(s: State, at: float, reason: str) -> None:
    """Cut, or wait whether the user falls silent first (setting)."""
    u = current(s)
    if u.cut_at is None and u.voiced_since is not None:
        u.cut_at = at + s.options.debounce_s
    if u.cut_at is None and s.options.debounce_s > 0:
        _go_on(s, at, "fell silent")
    elif u.cut_at is None or at >= u.cut_at:
        _cut(s, at, reason)


def _cut(s: State, at: float, evidence: str) -> None:
    u = current(s)
    u.evidence, u.cut_at = evidence, None
    u.interrupted = interrupt(s, at, Reason.USER_SPEAKING, evidence=evidence, by=u)
    user_began(s, u)
    s.phase = Phase.HEARING if u.voiced_since is not None else Phase.ENDPOINTING


def _go_on(s: State, at: float, reason: str) -> None:
    """The sound was no interruption: bring our voice back, and listen on for as long as it lasts."""
    u = current(s)
    over = u.voiced_since is None
    if over:
        s.habits.restored(u.voiced_s)
    restore(s, at, reason)
    if over:
        discard_utterance(s, at)
    else:
        s.phase = Phase.OVERLAP


def overlap_deadline(s: State) -> float | None:
    """When time alone decides on the sound."""
    u = current(s)
    if u.voiced_since is None or u.held:
        return None
    if u.cut_at is not None:
        return u.cut_at
    needed = decisive_speech_s(_evidence(s, u, u.voiced_since), s.adapted, s.phrases)
    due = u.voiced_since + needed - u.voiced_s
    return due if decide(_evidence(s, u, due), s.adapted, s.phrases).action is Action.CUT else None
