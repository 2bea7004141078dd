"""The Qt window. It sees the session's snapshots and commands, never an engine."""
