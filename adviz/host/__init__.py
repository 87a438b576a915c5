"""The surroundings of a user's function: its source, calls and arguments, nests, hooks, errors."""
