"""The catalogue of installable models, the bundled starter models, and their recipes."""
