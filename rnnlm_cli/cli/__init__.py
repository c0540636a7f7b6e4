"""The command line: it builds a config, calls the library, and hands the result to `render`."""
