"""Many schedules, one seed after the other, with their figures."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.bugs.planting import Bug
from tests.simulation.run import Result, play


@dataclass
class Figures:
    """What became of a number of schedules."""

    schedules: int = 0
    calls: int = 0
    requests: int = 0
    faults: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # lines, by the state they ended in
    violations: dict[int, str] = field(default_factory=dict)  # by seed

    def take(self, result: Result) -> None:
        self.schedules += 1
        self.calls += result.calls
        self.requests += result.requests
        self.faults += result.faults
        self.ended.update(result.lines)
        if result.violation:
            self.violations[result.seed] = result.violation

    def add(self, other: "Figures") -> None:
        self.schedules += other.schedules
        self.calls += other.calls
        self.requests += other.requests
        self.faults += other.faults
        self.ended += other.ended
        self.violations |= other.violations

    def __str__(self) -> str:
        ended = ", ".join(f"{count:,} {state}" for state, count in sorted(self.ended.items()))
        return (
            f"{self.schedules:,} schedules, {len(self.violations)} violations: {self.calls:,} "
            f"calls, {self.requests:,} requests, {self.faults:,} faults; lines: {ended}"
        )


def many(first: int, number: int, *, bug: Bug | None = None) -> Figures:
    """Play the schedules of so many seeds."""
    figures = Figures()
    for seed in range(first, first + number):
        figures.take(play(seed, bug=bug))
    return figures


def first_violation(number: int, bug: Bug) -> Result | None:
    """The first of so many schedules in which this bug is caught."""
    results = (play(seed, bug=bug) for seed in range(number))
    return next((result for result in results if result.violation), None)
