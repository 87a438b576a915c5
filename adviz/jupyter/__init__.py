"""Notebooks: the cell magic, live widgets, laboratories, and the JupyterLab extension."""
