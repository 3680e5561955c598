"""The words of both languages, as tables, and which combinations are kept out of training."""
