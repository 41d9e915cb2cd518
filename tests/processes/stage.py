"""Light, a house with a database of its own, and its workers as processes, for one run."""

import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import InterfaceError, OperationalError, connection

from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import ExistingPair, Switches
from tests.processes import mortal
from tests.processes.checker import Light, violations
from tests.processes.house import Databases, House, at_home
from tests.processes.points import Point

PATIENCE = 180  # seconds for what takes about six on an idle machine
BAD_LOG = re.compile(r"database is locked|deadlock detected|\bERROR\b|Traceback")
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.processes.mortal"])


class Stage:
    """What every run has; `play` is what happens in it. All chances come from `seed`."""

    bad_log = BAD_LOG

    def __init__(self, databases: Databases, seed: str) -> None:
        self.dice = random.Random(seed)
        self.violations: list[str] = []
        self.times = databases.times
        self.patience = PATIENCE * databases.slowness
        self.lock_wait = databases.lock_wait
        self._databases = databases
        self._name = f"run_{uuid4().hex[:8]}"
        self._workers: list[ForkServerProcess] = []
        self._logs: list[Path] = []

    def play(self) -> None:
        """Let things be done, and see to it that workers do them."""
        raise NotImplementedError

    def go(self) -> list[str]:
        """Everything that is not as it has to be, as sentences."""
        folder = self._databases.folder
        store = folder / f"{self._name}.light"
        shutil.copyfile(self._databases.light, store)
        self.database = self._databases.copy(self._name)
        try:
            with self._light(store) as self.sandbox, at_home(self.database):
                self._go()
        finally:
            self._databases.drop(self.database)
            for file in folder.glob(f"{self._name}*"):
                file.unlink()
        return self.violations

    def _light(self, store: Path) -> Sandbox:
        switches = Switches(
            existing_pair=self.dice.choice(list(ExistingPair)),
            link_touches_updated_at=self.dice.random() < 0.5,
            posted_link_listed=self.dice.random() < 0.5,
        )
        return Sandbox(store=str(store), switches=switches, seed=self.dice.randrange(1000))

    def _go(self) -> None:
        self.house = House()
        light = Light(self.sandbox.url, self.sandbox.key)
        before = light.books()
        try:
            self.play()
            ended = self.wait(self.house.states, "tells its states")
            self.violations += violations(
                before, light.books(), light.calls(), self.house.notebook, ended
            )
        finally:
            self._end_workers()
        self._check_logs()

    # --- workers ---------------------------------------------------------------------------
    def start(
        self, point: Point | None = None, nth: int = 1, how: signal.Signals = signal.SIGKILL
    ) -> ForkServerProcess:
        """A worker; one that ends at a point, where it comes there."""
        log = self._databases.folder / f"{self._name}.worker{len(self._workers)}"
        house = self.times | {"LIGHT_API_URL": self.sandbox.url, "LIGHT_API_KEY": self.sandbox.key}
        worker = forks.Process(
            target=mortal.work, args=(self.database, house, log, point, nth, how), daemon=True
        )
        worker.start()
        self._workers.append(worker)
        self._logs.append(log)
        return worker

    def comes_to_its_point(self, worker: ForkServerProcess) -> None:
        self.wait(self.mark_of(worker).exists, "comes to its point")

    def mark_of(self, worker: ForkServerProcess) -> Path:
        """The file that says that it has come to its point."""
        return mortal.reached(self._logs[self._workers.index(worker)])

    def thaw(self, worker: ForkServerProcess) -> None:
        """Let it go on, if it has not been ended meanwhile."""
        assert worker.pid is not None
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGCONT)

    def _end_workers(self) -> None:
        """Politely; one that has to be killed did not listen."""
        for worker in self._workers:
            if worker.is_alive():
                self.thaw(worker)
                worker.terminate()
        for worker in self._workers:
            worker.join(self.patience)
            if worker.is_alive():
                worker.kill()
                self.violations.append("A worker did not end when it was told to.")

    # --- waiting and looking ----------------------------------------------------------------
    def comes_to_rest(self) -> None:
        self.wait(self.house.at_rest, "comes to rest")

    def wait(self, until: Callable[[], Any], what: str) -> Any:
        """Until it says yes; what it says."""
        deadline = time.monotonic() + self.patience
        while not (said := self.asked(until)):
            if time.monotonic() > deadline:
                raise AssertionError(f"It never {what}: {self._story()}")
            time.sleep(0.1)
        return said

    def asked(self, question: Callable[[], Any]) -> Any:
        """Its answer; None where the database is away."""
        try:
            return question()
        except (OperationalError, InterfaceError):
            connection.close()
            return None

    def _check_logs(self) -> None:
        for log in self._logs:
            for line in log.read_text().splitlines() if log.exists() else ():
                if self.bad_log.search(line):
                    self.violations.append(f"A worker logged: {line}")

    def _story(self) -> str:
        logs = [log.read_text()[-2000:] for log in self._logs if log.exists()]
        return "\n".join([str(self.asked(self.house.states)), *logs])
