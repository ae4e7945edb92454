"""The front door: pages for clients, who have no account."""
