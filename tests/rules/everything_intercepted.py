"""What holds while something is recorded that needs every function to be intercepted."""

import contextlib

from adviz.rules.interception import begin, end, needed_in


@contextlib.contextmanager
def everything_intercepted():
    """Intercept all functions as a recording does that needs it."""

    def anything():
        raise AssertionError("nobody calls it")

    needed_in(anything)
    begin("a recording", anything)
    try:
        yield
    finally:
        end("a recording")
