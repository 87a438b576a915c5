"""The same examples on every machine, however busy it is."""

from hypothesis import settings

settings.register_profile("adviz", deadline=None, derandomize=True, database=None)
settings.load_profile("adviz")
