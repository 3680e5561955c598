"""The grammar: plans of what to say, and how English and French say them side by side."""
