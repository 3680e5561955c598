"""What the lab computes: pure functions over arrays, and nothing about how it is shown."""
