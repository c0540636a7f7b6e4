"""Sentences that differ in their grammar: minimal pairs, suites, and how often a model is right."""
