"""How the starter speech recogniser (a Vosk model) is made: `python -m models.recipes.recogniser --help`."""
