"""What this room plugs into the core."""

from adviz.fast.plan_following import begin
from adviz.fast.repeated_sweeps import adjoints, tangents

__all__ = ["adjoints", "begin", "tangents"]
