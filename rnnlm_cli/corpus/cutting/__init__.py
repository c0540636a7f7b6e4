"""Texts cut into tokens, and joined again: units, words, what stands between words."""
