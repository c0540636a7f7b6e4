"""Texts in, ids out: reading, judging, cutting into tokens, counting, splitting, keeping."""
