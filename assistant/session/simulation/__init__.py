"""A whole conversation in a simulated room and in virtual time, on the real engines: same scenario, same events."""
