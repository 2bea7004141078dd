"""Pictures of sessions for the tests of the window."""

from assistant.session.snapshot import CutNote, EngineView, Snapshot, Speaker, TurnStatus, TurnView

ENGINES = tuple(EngineView(name, ready=True, failed=False, detail="ok") for name in ("Hearing", "Thinking", "Voice"))
IDLE = Snapshot(microphone="Desk microphone", loudspeaker="Speaker", engines=ENGINES)
REPLY = "About thirty minutes. If your kitchen is cold, give it an hour."
HEARD = "About thirty minutes. If your kitchen"


def you(number: int, text: str) -> TurnView:
    return TurnView(number, Speaker.YOU, text, len(text), TurnStatus.COMPLETE, 1_700_000_000.0 + number)


def parley(
    number: int,
    text: str = REPLY,
    heard: str = HEARD,
    status: TurnStatus = TurnStatus.DROPPED,
    cut: CutNote | None = None,
    can_continue: bool = False,
) -> TurnView:
    at = 1_700_000_000.0 + number
    return TurnView(number, Speaker.PARLEY, text, len(heard), status, at, cut, can_continue)


STOPPED = parley(2, cut=CutNote("stop", "you spoke", 140), can_continue=True)
TALK = (you(1, "How long should I rest the dough?"), STOPPED)
