"""Scratch databases, and a fresh process for each step, so that its peak memory is its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SCRATCH = f"lightui_benchmark_{os.getpid()}"
ROOT = Path(__file__).resolve().parents[2]
Step = Callable[..., dict[str, Any]]


@contextmanager
def scratch() -> Iterator[list[tuple[str, str]]]:
    """(name, DATABASE_URL) of empty databases, removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        found = [("SQLite", f"sqlite:///{folder}/benchmark.sqlite3")]
        given = os.environ.get("DATABASE_URL", "")
        if not given.startswith("postgres"):
            yield found
            return
        import psycopg

        with psycopg.connect(given, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {SCRATCH}")
            try:
                yield [*found, ("PostgreSQL", urlunsplit(urlsplit(given)._replace(path=SCRATCH)))]
            finally:
                server.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")


def run(module: str, url: str, step: str, *arguments: Any) -> dict[str, Any]:
    """One step of a benchmark in a process of its own; what it returned."""
    command = [sys.executable, "-m", module, step, *map(str, arguments)]
    quiet = {"LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    environment = {**os.environ, **quiet, "DATABASE_URL": url}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def step_of(steps: dict[str, Step]) -> bool:
    """In a child: set up Django, do the step that the command line names, print its result."""
    if len(sys.argv) < 2:
        return False
    django_ready()
    print(json.dumps(steps[sys.argv[1]](*map(int, sys.argv[2:]))))
    return True


def django_ready() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def peak_megabytes() -> int:
    """The most memory this process ever held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def timed(work: Callable[[], Any], times: int) -> dict[str, float]:
    """p50 and p95 of that many runs after one to warm up, in milliseconds."""
    work()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {"p50": took[len(took) // 2], "p95": took[min(len(took) - 1, len(took) * 95 // 100)]}


def both(times: dict[str, float]) -> str:
    return f"{times['p50']:.1f} / {times['p95']:.1f}"


def show(heads: list[str], rows: list[list[Any]]) -> None:
    """A plain table; all but the first column to the right."""
    lines = [heads, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    for line in lines:
        first, *rest = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join([first, *rest]))
    print(flush=True)
