"""How well a model predicts a text, what helps it to, and what it looks like inside."""
