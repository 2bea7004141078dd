"""What the users of the generated scenarios say."""

from assistant.core.interruptions import Kind

OPENINGS = ("tell me a story", "tell me about the moon", "explain how rain works", "how do i make tea")
"""Typed; each is answered by several sentences."""
SHORT_OPENING = "tell me a joke"
NEW_OPENINGS = tuple(
    f"tell me a story about a {animal}" for animal in ("fox", "dog", "cat", "bear", "horse", "wolf", "duck", "rabbit")
)
"""Each asked once only, so that the whole prompt has to be evaluated."""

SAYINGS: dict[Kind, tuple[str, ...]] = {
    Kind.CANCELLATION: (
        "stop",
        "stop it",
        "stop talking",
        "please stop",
        "okay stop",
        "never mind",
        "cancel",
        "be quiet",
        "that's enough",
        "forget it",
        "shut up",
    ),
    Kind.CORRECTION: (
        "no i said tell me a joke",
        "no i meant the sun",
        "actually i meant the moon",
        "no that's wrong",
        "not that one",
        "i meant something else",
    ),
    Kind.REDIRECT: (
        "what is the capital of france",
        "what about the sun",
        "yeah but what about the sun",
        "can you tell me a joke",
        "tell me a joke",
        "how about a joke instead",
    ),
    Kind.CLARIFICATION: (
        "what was that",
        "say that again",
        "can you repeat that",
        "what did you say",
        "repeat that",
    ),
    Kind.BACKCHANNEL: (
        "uh-huh",
        "mhm",
        "yeah",
        "okay",
        "right",
        "yes",
        "sure",
        "i see",
        "got it",
        "mm-hmm",
        "really",
        "go on",
        "wow",
        "yeah okay",
    ),
    Kind.RESUME: ("continue", "go on", "keep going", "no no go on"),
}
HESITATIONS = ("um", "uh", "hmm", "er")
SIDE_TALK = (
    "give me a second",
    "i am on the phone",
    "dinner is almost ready",
    "did you close the door",
    "i will be there in a minute",
)
"""Said to somebody else."""
HALVES = (("what is the capital of", "france"), ("tell me a story", "about a dog"), ("what is five plus", "six"))
"""Turns with a pause inside."""
TASK = "what time is it"
"""Typed; needs a tool."""
