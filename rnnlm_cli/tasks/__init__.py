"""What scores of words are for: words, lines, tables, pairs and suites of text."""
