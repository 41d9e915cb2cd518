"""One run: a worker ends at its point, others go on, and Light's books are checked afterwards."""

import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess

from clearing.models import InvoicePayable
from tests.processes import company
from tests.processes.checker import Approval
from tests.processes.house import Databases
from tests.processes.points import PLAIN, Point
from tests.processes.scenes import SCENES
from tests.processes.stage import Stage

BRIEFLY = 0.3  # seconds beyond the lease


@dataclass(frozen=True)
class Plan:
    """Where the worker ends, how, and the seed of everything else."""

    point: Point
    how: signal.Signals
    seed: int

    def __str__(self) -> str:
        return f"{self.point}-{self.how.name}-{self.seed}"

    @property
    def kind(self) -> str:
        """What the line does that comes to the point: another with each seed."""
        names = self.point.kinds
        shift = sum(map(ord, self.point.name)) + (self.how == signal.SIGSTOP)
        return names[(self.seed + shift) % len(names)]


class Run(Stage):
    """A line of the plan's kind comes to the plan's point; two others are approved meanwhile."""

    def __init__(self, plan: Plan, databases: Databases) -> None:
        super().__init__(databases, seed=str(plan))
        self.plan = plan

    def play(self) -> None:
        point = self.plan.point
        self.house.let(self.plan.kind)
        scene = SCENES[point.scene](self)
        next(scene)
        first = self.start(point, self._nth(), self.plan.how)
        self._freeze_briefly(first)
        if point.scene == "plain":
            self._let_others()
        next(scene, None)
        self.comes_to_its_point(first)
        if point.scene != "plain":
            self._let_others()
        if self.dice.random() < 0.3:
            self.sandbox.faults.use("flaky")
        self._others_go_on(first)

    def _nth(self) -> int:
        """Which passing: a move comes to most points twice, and each line reads several times."""
        if self.plan.point.many:
            return self.dice.randint(1, 6)
        twice = self.plan.kind == "move" and self.plan.point.scene == "plain"
        return self.dice.randint(1, 2) if twice else 1

    def _let_others(self) -> None:
        """More is approved: while workers run, or while none does."""
        others = [kind for kind in company.KINDS if kind != self.plan.kind]
        for kind in self.dice.sample(others, 2):
            time.sleep(self.dice.random() * 0.1)
            self.house.let(kind)

    def _freeze_briefly(self, worker: ForkServerProcess) -> None:
        """Where it stops with locks in its hands: for longer than its lease, if others wait so
        long for a lock; from when it stops, whoever waits for it meanwhile."""
        if self.plan.how == signal.SIGSTOP and self.plan.point.brief:
            threading.Thread(target=self._thaw_in_time, args=[worker], daemon=True).start()

    def _thaw_in_time(self, worker: ForkServerProcess) -> None:
        mark, deadline = self.mark_of(worker), time.monotonic() + self.patience
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(min(self.times["LEASE"] + BRIEFLY, self.lock_wait / 2))
        self.thaw(worker)

    def _others_go_on(self, first: ForkServerProcess) -> None:
        """Until all is at rest, with the frozen one among them again."""
        self.start()
        if self.dice.random() < 0.3:
            self.start()
        if self.dice.random() < 0.2:
            self.start(self.dice.choice(PLAIN))  # and perhaps the next one dies as well
        self.comes_to_rest()
        if self.plan.how == signal.SIGSTOP and not self.plan.point.brief:
            self.thaw(first)
            time.sleep(0.5)  # for it to do what it must not do
            self.comes_to_rest()

    # --- for scenes ------------------------------------------------------------------------
    @property
    def first(self) -> Approval:
        return self.house.notebook[0]

    def state_of(self, approval: Approval) -> str | None:
        return self.house.states().get(approval.line)

    def link_in_light(self, approval: Approval) -> None:
        """Another user of Light links this pair with its amount."""
        pair = {"creditNote": approval.note, "invoicePayable": approval.invoice}
        self.sandbox.act("link", **pair, amount=approval.amount)

    def link_elsewhere(self, approval: Approval) -> None:
        """Another user of Light links the credit note to another invoice."""
        other = InvoicePayable.objects.get(invoice_number=company.INVOICES["other"])
        pair = {"creditNote": approval.note, "invoicePayable": str(other.id)}
        self.sandbox.act("link", **pair, amount=500)

    def person_says(self, decision: str) -> None:
        line = self.wait(self.house.waits_for_person, "waits for a person")
        self.house.says(line, decision)

    def dies(self, point: Point) -> None:
        """A worker ends at this point before the one of the plan starts."""
        worker = self.start(point)
        self.comes_to_its_point(worker)
        worker.join(self.patience)
