"""What NumPy and SciPy offer, as rules that plug into the core."""
