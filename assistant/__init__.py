"""Parley: a desktop voice assistant that runs on your own machine and gives up the floor when you speak."""

__version__ = "0.1.0"
