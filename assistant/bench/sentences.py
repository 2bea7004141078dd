"""Sentences of the lengths that replies have."""

SENTENCES = (
    "Yes.",
    "I am not sure.",
    "The capital of France is Paris.",
    "Once upon a time there was a small boat on a big lake.",
    "It is best to ask for one thing at a time, and to wait for the answer.",
    "In the morning the sun stood low over the hills, and the road was white with dust.",
    "When the water boils, put in the salt, then the pasta, and stir it well so that nothing sticks to the pot.",
    "The old man told us that nobody had lived in the house by the river for more than twenty years, and that at night "
    "one could hear the wind in its chimney.",
)
