"""Explores every reachable state of the conversation core, breadth-first, with state hashing.

`python -m tests.explore` prints how many states there are and how long it took; `--thorough` combines more of what can
happen, for some minutes.
"""

import sys
import time
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, fields, replace
from functools import cache

from rich.console import Console

from assistant.core import events
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.keys import bound, freeze, key_of, thaw
from tests.moves import moves
from tests.parts import Move, Part
from tests.world import OPTIONS, STEP_S, World, begin


@dataclass(frozen=True, slots=True)
class Case:
    """What is explored: whose moves are considered, and with which options."""

    parts: frozenset[Part]
    options: Options = OPTIONS

    def __str__(self) -> str:
        changed = [f.name for f in fields(Options) if getattr(self.options, f.name) != getattr(OPTIONS, f.name)]
        return "-".join([*sorted(self.parts), *changed])


def _case(*parts: Part, **options: object) -> Case:
    return Case(frozenset(parts), replace(OPTIONS, **options))  # type: ignore[arg-type]  # names and values of Options


QUICK = (
    _case(Part.VOICE),
    _case(Part.HANDS),
    _case(Part.KEYS),
    _case(Part.TYPING, Part.TOOLS),
    _case(Part.TYPING, Part.MESSAGES),
)
"""What the test suite explores."""
THOROUGH = (
    *QUICK,
    _case(Part.VOICE, Part.WORDS),
    _case(Part.VOICE, Part.PAUSES),
    _case(Part.VOICE, Part.WORDS, acknowledge_stop=True, offer_to_continue=True),
    _case(Part.VOICE, Part.TYPING, debounce_s=STEP_S, offer_to_continue=True),
    _case(Part.VOICE, short_remainder_sentences=2),
    _case(Part.VOICE, Part.MESSAGES),
    _case(Part.VOICE, Part.TOOLS),
    _case(Part.TYPING, Part.TOOLS, Part.UNDO),
    _case(Part.VOICE, Part.HANDS),
    _case(Part.VOICE, Part.KEYS),
    _case(Part.KEYS, Part.MESSAGES),
    _case(Part.VOICE, Part.DEVICES),
    _case(Part.VOICE, Part.ENGINES),
    _case(Part.TYPING, Part.ENGINES, Part.TOOLS),
    _case(Part.HANDS, Part.ENGINES),
    _case(Part.HANDS, typing_interrupts=True),
    _case(Part.HANDS, Part.DEVICES, max_reply_s=1.0),
)


@dataclass(slots=True)
class Exploration:
    """All states by their keys, and how one leads to another: (move, honest, next key).

    `samples` holds one frozen world of each kind of state, to see what else could happen there.
    """

    options: Options
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
            for number, move in enumerate(moves(thaw(frozen, self.options))):
                world = thaw(frozen, self.options)
                before = world.conversation.phase
                moves(world)[number].do(world)
                if world.conversation.phase is not before:
                    found.setdefault((before, world.conversation.phase), set()).add(move.name)
        return found


@cache
def explore(case: Case, limit: int = 400_000) -> Exploration:
    """Visit every state that `case` can reach. Raises AssertionError, with the way there, where a check fails."""
    found = Exploration(case.options)
    start = begin(case.options)
    _add(found, start, key_of(start, case.parts), None)
    waiting = deque(found.worlds)
    while waiting:
        source = waiting.popleft()
        world = found.worlds.pop(source)
        _check_stale(world, source, found, case)
        frozen = freeze(world)
        found.samples.setdefault(_kind_of(world), frozen)
        for move in moves(world, case.parts):
            after = thaw(frozen, case.options)
            _make(after, move, found, source)
            key = key_of(after, case.parts)
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
        bound(world)
    except Exception as fault:  # whatever it is, it is raised again, with the way there
        fault.add_note("\n".join([*found.path(source), f"{move.name} -> ?"]))
        raise


def _check_stale(world: World, key: Hashable, found: Exploration, case: Case) -> None:
    """Reports on what is over must neither do nor change anything."""
    for event in stale_events(world):
        effects = world.conversation.handle(event)
        assert not effects, (event, effects, found.path(key))
    assert key_of(world, case.parts) == key, found.path(key)


def stale_events(world: World) -> Iterable[events.Event]:
    """What a slow worker may still say of an epoch or utterance that is over."""
    s, at = world.conversation.state, world.now
    for epoch in sorted(world.watch.over)[-2:]:
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


def main() -> int:
    """Explore and report."""
    console = Console()
    stuck = 0
    for case in THOROUGH if "--thorough" in sys.argv[1:] else QUICK:
        began = time.perf_counter()
        found = explore(case)
        edges = sum(map(len, found.edges.values()))
        seconds = time.perf_counter() - began
        stuck += len(found.stuck())
        console.print(f"{case}: {len(found.edges)} states, {edges} transitions, {seconds:.1f} s")
    console.print(f"{stuck} states without a way to rest")
    return 1 if stuck else 0


if __name__ == "__main__":
    sys.exit(main())
