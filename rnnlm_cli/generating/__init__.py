"""Texts out of a model, word by word."""
