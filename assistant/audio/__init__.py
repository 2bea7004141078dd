"""Sound: frames, voice activity, echo cancellation, playout, devices, and the simulated room."""
