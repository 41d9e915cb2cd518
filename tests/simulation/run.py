"""One schedule: everything that happens in a few virtual hours, told by one seed."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from clearing.deciding import Content, Invoice, Note, Rules
from clearing.questions import TRIALS
from tests.simulation.books import ENTITY, LINE, VENDOR, Reply
from tests.simulation.house import House, Line
from tests.simulation.judge import Judge, Violation, documents
from tests.simulation.light import Light
from tests.simulation.network import Network
from tests.simulation.others import Others
from tests.simulation.people import People, words
from tests.simulation.switches import Switches, Weather
from tests.simulation.worker import Core, Worker

EPOCH = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PATIENCE = 8_000  # seconds after the storm, within which everything has to end
Story = list[tuple[float, str, str]]


@dataclass
class Result:
    """What became of one schedule."""

    seed: int
    violation: str = ""
    calls: int = 0
    requests: int = 0
    faults: int = 0
    lines: dict[str, int] = field(default_factory=dict)  # how many ended in which state


class Run:
    """The clock, the calendar, and everybody in it."""

    def __init__(
        self, seed: int, *, bug: Callable[["Run"], None] | None = None, story: Story | None = None
    ) -> None:
        self.seed, self.story, self.rng = seed, story, Random(seed)
        self.time, self.skew, self.pending, self.faults = 0.0, 0.0, 0, 0
        self._calendar: list[tuple[float, int, Callable[[], object]]] = []
        self._count, self._now = count(), (0.0, EPOCH)
        rng = self.rng
        quarantine = rng.choice((90.0, 120.0, 240.0))
        switches = Switches.of(seed)
        self.rules = Rules(
            partially_cleared_linkable=rng.random() < 0.5,
            posted_linkable=rng.random() < 0.7,
            unanswered=frozenset(rng.sample(TRIALS, rng.randint(0, 2))),
            second_person_always=rng.random() < 0.2,
            exempt_under={"EUR": 150},
            quarantine=quarantine,
            look_again=30.0,
            lease=rng.choice((60.0, 120.0)),  # longer than a look at both steps of a move
            answer_within=20.0,
        )
        self.weather = Weather.of(rng, quarantine, self.rules.look_again)
        self.light = Light(switches, *_books(rng))
        self.largest = {one.id: one.amount or 0 for one in self._documents()}
        self.broken: tuple[UUID, float] | None = None
        if rng.random() < 0.05:
            document = rng.choice(self._documents()).id
            self.broken = document, rng.uniform(0, self.weather.calm_at)
        self.judge = Judge(self)
        self.core, self.worker = Core(), Worker
        self.house = House(self.rules, self._stepped, self.is_broken)
        self.house.known = {one.id: one.id for one in self._documents()}
        self.net = Network(self)
        self.people, self.others = People(self), Others(self)
        if bug is not None:
            bug(self)

    # --- the clock ----------------------------------------------------------------------------
    def now(self) -> datetime:
        """The database's time."""
        at = self.time + self.skew
        if at != self._now[0]:  # asked often, at the same moment
            self._now = at, EPOCH + timedelta(seconds=at)
        return self._now[1]

    def at(self, time: float, do: Callable[[], object]) -> None:
        """Have this happen then."""
        self.pending += 1
        heapq.heappush(self._calendar, (time, next(self._count), lambda: self._happens(do)))

    def _happens(self, do: Callable[[], object]) -> None:
        self.pending -= 1
        do()

    def tell(self, who: str, text: str, *values: object) -> None:
        if self.story is not None:
            self.story.append((self.time, who, text % values))

    # --- what happens -------------------------------------------------------------------------
    def go(self) -> Result:
        """Play it to its end. Raises Violation."""
        self._set_up()
        end = max([self.weather.calm_at, *_ends(self.weather)]) + PATIENCE
        while self._calendar:
            time, _, do = heapq.heappop(self._calendar)
            if time > end:
                break
            self.time = time
            do()
            if not self.pending and self.house.settled():
                break
        self.judge.close()
        result = Result(self.seed, calls=sum(self.judge.calls.values()))
        result.requests, result.faults = self.judge.total, self.net.faults + self.faults
        for line in self.house.lines:
            result.lines[line.state] = result.lines.get(line.state, 0) + 1
        return result

    def _set_up(self) -> None:
        self.tell("the day", "%s", self.light.switches)
        self.tell("the day", "%s", self.weather)
        self.others.begin()
        self.people.begin()
        for row in self.light.state.links:
            self.tell("Light", "has note %s linked to invoice %s with %s",
                      row.note.int, row.invoice.int, row.amount)  # fmt: skip
        for number in range(self.weather.workers):
            self._start(f"worker {number + 1}")
        if self.rng.random() < 0.5:
            self.at(self.rng.uniform(0, self.weather.calm_at), self._sync)
        if self.weather.jump:
            self.at(self.rng.uniform(0, self.weather.calm_at), self._jump)

    def _sync(self) -> None:
        """A sync reads every document, and learns the ids that Light has for it."""
        for one in self._documents():
            self.house.known[self.light.id_of(one.id)] = one.id
        self.tell("a sync", "learns every id")

    def _jump(self) -> None:
        self.skew += self.weather.jump
        self.tell("the database", "has its clock set by %s s", self.weather.jump)

    def is_broken(self, document: UUID) -> bool:
        """Whether Light answers for ever with something about it that nobody can read."""
        return self.broken is not None and (document, True) == (
            self.broken[0], self.time > self.broken[1]
        )  # fmt: skip

    def apply(self, content: Content, line: Line) -> Reply:
        """A call of ours arrives in Light."""
        moved = {one: self.light.moved[one] for one in documents(content)}
        reply = self.light.do(content, self.time, line.pk)
        self.tell("Light", "takes line %s, %s: %s %s",
                  line.pk, words(content), reply.status, reply.words)  # fmt: skip
        if reply.status == 200 and not self._does_nothing(content):
            self.judge.applied(line, moved)
        return reply

    def _does_nothing(self, content: Content) -> bool:
        return self.light.switches.posted_link == "nothing" and content.kind == "link"

    def _stepped(self, line: Line, before: str, step: str) -> None:
        self.tell("the house", "line %s is %s (was %s)", line.pk, line.state, before)
        self.judge.stepped(line, before, step)
        self.people.stepped(line)
        self.others.stepped(line)

    # --- processes ----------------------------------------------------------------------------
    def _start(self, name: str) -> None:
        self._resume(name, self.worker(self, name).life(), self.rng.uniform(0, 5))

    def _resume(self, name: str, life: Iterator[float], after: float) -> None:
        wake = (self.time + after, next(self._count), lambda: self._wake(name, life))
        heapq.heappush(self._calendar, wake)

    def _wake(self, name: str, life: Iterator[float]) -> None:
        """Let a process go on; or kill it, or freeze it for a while."""
        weather = self.weather
        if self.time < weather.calm_at and (weather.kills or weather.freezes):
            what = self.rng.random()
            if what < weather.kills:
                self.tell(name, "is killed")
                self.faults += 1
                self.at(self.time + self.rng.uniform(1, 60), lambda: self._start(name))
                return
            if what < weather.kills + weather.freezes:
                self.tell(name, "is frozen")
                self.faults += 1
                self._resume_frozen(name, life)
                return
        self._resume(name, life, next(life))

    def _resume_frozen(self, name: str, life: Iterator[float]) -> None:
        def thaw() -> None:
            self.tell(name, "goes on")
            self._resume(name, life, next(life))

        self.at(self.time + self.rng.choice((5, 30, 100, 400)), thaw)

    def _documents(self) -> list[Note | Invoice]:
        return [*self.light.state.notes.values(), *self.light.state.invoices.values()]


def play(seed: int, *, bug: Callable[[Run], None] | None = None) -> Result:
    """One schedule; a violation is part of its result."""
    run = Run(seed, bug=bug)
    try:
        return run.go()
    except Violation as violation:
        return Result(seed, str(violation))


def story_of(seed: int, *, bug: Callable[[Run], None] | None = None) -> str:
    """The same schedule as a story to read: time, who, what."""
    story: Story = []
    try:
        Run(seed, bug=bug, story=story).go()
        end = "Everything holds."
    except Violation as violation:
        end = f"VIOLATION: {violation}"
    lines = [f"{time:9.2f} s  {who:22} {text}" for time, who, text in story]
    return "\n".join((f"Schedule {seed}", *lines, end))


def _ends(weather: Weather) -> list[float]:
    """When the key works again and the storm is over; of those that happen at all."""
    return [end for start, end in (weather.revoked, weather.storm) if start < weather.calm_at]


def _books(rng: Random) -> tuple[list[Note], list[Invoice]]:
    """Few documents, so that everybody meets."""
    day = date(2026, 11, 20)
    notes = [
        Note(UUID(int=n), f"CN-{n}", status, ENTITY, VENDOR, "EUR", amount, True, day, lines)
        for n, status, amount, lines in (
            (1, "POSTED", 300, ()), (2, "POSTED", 400, ()), (3, "DRAFT", 300, (LINE,)),
        )
    ]  # fmt: skip
    invoices = [
        Invoice(UUID(int=n), f"INV-{n}", "VENDOR_INVOICE", state, ENTITY, VENDOR, "EUR", 400, 400)
        for n, state in ((21, "IN_DRAFT"), (22, "IN_DRAFT"), (23, "UNPAID"))
    ]
    return notes, invoices
