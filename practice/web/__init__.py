"""Floor 5, who asks: browsers, of clients and of coaches."""
