"""Floor 3b, what may be seen: frozen values, one for each page or letter."""
