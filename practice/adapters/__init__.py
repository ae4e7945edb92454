"""Floor 3c, the outside world behind the ports, and honest stand-ins for a laptop."""
