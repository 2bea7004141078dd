"""One adapter for each third-party engine, behind protocols of one to three methods, and their fakes."""
