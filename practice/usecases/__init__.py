"""Floor 3a, what may be done: load, decide, remember; one short function per act."""
