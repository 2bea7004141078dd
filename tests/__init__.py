"""The test suite of Parley."""
