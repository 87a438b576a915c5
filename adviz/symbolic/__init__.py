"""Symbolic differentiation beside AD: a trace as formulas, how large they grow, other systems."""
