"""Sends approved lines to Light, each once, and settles by reading what got no clear answer.

One call of `send_one` carries one line through claim, look, mark, call and outcome; each step is
durable by itself, so a worker may die at any point. `recover` ends what a dead worker left
behind; `settle_one` reads until the outcome is known or a person has to decide.
"""

from clearing.services.sending.claiming import recover
from clearing.services.sending.sending import send_one
from clearing.services.sending.settling import settle_one, verify_decision

__all__ = ["recover", "send_one", "settle_one", "verify_decision"]
