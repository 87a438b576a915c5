"""What a person sees: formulas, tables, graphs and the trace document."""
