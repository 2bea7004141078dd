"""How soon the language model begins, how fast it is, and how soon it stops."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import psutil

from assistant.bench.plan import Plan, Readings, running_mind
from assistant.core.cancel import CancelToken
from assistant.core.history import CUT_MARK
from assistant.core.messages import Message, Role
from assistant.engines.mind import LlamaMind

_QUESTION, _NEXT = "tell me a story", "what is the capital of france"
_REPLY_TOKENS = 60
_LONG_REPLY_TOKENS = 200
_PROMPT_SHARE, _PROMPT_TOKENS = 0.6, 512
"""How much of the context a long prompt fills, and how many tokens at most."""
_ATTEMPTS = 3
"""Times as many attempts as readings: a reply may end, or begin, before the cancellation comes."""


def first_token(plan: Plan) -> Readings:
    """Ask a fresh model, ask on in the same conversation, and ask on where the reply was cut."""
    system = Message(Role.SYSTEM, plan.setup.system_prompt)
    question, following = Message(Role.USER, _QUESTION), Message(Role.USER, _NEXT)
    readings: Readings = {"cold": [], "warm": [], "cut": []}
    with running_mind(plan) as mind:
        for _ in range(plan.rounds(20)):
            mind.restart()
            first_ms, reply = _answer(mind, [system, question])
            heard = reply[: len(reply) // 2].rstrip() + CUT_MARK
            readings["cold"].append(first_ms)
            for key, said in (("warm", reply), ("cut", heard)):
                messages = [system, question, Message(Role.ASSISTANT, said), following]
                readings[key].append(_answer(mind, messages)[0])
    return readings


def generation(plan: Plan) -> Readings:
    """Load the model, have it read a long prompt that it does not know yet, and write on."""
    readings: Readings = {"load": [], "prompt": [], "tokens": [], "memory": []}
    with running_mind(plan) as mind:
        words = _words_for_a_long_prompt(mind)
        for number in range(1, 1 + plan.rounds(10)):
            begun = time.perf_counter()
            mind.restart()
            readings["load"].append(1000 * (time.perf_counter() - begun))
            begun = time.perf_counter()
            stream = mind.generate(_long_prompt(number, words), CancelToken(), max_tokens=_REPLY_TOKENS)
            next(stream, "")
            first = time.perf_counter()
            readings["prompt"].append(mind.last_usage.prompt_tokens / (first - begun))
            if (more := sum(1 for _ in stream)) > 0:
                readings["tokens"].append(more / (time.perf_counter() - first))
            readings["memory"].append(psutil.Process(mind.pid).memory_info().rss / 1e6)
    return readings


def cancel(plan: Plan) -> Readings:
    """Cancel replies while they are being written, and while a long prompt is being evaluated."""
    with running_mind(plan) as mind:
        return {"token": _between_tokens(plan, mind), "prefill": _in_prefill(plan, mind)}


def _answer(mind: LlamaMind, messages: Sequence[Message]) -> tuple[float, str]:
    """Milliseconds until the first token, and the whole reply."""
    begun = time.perf_counter()
    stream = mind.generate(messages, CancelToken(), max_tokens=_REPLY_TOKENS)
    first = next(stream, "")
    first_ms = 1000 * (time.perf_counter() - begun)
    return first_ms, first + "".join(stream)


def _between_tokens(plan: Plan, mind: LlamaMind) -> list[float]:
    random = np.random.default_rng(1)
    messages = [Message(Role.SYSTEM, plan.setup.system_prompt), Message(Role.USER, _QUESTION)]
    readings: list[float] = []
    rounds = plan.rounds(40)
    for _ in range(_ATTEMPTS * rounds):
        cancelling = _Cancelling()
        for count, _ in enumerate(mind.generate(messages, cancelling.token, max_tokens=_LONG_REPLY_TOKENS)):
            if count == 0:
                cancelling.begin(random.uniform(0.0, 0.05))
        latency_ms = cancelling.latency_ms()
        if latency_ms is not None and len(readings) < rounds:
            readings.append(latency_ms)
    return readings


def _in_prefill(plan: Plan, mind: LlamaMind) -> list[float]:
    random = np.random.default_rng(1)
    words = _words_for_a_long_prompt(mind)
    evaluation_s = _answer(mind, _long_prompt(0, words))[0] / 1000
    readings: list[float] = []
    rounds = plan.rounds(40)
    for number in range(1, _ATTEMPTS * rounds):
        cancelling = _Cancelling()
        cancelling.begin(random.uniform(0.1, 0.8) * evaluation_s)
        pieces = sum(1 for _ in mind.generate(_long_prompt(number, words), cancelling.token, max_tokens=1))
        latency_ms = cancelling.latency_ms()
        if latency_ms is not None and pieces == 0:
            readings.append(latency_ms)
        if len(readings) == rounds:
            break
    return readings


def _long_prompt(number: int, words: int) -> list[Message]:
    """Unlike every other `number` from its first words on, so that nothing known already is reused."""
    return [Message(Role.SYSTEM, f"{number} is the number. " + "water " * words), Message(Role.USER, _QUESTION)]


def _words_for_a_long_prompt(mind: LlamaMind) -> int:
    tokens = min(round(_PROMPT_SHARE * mind.restart().context_tokens), _PROMPT_TOKENS)
    probe = 100
    _answer(mind, _long_prompt(0, probe))
    return max(1, probe * tokens // mind.last_usage.prompt_tokens)


class _Cancelling:
    """Cancels a token from another thread, as the session does, and notes when."""

    def __init__(self) -> None:
        self.token = CancelToken()
        self._at: float | None = None
        self._timer: threading.Timer | None = None

    def begin(self, after_s: float) -> None:
        """Cancel `after_s` seconds from now."""
        self._timer = threading.Timer(after_s, self._cancel)
        self._timer.start()

    def latency_ms(self) -> float | None:
        """From the cancellation until now, when the reply has ended; None if that ended by itself before."""
        ended = time.perf_counter()
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        return None if self._at is None or self._at > ended else 1000 * (ended - self._at)

    def _cancel(self) -> None:
        self._at = time.perf_counter()
        self.token.cancel()
