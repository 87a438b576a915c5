"""Numerical differentiation: schemes, their errors, and what the errors consist of."""
