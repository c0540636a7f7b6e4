"""A model learns a text: ids in, reports out."""
