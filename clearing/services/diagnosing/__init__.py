"""What the engine says of every open credit note: its best suggestion, or why there is none."""

from clearing.services.diagnosing.passing import look

__all__ = ["look"]
