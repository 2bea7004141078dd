"""Threads, the one timer, effects carried out, snapshots for the window, and the simulator."""
