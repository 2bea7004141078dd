"""`parley bench duplex`: some hundred generated interruptions, played on the real engines in the simulated room.

Scored by the definitions of tau-voice (interaction metrics 1.0 of github.com/sierra-research/tau2-bench): whether and
how soon Parley yields to an interruption, and how selective it is about backchannels, coughs, noise, hesitations and
side talk. Beyond those: the kind of each interruption, the text taken as heard against what the loudspeaker played,
the way back after a false alarm, and the promises that must never be broken.
"""
