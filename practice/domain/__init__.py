"""Floor 1, the rules: values and pure functions; no I/O, clock, randomness or framework."""
