"""The conversation as a pure state machine: events in, effects out; no clock, thread, log or I/O."""
