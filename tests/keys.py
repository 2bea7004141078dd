"""When two states of the abstract world are the same, and how a state is kept.

Times are made relative, epochs and utterances are renumbered, and of the history only what can still come up counts, so
that the states are finite.
"""

import pickle
from collections.abc import Collection, Hashable

from assistant.core.history import Turn
from assistant.core.options import Options
from assistant.core.rate import InterruptionRate
from assistant.core.state import Phase, Reply, State
from tests.parts import Part
from tests.world import PHRASES, World

KEPT_EPOCHS = 4
"""How many epochs back reports and effects may refer."""


def bound(world: World) -> None:
    """Forget what makes no difference: turns that nothing can refer to any more, and how long a cut is shown."""
    s = world.conversation.state
    s.interrupted_until = None
    s.handles = dict(list(s.handles.items())[-1:])
    if s.queue:
        return  # what waits in it names turns by their numbers
    kept = _kept_turns(s)
    numbers = {turn.number: number for number, turn in enumerate(kept)}
    for number, turn in enumerate(kept):
        turn.number = number
        turn.offers = None if turn.offers is None else numbers.get(turn.offers)
    s.history.turns = kept
    oldest = min(
        [
            s.epoch,
            *(reply.text_epoch for reply in (s.reply, s.cut.reply if s.cut is not None else None) if reply is not None),
        ]
    )
    world.watch.forget(oldest - KEPT_EPOCHS)


def _kept_turns(s: State) -> list[Turn]:
    turns = s.history.turns
    cut = s.cut.reply if s.cut is not None else None
    replies = [s.reply, s.deferred, cut, s.utterance.interrupted if s.utterance is not None else None]
    wanted = [reply.turn for reply in replies if reply is not None]
    wanted += [reply.after for reply in replies if reply is not None and reply.after is not None]
    wanted += [turn for turn in (s.unsettled, s.offer) if turn is not None]
    wanted += [turn for turn in turns if turn.can_continue][-1:]
    wanted += [turn for turn in turns if turn.spans and turn.heard][-1:]
    wanted += turns[-1:] if s.deferred is None else turns[s.deferred.turn.number :]
    wanted += [turns[turn.offers] for turn in wanted if turn.offers is not None]
    return [turn for turn in turns if any(turn is w for w in wanted)]


def freeze(world: World) -> bytes:
    """A world at rest; what never changes in it is left out."""
    s = world.conversation.state
    options, phrases = s.options, s.phrases
    del s.options, s.phrases, s.rate
    frozen = pickle.dumps(world, pickle.HIGHEST_PROTOCOL)
    s.options, s.phrases, s.rate = options, phrases, InterruptionRate(phrases)
    return frozen


def thaw(frozen: bytes, options: Options) -> World:
    """A new copy of a world that was frozen."""
    world = pickle.loads(frozen)
    assert isinstance(world, World)
    s = world.conversation.state
    s.options, s.phrases, s.rate = options, PHRASES, InterruptionRate(PHRASES)
    return world


def key_of(world: World, parts: Collection[Part]) -> Hashable:
    """What distinguishes this state from others, now, as far as the moves of `parts` can show it."""
    s, now = world.conversation.state, world.now
    return (
        (s.phase, s.muted, s.microphone is None, s.loudspeaker is None),
        _utterance_key(s, now),
        _reply_key(s.reply),
        _cut_key(s),
        tuple((type(event), getattr(event, "text", "")) for event in s.queue),
        _history_key(s),
        bool({Part.HANDS, Part.WORDS} & set(parts)) and _rest_key(s),
        s.options.offer_to_continue and _offer_key(s),
        (tuple(message.critical for message in s.priority), s.unsettled is not None, bool(s.handles)),
        _deferred_key(s),
        (world.voice, world.key, world.tokens if world.mind is not None else -1, world.playing),
        tuple(number - s.utterances for number in world.to_transcribe),
        tuple((epoch - s.epoch, sentence) for epoch, sentence, _ in world.queue),
        (world.stopped is not None, len(world.tools), world.undoing is not None),
    )


def _cut_key(s: State) -> Hashable:
    """Of a reply that was cut, what the report of the cut will change."""
    if s.cut is None:
        return None
    reply = s.cut.reply
    told = any(use.result is not None and use.result.took_effect for use in reply.turn.uses)
    return (
        (s.cut.speech_only, s.cut.reason, reply.generated, reply.turn.announcement, told),
        (reply.asked, reply.started, reply.finished, len(reply.turn.spans)),
    )


def _deferred_key(s: State) -> Hashable:
    """What decides whether, and how, the reply that a message interrupted is taken up."""
    if s.deferred is None:
        return None
    turn = s.deferred.turn
    later = s.history.turns[turn.number + 1 :]
    return (
        (s.deferred.generated, bool(turn.heard), turn.can_continue, len(turn.text)),
        (all(t.announcement for t in later), later[-1].status if later else None),
    )


def _history_key(s: State) -> Hashable:
    last = s.history.turns[-1] if s.history.turns else None
    return (
        s.asked,
        last and (last.role, last.offers is not None and s.history.turns[last.offers].can_continue, last.announcement),
    )


def _rest_key(s: State) -> Hashable:
    """What "continue" and "what was that" would make us say."""
    rest = s.history.last_with_rest()
    repeated = s.history.to_repeat()
    return (
        rest and (len(rest.rest), bool(rest.heard), s.cut is not None and rest is s.cut.reply.turn),
        repeated and len(repeated[1]),
    )


def _offer_key(s: State) -> Hashable:
    """What decides whether we offer to go on."""
    last = s.history.turns[-1] if s.history.turns else None
    after = s.reply.after if s.reply is not None else None
    return (
        last and last.interruption and (last.interruption.reason, last.interruption.kind),
        after and (after.offered, after.can_continue, len(after.rest)),
    )


def _utterance_key(s: State, now: float) -> Hashable:
    """Times count only by what they make possible; how long something has been waited for makes no difference."""
    u = s.utterance
    if u is None:
        return None
    paused = u.voiced_since is None and now - u.paused_at + 1e-6
    return (
        (u.open, u.final, u.manual, u.evidence in ("words", "speech"), u.text, u.prefix),
        (u.over_speech, u.asked, u.held, u.cut_at is None or round(u.cut_at - now, 1)),
        round(min(u.voiced(now), 0.9), 1) if s.phase is Phase.OVERLAP else u.voiced(now) >= 0.8,
        paused and (paused >= s.options.speculate_after_s, paused >= s.options.endpoint_silence_s),
        u.interrupted and (u.interrupted.generated, len(u.interrupted.turn.rest), bool(u.interrupted.turn.heard)),
    )


def _reply_key(reply: Reply | None) -> Hashable:
    if reply is None:
        return None
    turn = reply.turn
    return (
        (reply.speculative and reply.answers, reply.generated, reply.retried, reply.silenced, reply.ducked_at is None),
        (reply.scanned, reply.asked, reply.started, reply.finished, reply.audible_at is None, reply.held),
        (len(turn.text), len(turn.spans), turn.heard, turn.announcement, turn.offers is not None, len(turn.uses)),
        (reply.epoch - reply.text_epoch > 0, len(reply.calls), len(reply.parser.calls), reply.use is None),
        reply.critical,
    )
