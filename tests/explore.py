"""Explores every reachable state of the conversation core, breadth-first, with state hashing.

`python -m tests.explore` prints how many states there are and how long it took; `--thorough` combines more of what can
happen, for some minutes. Times are made relative, epochs and utterances are renumbered, and of the history only what
can still be continued counts, so that the states are finite.
"""

import pickle
import sys
import time
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache

from rich.console import Console

from assistant.core import events
from assistant.core.state import Phase, Reply, State
from tests.moves import Move, Part, moves
from tests.world import OPTIONS, PHRASES, World, begin

QUICK: tuple[frozenset[Part], ...] = (frozenset({Part.VOICE}), frozenset({Part.HANDS}), frozenset({Part.KEYS}))
"""What the test suite explores."""
THOROUGH = (
    *QUICK,
    frozenset({Part.VOICE, Part.WORDS}),
    frozenset({Part.VOICE, Part.HANDS}),
    frozenset({Part.VOICE, Part.KEYS}),
    frozenset({Part.VOICE, Part.DEVICES}),
    frozenset({Part.VOICE, Part.ENGINES}),
    frozenset({Part.HANDS, Part.ENGINES}),
    frozenset({Part.HANDS, Part.DEVICES}),
)


@dataclass(slots=True)
class Exploration:
    """All states by their keys, and how one leads to another: (move, honest, next key).

    `samples` holds one frozen world of each kind of state, to see what else could happen there.
    """

    worlds: dict[Hashable, World] = field(default_factory=dict)
    edges: dict[Hashable, list[tuple[str, bool, Hashable]]] = field(default_factory=dict)
    phases: dict[Hashable, Phase] = field(default_factory=dict)
    quiet: set[Hashable] = field(default_factory=set)
    paths: dict[Hashable, tuple[Hashable, str] | None] = field(default_factory=dict)
    samples: dict[Hashable, bytes] = field(default_factory=dict)

    def path(self, key: Hashable) -> list[str]:
        """How a state was reached first."""
        steps: list[str] = []
        while (before := self.paths[key]) is not None:
            key, name = before
            steps.append(f"{name} -> {self.phases[key]}")
        return steps[::-1]

    def stuck(self) -> list[Hashable]:
        """States from which the world, left to itself, never comes to rest."""
        sources: dict[Hashable, list[Hashable]] = {}
        for source, edges in self.edges.items():
            for _, honest, target in edges:
                if honest:
                    sources.setdefault(target, []).append(source)
        reached, waiting = set(self.quiet), list(self.quiet)
        while waiting:
            for source in sources.get(waiting.pop(), ()):
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        return [key for key in self.edges if key not in reached]

    def phase_edges(self) -> dict[tuple[Phase, Phase], set[str]]:
        """Which events lead from one phase to another."""
        found: dict[tuple[Phase, Phase], set[str]] = {}
        for source, edges in self.edges.items():
            for name, _, target in edges:
                if self.phases[source] is not self.phases[target]:
                    found.setdefault((self.phases[source], self.phases[target]), set()).add(name)
        for frozen in self.samples.values():
            for number, move in enumerate(moves(thaw(frozen))):
                world = thaw(frozen)
                before = world.conversation.phase
                moves(world)[number].do(world)
                if world.conversation.phase is not before:
                    found.setdefault((before, world.conversation.phase), set()).add(move.name)
        return found


@cache
def explore(parts: frozenset[Part], limit: int = 400_000) -> Exploration:
    """Visit every state that `parts` can reach. Raises AssertionError, with the way there, where a check fails."""
    found = Exploration()
    start = begin()
    _add(found, start, key_of(start), None)
    waiting = deque(found.worlds)
    while waiting:
        source = waiting.popleft()
        world = found.worlds.pop(source)
        _check_stale(world, source, found)
        frozen = freeze(world)
        found.samples.setdefault(_kind_of(world), frozen)
        for move in moves(world, parts):
            after = thaw(frozen)
            _make(after, move, found, source)
            key = key_of(after)
            if key not in found.edges:
                _add(found, after, key, (source, move.name))
                waiting.append(key)
                assert len(found.edges) <= limit, "too many states: something in them grows"
            found.edges[source].append((move.name, move.honest, key))
    return found


def _add(found: Exploration, world: World, key: Hashable, path: tuple[Hashable, str] | None) -> None:
    found.worlds[key] = world
    found.edges[key] = []
    found.phases[key] = world.conversation.phase
    found.paths[key] = path
    if world.quiet:
        found.quiet.add(key)


def _kind_of(world: World) -> Hashable:
    s = world.conversation.state
    reply = s.reply and (s.reply.speculative, s.reply.silenced, s.reply.generated, s.reply.asked > s.reply.finished)
    audible = s.reply is not None and s.reply.audible_at is not None
    return (s.phase, s.cut is None, reply, audible, s.utterance and (s.utterance.open, s.utterance.manual), world.voice)


def _make(world: World, move: Move, found: Exploration, source: Hashable) -> None:
    try:
        move.do(world)
        _bound(world)
    except Exception as fault:  # whatever it is, it is raised again, with the way there
        fault.add_note("\n".join([*found.path(source), f"{move.name} -> ?"]))
        raise


def _bound(world: World) -> None:
    """Forget what makes no difference: turns that nothing can refer to any more, and how long a cut is shown."""
    s = world.conversation.state
    s.interrupted_until = None
    if s.queue:
        return  # what waits in it names turns by their numbers
    replies = [s.reply, s.cut.reply if s.cut else None, s.utterance.interrupted if s.utterance else None]
    kept = [reply.turn for reply in replies if reply is not None]
    kept += [turn for turn in s.history.turns if turn.can_continue][-1:]
    kept += [turn for turn in s.history.turns if turn.spans and turn.heard][-1:]
    s.history.turns = [turn for turn in s.history.turns if any(turn is k for k in kept)]
    for number, turn in enumerate(s.history.turns):
        turn.number = number
    world.over = set(sorted(world.over)[-3:])
    world.played = {epoch: text for epoch, text in world.played.items() if epoch >= s.epoch - 2}


def _check_stale(world: World, key: Hashable, found: Exploration) -> None:
    """Reports on what is over must neither do nor change anything."""
    for event in stale_events(world):
        effects = world.conversation.handle(event)
        assert not effects, (event, effects, found.path(key))
    assert key_of(world) == key, found.path(key)


def stale_events(world: World) -> Iterable[events.Event]:
    """What a slow worker may still say of an epoch or utterance that is over."""
    s, at = world.conversation.state, world.now
    for epoch in sorted(world.over)[-2:]:
        yield events.TokenGenerated(at, epoch, "late. ")
        yield events.GenerationFinished(at, epoch, 1)
        yield events.SentenceFailed(at, epoch, 0, "late")
        if s.cut is None:
            yield events.PlayoutStarted(at, epoch, 0)
            yield events.PlayoutFinished(at, epoch, 0)
            yield events.PlayoutStopped(at, epoch, 0, 0.5)
    live = {s.utterance.number, *s.utterance.earlier} if s.utterance is not None else set()
    for number in {s.utterances, s.utterances - 1} - live:
        yield events.FinalTranscript(at, number, "late")
        yield events.PartialTranscript(at, number, "late")
        yield events.StopWordHeard(at, number, "stop")


def freeze(world: World) -> bytes:
    """A world at rest; what never changes in it is left out."""
    s = world.conversation.state
    options, phrases = s.options, s.phrases
    del s.options, s.phrases
    frozen = pickle.dumps(world, pickle.HIGHEST_PROTOCOL)
    s.options, s.phrases = options, phrases
    return frozen


def thaw(frozen: bytes) -> World:
    """A new copy of a world that was frozen."""
    world = pickle.loads(frozen)
    assert isinstance(world, World)
    world.conversation.state.options, world.conversation.state.phrases = OPTIONS, PHRASES
    return world


def key_of(world: World) -> Hashable:
    """What distinguishes this state from others, now."""
    s, now = world.conversation.state, world.now
    rest = s.history.last_with_rest()
    return (
        s.phase,
        s.muted,
        s.microphone is None,
        s.loudspeaker is None,
        _utterance_key(s, now),
        _reply_key(s.reply),
        s.cut and (_reply_key(s.cut.reply), s.cut.speech_only),
        tuple((type(event), getattr(event, "text", "")) for event in s.queue),
        rest and (len(rest.rest), bool(rest.heard), s.cut is not None and rest is s.cut.reply.turn),
        bool(s.history.last_heard_sentence()),
        (world.voice, world.key, world.tokens if world.mind is not None else -1, world.playing),
        tuple(number - s.utterances for number in world.to_transcribe),
        tuple((epoch - s.epoch, sentence) for epoch, sentence, _ in world.queue),
        world.stopped is not None,
    )


def _utterance_key(s: State, now: float) -> Hashable:
    """Times count only by what they make possible; how long something has been waited for makes no difference."""
    u = s.utterance
    if u is None:
        return None
    paused = u.voiced_since is None and now - u.paused_at + 1e-6
    return (
        (u.open, u.final, u.manual, u.evidence in ("words", "speech"), u.text, u.prefix),
        round(min(u.voiced(now), 0.9), 1) if s.phase is Phase.OVERLAP else u.voiced(now) >= 0.8,
        paused and (paused >= s.options.speculate_after_s, paused >= s.options.endpoint_silence_s),
        u.interrupted and (u.interrupted.generated, len(u.interrupted.turn.rest), bool(u.interrupted.turn.heard)),
    )


def _reply_key(reply: Reply | None) -> Hashable:
    if reply is None:
        return None
    return (
        (reply.speculative and reply.answers, reply.generated, reply.retried, reply.silenced, reply.ducked),
        (reply.scanned, reply.asked, reply.started, reply.finished, reply.audible_at is None),
        (len(reply.turn.text), len(reply.turn.spans), reply.turn.heard),
    )


def main() -> int:
    """Explore and report."""
    console = Console()
    stuck = 0
    for parts in THOROUGH if "--thorough" in sys.argv[1:] else QUICK:
        began = time.perf_counter()
        found = explore(parts)
        edges = sum(map(len, found.edges.values()))
        seconds = time.perf_counter() - began
        stuck += len(found.stuck())
        console.print(f"{' and '.join(sorted(parts))}: {len(found.edges)} states, {edges} transitions, {seconds:.1f} s")
    console.print(f"{stuck} states without a way to rest")
    return 1 if stuck else 0


if __name__ == "__main__":
    sys.exit(main())
