"""`python -m tests.simulation`: many schedules with their figures, or one as a story."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.simulation.bugs import BUGS  # noqa: E402
from tests.simulation.many import Figures, many  # noqa: E402
from tests.simulation.run import story_of  # noqa: E402

PORTION = 5_000  # schedules after which the figures are said


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seed", type=int, help="tell the story of this one schedule")
    parser.add_argument("--bug", choices=sorted(BUGS), help="with this bug planted")
    options = parser.parse_args()
    if options.seed is not None:
        print(story_of(options.seed, bug=BUGS.get(options.bug)))
        return 0
    return 1 if run(options).violations else 0


def run(options: argparse.Namespace) -> Figures:
    """Play them all, saying every now and then how far it is."""
    began, total = time.monotonic(), Figures()
    for portion in _portions(options):
        total.add(portion)
        for seed, violation in portion.violations.items():
            print(f"seed {seed}: {violation}    python -m tests.simulation --seed {seed}")
        print(f"{total}; {time.monotonic() - began:.0f} s", flush=True)
    return total


def _portions(options: argparse.Namespace) -> Iterator[Figures]:
    end = options.first + options.schedules
    starts = range(options.first, end, PORTION)
    sizes = [min(PORTION, end - start) for start in starts]
    if options.jobs == 1:
        yield from (_play(options.bug, *one) for one in zip(starts, sizes, strict=True))
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        yield from pool.map(_play, [options.bug] * len(sizes), starts, sizes)


def _play(bug: str | None, start: int, size: int) -> Figures:
    return many(start, size, bug=BUGS.get(bug or ""))


if __name__ == "__main__":
    sys.exit(main())
