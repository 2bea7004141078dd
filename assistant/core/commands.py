"""Handlers for what the user does with hand and keyboard, for engines and devices, and for the end."""

from dataclasses import replace

from assistant.core.cutting import drop_reply, interrupt, restore, settle_cut
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
    TypingStarted,
)
from assistant.core.hearing import hearing_time, pause
from assistant.core.history import History, Turn
from assistant.core.initiative import forget_plans
from assistant.core.interruptions import Reason
from assistant.core.ledger import conclude, user_began
from assistant.core.overlap import overlap_pause
from assistant.core.reactions import drop_speculation, react
from assistant.core.replies import add_user_turn, resume, retry, to_continue
from assistant.core.speaking import silence, speaking_time
from assistant.core.state import Phase, Reply, State
from assistant.core.utterances import discard_utterance, finalise, listen
from assistant.core.writing import finish_text, go_on_writing


def typed(s: State, event: TypedInput) -> None:
    """A typed message takes the floor at once; it is answered when it is known how much of the reply was heard."""
    text = " ".join(event.text.split())
    asked = s.asked
    if text and not _queued(s, event, Reason.USER_STARTED_TYPING, "typed message", text):
        react(s, event.at, text, over_speech=False, asked=asked)


def typing_started(s: State, event: TypingStarted) -> None:
    """Whoever begins to type wants silence to think (setting)."""
    if s.options.typing_interrupts and not s.critical:
        silence(s, event.at, Reason.USER_STARTED_TYPING, "typing")


def continue_reply(s: State, event: ContinueRequested) -> None:
    """Speak the rest of a reply that was cut off."""
    turn = to_continue(s)
    if event.turn is not None:
        turn = next((t for t in s.history.turns if t.number == event.turn), None)
    growing = s.reply is not None and s.reply.silenced and s.reply.turn is turn
    if turn is None or not (turn.can_continue or growing):
        s.emit(Notify(Level.INFO, s.phrases.nothing_left))
    elif not _queued(s, replace(event, turn=turn.number), Reason.CLIENT_REQUEST, "continue", spared=turn):
        resume(s, event.at, turn)
        conclude(s, "resumed")


def _queued(
    s: State, event: Event, reason: Reason, evidence: str, words: str = "", *, spared: Turn | None = None
) -> bool:
    """Take the floor for `event`; True where it has to wait in the input queue."""
    if not s.critical:
        take_floor(s, event.at, reason, evidence, words, spared=spared)
    if s.input_waits:
        s.queue.append(event)
    return s.input_waits


def interrupted(s: State, event: InterruptRequested) -> None:
    """Silence was asked for: the speech only, or the whole reply."""
    if event.speech_only:
        silence(s, event.at, event.reason, event.reason.value)
    else:
        take_floor(s, event.at, event.reason, event.reason.value)
        _keep_unanswered(s)
    forget_plans(s)


def _keep_unanswered(s: State) -> None:
    """Typed messages that wait stay in the thread; nothing else that waits is done any more."""
    for waiting in s.queue:
        if isinstance(waiting, TypedInput):
            add_user_turn(s, waiting.at, " ".join(waiting.text.split()))
    s.queue.clear()


def take_floor(
    s: State, at: float, reason: Reason, evidence: str, words: str = "", *, spared: Turn | None = None
) -> Reply | None:
    """Forget the user's speech, interrupt the reply (it is returned) unless it is that of the turn `spared`, listen."""
    discard_utterance(s, at)
    reply = None
    if s.reply is None or s.reply.turn is not spared:
        reply = interrupt(s, at, reason, evidence=evidence, words=words)
    s.phase = Phase.LISTENING
    return reply


def mute(s: State, event: MuteChanged) -> None:
    """The microphone was muted or unmuted; a sound that was being judged is forgotten."""
    s.muted = event.muted
    if event.muted:
        _stop_hearing(s, event.at, "muted")


def _stop_hearing(s: State, at: float, reason: str) -> None:
    """Forget the user's speech; our own goes on."""
    if s.phase is Phase.OVERLAP:
        restore(s, at, reason)
    discard_utterance(s, at)
    if s.phase in (Phase.HEARING, Phase.ENDPOINTING):
        drop_speculation(s)
        s.phase = Phase.LISTENING


def talk_key(s: State, event: TalkKeyChanged) -> None:
    """Push-to-talk: the key down begins a turn at once, the key up ends it at once."""
    u = s.utterance
    talking = u is not None and u.manual and u.voiced_since is not None
    if event.held and not talking:  # a key that is held down may repeat itself
        _begin_to_talk(s, event.at)
    elif u is not None and talking and not event.held:
        u.close_stretch(event.at)
        if s.phase is Phase.HEARING:
            s.phase = Phase.ENDPOINTING
        finalise(s, event.at)


def _begin_to_talk(s: State, at: float) -> None:
    """The key cuts a reply, but for a critical message: there the words are heard, and answered after it."""
    asked, held = s.asked, s.critical
    interrupted = None
    if held:
        discard_utterance(s, at)
    else:
        interrupted = take_floor(s, at, Reason.USER_SPEAKING, "talk key")
    u = listen(s, at, manual=True)
    u.interrupted, u.evidence, u.asked, u.held = interrupted, "talk key", asked, held
    s.phase = Phase.OVERLAP if held else Phase.HEARING
    if not held:
        user_began(s, u)


def engine_failed(s: State, event: EngineFailed) -> None:
    """One clear message; what can go on goes on."""
    s.emit(Notify(Level.PROBLEM, event.message))
    if event.engine is Engine.MIND:
        _mind_failed(s, event)
    elif event.engine is Engine.VOICE:
        if s.reply is not None and s.reply.asked > s.reply.finished:
            silence(s, event.at, Reason.ENGINE_FAILED, "voice failed")
    else:
        _stop_hearing(s, event.at, "ear failed")


def _mind_failed(s: State, event: EngineFailed) -> None:
    """Ask again once if nothing had been made and that may help; keep what had been."""
    reply = s.reply
    if reply is None or reply.generated or reply.use is not None:
        return
    if reply.speculative:
        drop_reply(s)
    elif reply.turn.uses and event.again and not reply.retried:  # what the tools did is not to be done twice
        reply.retried = True
        go_on_writing(s, reply)
    elif reply.turn.uses or reply.turn.spans or reply.silenced or reply.retried or not event.again:
        finish_text(s, event.at)
    else:
        retry(s, event.at)


def device_ready(s: State, event: DeviceReady) -> None:
    """A device is open."""
    if event.message:
        s.emit(Notify(Level.INFO, event.message))
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
    for waiting in (*s.queue, *s.priority):
        refuse(s, waiting)
    s.queue.clear()
    s.priority.clear()
    s.phase = Phase.CLOSED
    s.emit(Closed())


def _end_all(s: State, at: float, reason: Reason) -> None:
    take_floor(s, at, reason, reason.value.replace("_", " "))
    if s.cut is not None:
        settle_cut(s, s.cut.at)
    conclude(s, "ended")
    s.interrupted_until = None
    s.deferred = s.offer = None


def refuse(s: State, event: object) -> None:
    """Closing: say that the input was not taken."""
    s.emit(Notify(Level.PROBLEM, s.phrases.closing))


def ignore(s: State, event: object) -> None:
    """Nothing to do."""
