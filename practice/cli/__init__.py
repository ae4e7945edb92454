"""Floor 5, who asks: commands typed in a terminal."""
