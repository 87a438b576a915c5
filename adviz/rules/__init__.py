"""The rules of NumPy's and SciPy's functions, which plug into the core."""
