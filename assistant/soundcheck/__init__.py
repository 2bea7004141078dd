"""The sound check: how loud the room, the user and our own echo are, and how well the echo is taken out."""
