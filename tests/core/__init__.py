"""Tests of the pure conversation core."""
