"""The catalogue of what is supported."""
