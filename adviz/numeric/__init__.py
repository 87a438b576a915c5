"""Numerical differentiation: schemes, their errors, and why they are as large as they are."""
