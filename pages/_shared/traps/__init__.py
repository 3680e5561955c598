"""The traps of every page, each in a file named after its page."""
