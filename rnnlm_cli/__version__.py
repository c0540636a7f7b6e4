"""The version of the program, for its files and messages, which know nothing of its face."""

__version__ = "0.1.0"
