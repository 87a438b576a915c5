"""Derivatives built on the sweeps: matrices, sparsity, Taylor series, custom rules, checkpoints."""
