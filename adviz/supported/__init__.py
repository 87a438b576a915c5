"""The catalogue of what is supported: the table of examples, and a listing of it."""
