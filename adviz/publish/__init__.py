"""Notebooks as pages: what makes their outputs play where no Jupyter shows them.

- ``cells.py`` makes the outputs of a notebook's cells ready for a page.
- ``exporters.py`` are nbconvert's exporters, with the templates of ``templates/``.
- ``pages.py`` writes them to files, for the command ``adviz export``.
"""
