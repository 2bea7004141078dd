"""The recipe of the starter chat model: self-written dialogues, a tokenizer, a small Llama network, a GGUF file.

Run it with ``python -m models.recipes.chat --out models/starter/chat --work DIR``.
"""
