"""`parley bench hearing`: recordings mixed with echo and noise, played to Parley while it speaks or listens.

How soon it gives up the floor, what it wrongly gives it up for, and when it takes a turn to be over: the figures of
`assistant.bench.hearing.figures`, each with its target. The same trials can be played to other programs' rules
(`assistant.bench.hearing.peers`), and are played to controls, whose verdicts are known, by the tests.
"""
