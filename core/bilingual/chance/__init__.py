"""Chance plans: what the sentences of the training set are about, and how often."""
