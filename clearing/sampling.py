"""A sample that anybody can draw again: from ids, a number and a seed. Pure."""

import hashlib
import random
import secrets
from collections.abc import Iterable

LONGEST_SEED = 18  # digits


class DoesNotTie(Exception):
    """The population is not what was sampled from, or not what the roll-forward shows; a
    sentence."""


def digest(ids: Iterable[int]) -> str:
    """SHA-256, in hex, of the ids in ascending order, one on each line."""
    text = "".join(f"{one}\n" for one in sorted(ids))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sample(ids: Iterable[int], n: int, seed: str) -> list[int]:
    """n of these ids, ascending: `random.Random(seed).sample(ascending ids, n)` in Python."""
    return sorted(random.Random(int(seed)).sample(sorted(ids), n))


def is_seed(text: str) -> bool:
    """Whether it is a number of at most LONGEST_SEED digits."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_SEED


def new_seed() -> str:
    """Six digits by chance; the first is no zero."""
    return str(100_000 + secrets.randbelow(900_000))
