"""The way from a decision to silence on the real loudspeaker."""

import queue
import threading

import numpy as np

from assistant.audio.devices import DeviceError
from assistant.audio.frontend import FrontEnd
from assistant.audio.loop import AudioLoop, LoopOptions
from assistant.audio.pcm import SAMPLE_RATE, to_int16
from assistant.audio.playout import Playout, make_segment
from assistant.audio.streams import StreamOptions, now
from assistant.bench.plan import Plan, Readings
from assistant.core.events import Device, DeviceLost, DeviceReady, Event, PlayoutStarted, PlayoutStopped

_PATIENCE_S = 10.0
_TONE_S = 3.0
_TONE_HZ = 220.0
_LEVEL = 0.05


def stop_sound_card(plan: Plan) -> Readings:
    """Play a soft tone and cut it, several times. Raises DeviceError where there is no loudspeaker."""
    settings, setup = plan.settings, plan.setup
    playout = Playout(SAMPLE_RATE, setup.playout)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    options = LoopOptions(
        microphone=settings.microphone or None,
        loudspeaker=settings.loudspeaker or None,
        stream=StreamOptions(block_ms=settings.block_ms),
    )
    loop = AudioLoop(playout, FrontEnd(setup.frontend), lambda frame: None, events.put, options)
    loop.start()
    try:
        _wait_for_loudspeaker(events)
        delays = np.random.default_rng(1).uniform(0.2, 0.4, plan.rounds(20))
        return {"silence": [_cut(playout, events, epoch, delay) for epoch, delay in enumerate(delays, 1)]}
    except queue.Empty as error:
        raise DeviceError("The loudspeaker does not play: `parley doctor` tells more about it.") from error
    finally:
        loop.close()


def _wait_for_loudspeaker(events: "queue.SimpleQueue[Event]") -> None:
    while True:
        event = events.get(timeout=_PATIENCE_S)
        if isinstance(event, DeviceLost) and event.device is Device.LOUDSPEAKER:
            raise DeviceError(event.message)
        if isinstance(event, DeviceReady) and event.device is Device.LOUDSPEAKER:
            return


def _cut(playout: Playout, events: "queue.SimpleQueue[Event]", epoch: int, delay_s: float) -> float:
    """Milliseconds from the decision to when the device plays the last sample of the fade."""
    time = np.arange(round(_TONE_S * SAMPLE_RATE)) / SAMPLE_RATE
    tone = to_int16((_LEVEL * np.sin(2 * np.pi * _TONE_HZ * time)).astype(np.float32))
    playout.queue(make_segment(epoch, 0, tone, SAMPLE_RATE, playout.rate))
    while not isinstance(events.get(timeout=_PATIENCE_S), PlayoutStarted):
        pass
    threading.Event().wait(delay_s)  # so that the cut falls anywhere within a block
    decided = now()
    playout.cut(epoch)
    while not isinstance(event := events.get(timeout=_PATIENCE_S), PlayoutStopped):
        pass
    return 1000 * (event.at - decided)
