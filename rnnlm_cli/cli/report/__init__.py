"""A model as one page: what it is, what it says of a text, what its units do, what it writes."""
