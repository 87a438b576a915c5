"""Other readings of a trace: formulas as expressions."""
