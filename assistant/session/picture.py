"""What a face sees of a session: the conversation, and what only the session knows of devices and engines."""

from assistant.core.conversation import Conversation
from assistant.core.events import Device, DeviceLost, DeviceReady, Engine, EngineFailed, EngineReady, Event
from assistant.session.setup import Setup
from assistant.session.snapshot import EngineView, Notice, Snapshot, State
from assistant.session.view import ThreadView, caption_of, state_of

_NAMES = {Engine.EAR: "Hearing", Engine.MIND: "Thinking", Engine.VOICE: "Voice"}


class Picture:
    """Puts snapshots together. One thread uses it."""

    def __init__(self, setup: Setup, wall_offset: float) -> None:
        """`wall_offset` turns event time into seconds since the epoch."""
        self.thread = ThreadView(wall_offset)
        self.setup = setup
        """May be replaced."""
        self.engines = {engine: EngineView(name, False, False, "loading") for engine, name in _NAMES.items()}
        self._devices_known = False
        """False until the microphone was opened, or found to be missing."""

    def note(self, event: Event) -> None:
        """Remember what `event` says about an engine or a device."""
        match event:
            case EngineReady(engine=engine):
                self.engines[engine] = EngineView(_NAMES[engine], True, False, self.setup.model_name(engine))
            case EngineFailed(engine=engine, message=message):
                self.engines[engine] = EngineView(_NAMES[engine], False, True, message)
            case DeviceReady(device=device) | DeviceLost(device=device):
                self._devices_known |= device is Device.MICROPHONE

    def of(self, conversation: Conversation, notices: tuple[Notice, ...]) -> Snapshot:
        """The picture now."""
        core = conversation.state
        state = state_of(core)
        settled, unsettled = caption_of(core)
        return Snapshot(
            state=State.LISTENING if state is State.NO_MICROPHONE and not self._devices_known else state,
            caption_settled=settled,
            caption_unsettled=unsettled,
            turns=self.thread.turns(conversation),
            muted=core.muted,
            microphone=core.microphone,
            loudspeaker=core.loudspeaker,
            engines=tuple(self.engines.values()),
            notices=notices,
            starter=self.setup.starter,
        )
