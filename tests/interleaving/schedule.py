"""One seed: who goes next and what breaks; then a calm time, after which all must be settled."""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from clearing import known, workflow
from clearing.light.errors import LightError
from clearing.management.commands import worker
from clearing.models import Edit, Instruction
from clearing.sandbox.switches import (
    DeleteLinkOfPosted,
    ExistingPair,
    Ids,
    LinkOnPosted,
    Switches,
)
from clearing.services import editing, mirroring, reviewing, sending
from tests.interleaving import actors, checker
from tests.interleaving.actors import Actor
from tests.interleaving.clock import Clock
from tests.interleaving.house import SAYS, House, People
from tests.interleaving.light import Light
from tests.interleaving.machinery import installed
from tests.interleaving.others import somebody_acts

TURNS = (40, 120)  # of all actors together, before the calm time
CALM = [31.0] * 9 + [130.0] * 4 + [3700.0] * 4  # seconds between two looks at what is due
PAUSES = [1, 5, 15, 31, 31, 31, 31, 61, 130]  # seconds; a look, a lease or more
AGAIN = "pytest tests/interleaving --interleaving"
OPEN = ("ready", "sending", "unknown")


WAITS_FOR_A_READ = Q(state="ready", after__state="done")


class Trouble(logging.Handler):
    """Errors of ours that were caught and logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else ""
        self.found.append(f"an error of ours was logged: {record.getMessage()} {error!r}")


class Schedule:
    """Everything about one run that its seed decides."""

    def __init__(self, seed: int, people: People, bug_shows: Sequence[str] | None = None) -> None:
        """bug_shows: an experiment, links only, whose writes go wrong in these ways (or in any)."""
        self.seed, self.dice = seed, random.Random(seed)
        self.stories = None if bug_shows is None else [House.links]
        self.clock = Clock()
        self.light = Light(self.clock, self.dice, _switches(self.dice))
        self.house = House(self.light, people, self.dice)
        self.chance = self.dice.choice([0.0, 0.05, 0.15, 0.3] if bug_shows is None else [0.5])
        self.light.fates = bug_shows or self.light.fates
        self.disturbed = self.dice.random() < 0.5  # other users of Light act, too
        self.workers: list[Actor] = []
        self.requests: list[Actor] = []
        self.made = 0

    def run(self) -> list[str]:
        """What was wrong; nothing of it stays in the database."""
        with thrown_away(), caught_errors() as trouble, installed(self.light):
            self.house.furnish(self.stories)
            self.light.trouble = self.chance
            for _ in range(2):
                self._new_worker()
            for _ in range(self.dice.randint(*TURNS)):
                self._turn()
            self._calm_down()
            wrong = [*checker.problems(self.house), *self.light.problems, *trouble.found]
            wrong += [f"{one.name} ended: {one.error!r}" for one in self.workers if one.error]
            wrong += [f"{one.name} ended: {one.error!r}" for one in self.requests if one.error]
            return list(dict.fromkeys(wrong))

    # --- trouble ------------------------------------------------------------------------------

    def _turn(self) -> None:
        for dead in [one for one in self.workers if one.over]:
            self._replace(dead)
        dice = self.dice.random()
        alive = [one for one in (*self.workers, *self.requests) if not one.over]
        if dice < (0.04 if self.stories is None else 0.08):
            self._kill(self.dice.choice([one for one in alive if not one.idle] or self.workers))
        elif dice < 0.1:
            self.house.somebody()
        elif dice < 0.12 and (edit := self.house.edits()):
            self.requests.append(Actor(f"request {len(self.requests)}", lambda: _request(edit)))
        elif dice < 0.14 and self.disturbed:
            somebody_acts(self.house, self.dice)
        elif dice < 0.15:
            self.clock.jump(self.dice.choice([-20, 20]))
        elif dice < 0.21 or all(one.idle for one in alive):
            self.clock.forward(self.dice.choice(PAUSES))
            for one in alive:
                one.idle = False  # each looks again whether there is something to do
        else:
            self.dice.choice(alive).turn()

    def _new_worker(self) -> None:
        self.made += 1
        name = f"worker {self.made}"
        self.workers.append(Actor(name, lambda: self._work(name)))

    def _kill(self, actor: Actor) -> None:
        """Where it stands, or in the middle of its next transaction."""
        how = self.dice.choice(["here", "here", "inside"])
        self.light.tell(f"{actor.name} is to die ({how}), now at: {actor.at}")
        actor.kill(how)

    def _replace(self, dead: Actor) -> None:
        self.light.tell(f"{dead.name} {dead.error or dead.at}")
        self.workers.remove(dead)
        self._new_worker()

    def _work(self, name: str) -> None:
        client = self.house.new_client()
        while True:
            if not self._step(client, name):
                actors.idle()

    @known.once()
    def _step(self, client: Any, name: str) -> bool:
        """As the worker's own step, as far as it sends; details are read as they are wanted."""
        now = workflow.now()
        steps: list[Callable[[], Any]] = [
            lambda: sending.send_one(client, worker=name, now=now),
            lambda: sending.settle_one(client, worker=name, now=now),
            lambda: editing.settle_one(client, now=now),
        ]
        if self.dice.random() < 0.2 or Instruction.objects.filter(WAITS_FOR_A_READ).exists():
            steps.append(lambda: mirroring.read_wanted(client, now=now))
        busy = worker._try("recovering", lambda: sending.recover(now))
        busy |= worker._try("recovering edits", lambda: editing.recover(now))
        return busy | any(worker._try("a step", step) for step in steps)

    # --- the calm time ------------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Light is well; whoever was frozen comes back or never does."""
        self.light.trouble = self.light.denied_until = 0.0
        for one in (*self.workers, *self.requests):
            if self.dice.random() < 0.5:
                one.kill()
            while not (one.over or one.idle):
                one.turn()
            one.kill()
        self.light.tell("Calm")
        self._wait()
        for line in Instruction.objects.filter(state="needs_person"):
            said = self.dice.choice(SAYS)
            self.light.tell(f"Anton says of {line.pk}: {said}")
            reviewing.settle(line, decision=said, by=self.house.approver)
        self._wait()

    def _wait(self) -> None:
        """Time passes until nothing is left to do by itself."""
        for seconds in CALM:
            for _ in range(40):
                if not self._step(self.house.client, "the last worker"):
                    break
            decided = Q(state="needs_person") & ~Q(decision="")
            lines = Instruction.objects.filter(Q(state__in=OPEN) | decided)
            edits = Edit.objects.filter(state__in=["sending", "unknown"])
            if not (lines.exists() or edits.exists()):
                break
            self.clock.forward(seconds)

    def story(self, wrong: list[str]) -> str:
        """For whoever has to understand it."""
        return "\n".join(
            [
                f"Schedule {self.seed}; again: {AGAIN} {self.seed}",
                *(f"  WRONG: {one}" for one in wrong),
                f"  Light: {self.light.store.switches}",
                *self.light.story,
            ]
        )


def _request(edit: Callable[[], None]) -> None:
    """A person's request: what a page tells the person is no error."""
    try:
        edit()
    except (workflow.Conflict, editing.Changed, LightError, ValueError):
        return


def _switches(dice: random.Random) -> Switches:
    flags = ("partially_cleared_linkable", "posted_link_listed", "link_touches_updated_at",
             "auto_allocation")  # fmt: skip
    return Switches(
        existing_pair=dice.choice(list(ExistingPair)),
        link_on_posted=dice.choice(list(LinkOnPosted)),
        delete_link_of_posted=dice.choice(list(DeleteLinkOfPosted)),
        ids_in_links=dice.choice(list(Ids)),
        **{name: dice.choice([False, True]) for name in flags},
    )


@contextmanager
def thrown_away() -> Iterator[None]:
    """All that happens to the database inside is undone; to Light's guard it is no transaction."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    connection.inc_thread_sharing()
    try:
        with block:
            yield
            transaction.set_rollback(True)
    finally:
        connection.dec_thread_sharing()


@contextmanager
def caught_errors() -> Iterator[Trouble]:
    """What `clearing` logs as an error meanwhile; nothing of it is shown."""
    logger, trouble = logging.getLogger("clearing"), Trouble()
    was = logger.propagate, logger.level
    logger.addHandler(trouble)
    logger.propagate = False
    logger.setLevel(logging.ERROR)
    try:
        yield trouble
    finally:
        logger.removeHandler(trouble)
        logger.propagate = was[0]
        logger.setLevel(was[1])


assert settings.QUARANTINE > 150, "late commits of these schedules must fit into the quarantine"
