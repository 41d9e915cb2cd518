"""500 approved links in virtual time: minutes and requests, beside the fewest that could do.

python -m tests.benchmarks.sending [links]
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from typing import Any

from tests.benchmarks.databases import django_ready, migrate, run, scratch, show

CEILING = 240  # requests a minute


def measure(links: int, of_each: int) -> dict[str, Any]:
    """Let one worker clear so many links, `of_each` of one credit note."""
    django_ready()
    migrate()
    import pytest

    from tests import factories
    from tests.budget.virtual import House

    people = factories.person("preparer"), factories.person("approver")
    with pytest.MonkeyPatch.context() as patch:
        house = House(patch, people, per_minute=CEILING)
        house.approve(links // of_each, of_each)
        began = time.perf_counter()
        done = house.work(house.all_done), len(house.sent_at)
        house.work(house.all_shown)
        shown = house.sent_at[-1], len(house.sent_at)
        calls = Counter(asked.call for asked in house.sandbox.requests)
        found = {
            "done": done, "shown": shown, "refused": house.refused(), "calls": calls,
            "busiest": house.busiest_minute(), "real": time.perf_counter() - began,
            "linked": len(house.world.amounts()),
        }  # fmt: skip
        house.close()
    return found


def main(links: int) -> None:
    print(f"{links} approved links, one worker, {CEILING} requests a minute, virtual time.\n")
    rows, calls = [], []
    with scratch() as databases:
        for name, url in databases:
            for of_each in (1, 10):
                found = run(__spec__.name, url, "measure", links, of_each)
                if found["linked"] != links or found["refused"]:
                    raise SystemExit(f"{found['linked']} linked, {found['refused']} refused.")
                for until in ("done", "shown"):
                    rows.append(_row(f"{name}, {of_each} of a note: {until}", links, found, until))
                calls.append([name, of_each, json.dumps(found["calls"])])
                _empty(url)
    heads = ["until", "minutes", "requests ÷ limit", "times", "a link", "busiest minute"]
    show([*heads, "s of ours"], rows)
    for line in calls:
        print(*line)


def _row(words: str, links: int, found: dict[str, Any], until: str) -> list[Any]:
    seconds, requests = found[until]
    least = requests / CEILING
    return [
        words, f"{seconds / 60:.2f}", f"{least:.2f}", f"{seconds / 60 / least:.3f}",
        f"{requests / links:.2f}", found["busiest"], f"{found['real']:.0f}",
    ]  # fmt: skip


def _empty(url: str) -> None:
    run(__spec__.name, url, "flush")


def flush() -> dict[str, Any]:
    django_ready()
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0)
    return {}


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        os.environ["LOG_LEVEL"] = "ERROR"
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["flush"]:
        print(json.dumps(flush()))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
