"""Stories: what people do with the house, told in a real browser against a real server."""
