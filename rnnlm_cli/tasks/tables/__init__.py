"""Scores of the words, or of the texts, of a table: the same rows with more columns."""
