"""What surrounds a user's function: its source, its calls, its arguments, nests, errors."""
