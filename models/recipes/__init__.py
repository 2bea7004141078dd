"""Recipes that make the starter models; they need the `train` extra."""
