"""The AD core: traces, sweeps and derivatives, with NumPy and the standard library only."""
