"""Access tokens of people: the file of keys that sign them, the keys in use, and how a token is made and read."""
