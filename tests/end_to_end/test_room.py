"""A loudspeaker that the microphone hears: our own voice is not the user, and the user is heard over it."""

from collections.abc import Iterator

import pytest

from assistant.bench.virtual_card import VirtualSoundCard
from assistant.session.snapshot import Speaker, State, TurnStatus
from tests.end_to_end.app import App
from tests.end_to_end.sounds import heard_s, say, wait_for_voice

pytestmark = pytest.mark.timeout(180)

STORY = "tell me a story"
CAPITAL = "what is the capital of france"
MOON = "tell me about the moon"  # half a minute, where a story takes a minute
LEAST_S_A_WORD = 0.2
"""Audible seconds of a word: 175 words a minute would be 0.34 s, pauses included."""
LOUD = 100
"""The user is as near to the microphone as the loudspeaker is."""


@pytest.fixture(scope="module")
def card() -> Iterator[VirtualSoundCard]:
    """An acoustic loop in place of the quiet sound card."""
    with VirtualSoundCard(loop=True) as card:
        yield card


def test_its_own_voice_does_not_interrupt_it(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        app.type(MOON)
        moon = app.wait_for_reply(1)
        recording.wait(0.3)
        assert heard_s(recording.pcm) > LEAST_S_A_WORD * len(moon.text.split())
    shown = app.now()
    assert moon.status is TurnStatus.COMPLETE
    assert moon.cut is None
    assert moon.heard == len(moon.text)
    assert len(shown.turns) == 2
    assert shown.state is State.LISTENING


def test_a_voice_over_it_cuts_it(app: App, card: VirtualSoundCard) -> None:
    with card.recording() as recording:
        app.type(STORY)
        wait_for_voice(recording, 1.5)
        say(card, CAPITAL, LOUD)
        recording.wait(1.5)
    story = app.now().turns[1]
    assert story.status is TurnStatus.DROPPED
    assert story.cut is not None
    assert story.cut.cause == "you spoke"
    assert story.heard < len(story.text)
    # What was understood of two voices at once is the recogniser's affair; that the user has the floor is ours.
    app.wait_for(lambda shown: len(shown.turns) > 2 and shown.turns[2].speaker is Speaker.YOU)
