"""What listening costs: CPU time of this process, all its threads counted, per second of sound."""

import time

import numpy as np

from assistant.audio.frontend import FrontEnd
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Floats, resample
from assistant.audio.room import Room, RoomOptions, scale_to_dbfs
from assistant.bench.plan import Plan, Readings, running_voice
from assistant.bench.sentences import SENTENCES
from assistant.session.ear import Ear

STRETCH_S = 5.0
"""Seconds of noise that make one reading."""
USER_DBFS = -26.0
_SILENCE = np.zeros(FRAME, dtype=np.int16)


def listening(plan: Plan) -> Readings:
    """The front end alone on the noise of a room, and with the recognisers while somebody speaks."""
    setup = plan.setup
    front_end, room = setup.front_end(), Room(RoomOptions())
    noise = np.zeros(round(STRETCH_S * SAMPLE_RATE), dtype=np.float32)
    _share(front_end, room, noise)  # the canceller and the noise floor settle
    quiet = [_share(front_end, room, noise) for _ in range(plan.rounds(6))]
    ear = Ear(*setup.recognisers(), setup.preroll_s)
    with running_voice(plan) as voice:
        said = [voice.synthesise(sentence) for sentence in SENTENCES[: plan.rounds(len(SENTENCES))]]
    sounds = [scale_to_dbfs(resample(speech.pcm, speech.rate, SAMPLE_RATE), USER_DBFS) for speech in said]
    return {"noise": quiet, "speech": [_share(front_end, room, sound, ear) for sound in sounds]}


def _share(front_end: FrontEnd, room: Room, user: Floats, ear: Ear | None = None) -> float:
    """CPU time per second of sound, in percent of a core; the room's own work is not counted."""
    heard = [room.step(_SILENCE, user[at : at + FRAME]) for at in range(0, user.size - FRAME + 1, FRAME)]
    begun = time.process_time()
    if ear is not None:
        ear.listen(1, 0.0, 0.0)
    for number, frame in enumerate(heard):
        at = (number + 1) * FRAME_S
        clean = front_end.process(frame, _SILENCE, at).clean
        if ear is not None:
            ear.hear(clean, at)
    if ear is not None:
        ear.finalise(1, len(heard) * FRAME_S)
    return 100 * (time.process_time() - begun) / (len(heard) * FRAME_S)
