"""How well a model predicts a text, and what helps it to."""
