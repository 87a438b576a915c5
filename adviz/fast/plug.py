"""What this room plugs into the core."""

from adviz.fast.following import begin
from adviz.fast.sweep_code import adjoints, tangents

__all__ = ["adjoints", "begin", "tangents"]
