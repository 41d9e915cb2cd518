"""What may differ from one Light to another, and from one day to another; all from one seed."""

from dataclasses import dataclass
from random import Random

# FACTS about Light that only a real company can show; the documents leave them open.
CHOICES: dict[str, tuple[object, ...]] = {
    "existing": ("refused", "replaced", "added", "twice"),  # POST of a pair that is linked already
    "touches": (True, False),  # linking changes updatedAt
    "partly_linkable": (True, False),  # a PARTIALLY_CLEARED note may be linked
    "posted_link": ("clears", "refused", "nothing"),  # a link to a posted invoice
    "ids": ("external", "accounting"),  # inside links and payments
    "posted_listed": (True, False),  # a link is still listed once its invoice is posted
    "delete_posted": ("refused", "removes"),  # DELETE of a link whose invoice is posted
    "listed_on": ("both", "both", "note", "invoice"),  # which of the two sides lists a link
    "checks_sums": (True, False),  # Light itself holds amounts against what is free and open
    "archives_too": (True, False),  # reverse-clearing honours shouldArchiveClearingDocument
}
STRIDE = 2_741  # coprime to their number: neighbours differ in everything


@dataclass(frozen=True, slots=True)
class Switches:
    """One answer to each open question."""

    existing: str
    touches: bool
    partly_linkable: bool
    posted_link: str
    ids: str
    posted_listed: bool
    delete_posted: str
    listed_on: str
    checks_sums: bool
    archives_too: bool

    @classmethod
    def of(cls, number: int) -> "Switches":
        """A combination for each number; so many in a row as there are meet all of them."""
        answers, number = {}, number * STRIDE
        for name, values in CHOICES.items():
            number, which = divmod(number, len(values))
            answers[name] = values[which]
        return cls(**answers)  # type: ignore[arg-type]


def combinations() -> int:
    """How many different seeds in a row meet every combination."""
    product = 1
    for values in CHOICES.values():
        product *= len(values)
    return product


@dataclass(slots=True)
class Weather:
    """How bad a day it is. Probabilities per call or per step; seconds.

    Light is held to two promises. A write that was sent is in the books less than `latest` after
    we stopped waiting for it (an answer, or the time for one), or never. A read shows the books as
    they were less than `lag` ago, and `lag` is less than the pause between two looks.
    """

    bad_writes: float
    bad_reads: float
    kills: float
    freezes: float
    lag: float
    latest: float
    jump: float  # the database's clock is set so many seconds on, or back
    revoked: tuple[float, float]  # when the key does not work
    storm: tuple[float, float]  # when every call is answered with 429
    tampering: float  # a row is changed in the database, or is let through by a faulty page
    workers: int
    ceiling: int  # requests a minute
    calm_at: float  # from then on everything works, and people only answer questions

    @classmethod
    def of(cls, rng: Random, quarantine: float, look_again: float) -> "Weather":
        jump = rng.choice((0, 0, 0, 0, 30, -300))
        revoked_at = rng.uniform(0, 400) if rng.random() < 0.15 else 1e9
        storm_at = rng.uniform(0, 400) if rng.random() < 0.15 else 1e9
        return cls(
            bad_writes=rng.choice((0, 0.2, 0.5, 0.9)),
            bad_reads=rng.choice((0, 0, 0.05, 0.2)),
            kills=rng.choice((0, 0, 0.02, 0.08)),
            freezes=rng.choice((0, 0, 0.02, 0.08)),
            lag=rng.choice((0, look_again - 1)),
            # A clock that is set on shortens every wait that is counted in the database's time.
            latest=quarantine - 1 - max(jump, 0),
            jump=jump,
            revoked=(revoked_at, revoked_at + rng.uniform(10, 300)),
            storm=(storm_at, storm_at + rng.uniform(10, 600)),
            tampering=rng.choice((0, 0, 0.2)),
            workers=rng.choice((1, 2, 2, 3)),
            ceiling=rng.choice((20, 40, 240)),
            calm_at=rng.uniform(400, 1_200),
        )
