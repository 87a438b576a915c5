"""Matrices, sparsity, Taylor series, custom rules and checkpoints, written with the sweeps."""
