"""These tests train a network: they are collected where the libraries for that are installed (the extra "train")."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]
