"""Notebooks: the magic, and the extension that plays traces in JupyterLab."""
