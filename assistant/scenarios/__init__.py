"""Conversations that come with Parley, as scenario files."""
