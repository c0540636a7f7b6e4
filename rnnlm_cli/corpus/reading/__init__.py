"""Where texts lie, and how they are read: places, files, bytes to text."""
