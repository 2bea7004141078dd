"""Measurements of this machine: what start-up, listening, replies and interruptions cost, as distributions."""
