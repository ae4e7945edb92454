"""Floor 4, what a person typed: checked and turned into domain values."""
