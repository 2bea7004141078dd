"""Handlers for what the user does with hand and keyboard, for engines and devices, and for the end."""

from dataclasses import replace

from assistant.core.effects import Closed, Level, Notify, SaveTurn
from assistant.core.events import (
    ContinueRequested,
    ConversationCleared,
    Device,
    DeviceLost,
    DeviceReady,
    Engine,
    EngineFailed,
    Event,
    InterruptRequested,
    MuteChanged,
    ShutdownRequested,
    SpeechStopped,
    TalkKeyChanged,
    TimePassed,
    TypedInput,
)
from assistant.core.hearing import (
    discard_utterance,
    drop_speculation,
    finalise,
    hearing_time,
    listen,
    overlap_pause,
    pause,
    react,
)
from assistant.core.history import History
from assistant.core.interruptions import Reason
from assistant.core.replies import (
    drop_reply,
    finish_text,
    interrupt,
    restore,
    resume,
    retry,
    settle_cut,
)
from assistant.core.speaking import silence, speaking_time
from assistant.core.state import Phase, Reply, State


def typed(s: State, event: TypedInput) -> None:
    """A typed message takes the floor at once; it is answered when it is known how much of the reply was heard."""
    text = " ".join(event.text.split())
    if text and not _queued(s, event, Reason.USER_STARTED_TYPING, "typed message", text):
        react(s, event.at, text, None)


def continue_reply(s: State, event: ContinueRequested) -> None:
    """Speak the rest of a reply that was cut off."""
    turn = s.history.last_with_rest()
    if event.turn is not None:
        turn = next((t for t in s.history.turns if t.number == event.turn), None)
    if turn is None or not turn.can_continue:
        s.emit(Notify(Level.INFO, s.phrases.nothing_left))
    elif not _queued(s, replace(event, turn=turn.number), Reason.CLIENT_REQUEST, "continue"):
        resume(s, event.at, turn)


def _queued(s: State, event: Event, reason: Reason, evidence: str, words: str = "") -> bool:
    """Take the floor for `event`; True where it has to wait in the input queue for the report of the cut."""
    take_floor(s, event.at, reason, evidence, words)
    if s.cut is not None:
        s.queue.append(event)
    return s.cut is not None


def interrupted(s: State, event: InterruptRequested) -> None:
    """Silence was asked for: the speech only, or the whole reply."""
    if event.speech_only:
        silence(s, event.at, event.reason, event.reason.value)
    else:
        take_floor(s, event.at, event.reason, event.reason.value)
        s.queue.clear()


def take_floor(s: State, at: float, reason: Reason, evidence: str, words: str = "") -> Reply | None:
    """Forget the user's speech, interrupt the reply (it is returned), listen."""
    discard_utterance(s)
    reply = interrupt(s, at, reason, evidence=evidence, onset=at, words=words)
    s.phase = Phase.LISTENING
    return reply


def mute(s: State, event: MuteChanged) -> None:
    """The microphone was muted or unmuted; a sound that was being judged is forgotten."""
    s.muted = event.muted
    if event.muted:
        _stop_hearing(s, "muted")


def _stop_hearing(s: State, reason: str) -> None:
    """Forget the user's speech; our own goes on."""
    discard_utterance(s)
    if s.phase is Phase.OVERLAP:
        restore(s, reason)
    elif s.phase in (Phase.HEARING, Phase.ENDPOINTING):
        drop_speculation(s)
        s.phase = Phase.LISTENING


def talk_key(s: State, event: TalkKeyChanged) -> None:
    """Push-to-talk: the key down begins a turn at once, the key up ends it at once."""
    u = s.utterance
    talking = u is not None and u.manual and s.phase is Phase.HEARING
    if event.held and not talking:  # a key that is held down may repeat itself
        interrupted = take_floor(s, event.at, Reason.USER_SPEAKING, "talk key")
        u = listen(s, event.at, manual=True)
        u.interrupted, u.evidence = interrupted, "talk key"
        s.phase = Phase.HEARING
    elif u is not None and talking and not event.held:
        u.close_stretch(event.at)
        s.phase = Phase.ENDPOINTING
        finalise(s, event.at)


def engine_failed(s: State, event: EngineFailed) -> None:
    """One clear message; what can go on goes on."""
    s.emit(Notify(Level.PROBLEM, event.message))
    if event.engine is Engine.MIND:
        _mind_failed(s, event)
    elif event.engine is Engine.VOICE:
        if s.reply is not None and s.reply.asked > s.reply.finished:
            silence(s, event.at, Reason.ENGINE_FAILED, "voice failed")
    else:
        _stop_hearing(s, "ear failed")


def _mind_failed(s: State, event: EngineFailed) -> None:
    """Ask again once if nothing had been made and that may help; keep what had been."""
    reply = s.reply
    if reply is None or reply.generated:
        return
    if reply.speculative:
        drop_reply(s)
    elif reply.turn.spans or reply.silenced or reply.retried or not event.again:
        finish_text(s, event.at)
    else:
        retry(s, event.at)


def device_ready(s: State, event: DeviceReady) -> None:
    """A device is open."""
    if event.device is Device.MICROPHONE:
        s.microphone = event.name
    else:
        s.loudspeaker = event.name


def device_lost(s: State, event: DeviceLost) -> None:
    """A device is gone: words already heard are kept, speech goes on as text."""
    s.emit(Notify(Level.PROBLEM, event.message))
    if event.device is Device.LOUDSPEAKER:
        s.loudspeaker = None
        if s.reply is not None and s.reply.asked > s.reply.finished:
            silence(s, event.at, Reason.DEVICE_LOST, "loudspeaker lost")
        return
    s.microphone = None
    u = s.utterance
    if u is not None and u.voiced_since is not None:
        u.manual = False
        stopped = SpeechStopped(event.at, event.at)
        if s.phase is Phase.OVERLAP:
            overlap_pause(s, stopped)
        else:
            pause(s, stopped)


def cleared(s: State, event: ConversationCleared) -> None:
    """Begin an empty conversation."""
    _end_all(s, event.at, Reason.NEW_CONVERSATION)
    s.queue.clear()
    s.history = History()
    s.effects[:] = [effect for effect in s.effects if not isinstance(effect, SaveTurn)]  # their turns are gone


def time_passed(s: State, event: TimePassed) -> None:
    """Something may be due."""
    speaking_time(s, event.at)  # first: the end of a turn waits for the report of a cut
    hearing_time(s, event.at)


def shutdown(s: State, event: ShutdownRequested) -> None:
    """Abandon everything and refuse what comes later."""
    _end_all(s, event.at, Reason.SHUTDOWN)
    for waiting in s.queue:
        refuse(s, waiting)
    s.queue.clear()
    s.phase = Phase.CLOSED
    s.emit(Closed())


def _end_all(s: State, at: float, reason: Reason) -> None:
    take_floor(s, at, reason, reason.value.replace("_", " "))
    settle_cut(s)
    s.interrupted_until = None


def refuse(s: State, event: object) -> None:
    """Closing: say that the input was not taken."""
    s.emit(Notify(Level.PROBLEM, "Parley is closing. This was not taken."))


def ignore(s: State, event: object) -> None:
    """Nothing to do."""
