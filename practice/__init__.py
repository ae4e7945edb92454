"""Practice: booking and intake for a coaching practice. Importing this imports nothing else."""
