"""Every setting, its default and its range: frozen dataclasses that check themselves.

A config says what the user wants; facts of the text (vocabulary size, token counts) are not in it.
"""
