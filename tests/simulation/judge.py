"""What must hold, judged by Light's books and by what people did; it asks nothing of the core."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from clearing.deciding import Content
from tests.simulation.books import POSTED, TAKES_LINKS, Row, State
from tests.simulation.house import FINAL, IN_FLIGHT, Attempt, Line

if TYPE_CHECKING:
    from tests.simulation.run import Run

LINKABLE = ("POSTED", "PARTIALLY_CLEARED")
HOSTS = ("https://api.light.example/",)


class Violation(Exception):
    """An invariant does not hold; the text says which, and where."""


class Approved(NamedTuple):
    """What people really did: who asked for what, and who, or which rule, let it be sent."""

    content: Content
    asked_by: int
    approved_by: int | None
    rule: str


class Judge:
    """Told of everything that happens, at the moment it happens."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.approved: dict[int, Approved] = {}
        self.calls: dict[int, int] = {}  # bytes that left, by line
        self.requests: deque[float] = deque()
        self.total = 0
        self.quiet_until = -1.0  # Light asked us to wait until then
        self.denied_at: float | None = None
        self.looked_at: dict[int, float] = {}  # when the look began that counts
        self.sent_after: dict[int, float] = {}  # when the look before a call began
        self.yes: set[int] = set()  # lines whose own call Light has confirmed
        self.claimed_at: dict[int, float] = {}

    # --- requests -----------------------------------------------------------------------------
    def key_sent_to(self, url: str) -> None:
        """A request with the key goes to this address."""
        if not url.startswith(HOSTS):
            raise Violation(f"the key was sent to {url}")

    def request(self) -> None:
        """A request has its turn."""
        now, sent = self.run.time, self.requests
        self.total += 1
        sent.append(now)
        while sent[0] <= now - 60:
            sent.popleft()
        on_time = self.run.weather.jump <= 0  # a clock that is set on shortens every wait
        if len(sent) > self.run.weather.ceiling and on_time:
            raise Violation(f"{len(sent)} requests within a minute")
        if now < self.quiet_until - 1e-5 and on_time:  # the database counts in microseconds
            raise Violation("a request although Light asked us to wait")

    def told_to_wait(self, value: str | None) -> None:
        """A 429 with this Retry-After reached us: no request for as long as it says, 1 to 300 s."""
        try:
            wait = float(value or "30")
            wait = 30 if wait != wait else wait
        except ValueError:
            wait = 1 if "GMT" in (value or "") else 30
        self.quiet_until = max(self.quiet_until, self.run.time + min(max(wait, 1), 300))

    def denied(self) -> None:
        """Light does not accept the key, and has told us."""
        self.denied_at = self.run.time if self.denied_at is None else self.denied_at

    def key_works(self) -> None:
        self.denied_at = None

    def byte(self, attempt: Attempt, content: Content) -> None:
        """A byte of a write leaves for Light."""
        line = attempt.line
        self.calls[line.pk] = self.calls.get(line.pk, 0) + 1
        if line.state != "sending" or not attempt.is_open:
            clock_was_set = self.run.weather.jump > 0 and line.state == "unknown"
            if not clock_was_set:
                raise Violation(f"a call for line {line.pk}, which is {line.state}")
        if attempt.sent_at is None or attempt.before is None:
            raise Violation(f"a call for line {line.pk} that is not marked as sent")
        if any(
            one is not line
            and one.state in IN_FLIGHT
            and (one.note == line.note or (line.invoice and one.invoice == line.invoice))
            for one in self.run.house.lines
        ):
            raise Violation(f"two lines in flight on a document of line {line.pk}")
        if self.denied_at is not None and self.claimed_at.get(line.pk, 0) > self.denied_at:
            raise Violation(f"line {line.pk} is sent although Light refuses the key")
        self.sent_after[line.pk] = self.run.time if attempt.began is None else attempt.began
        self._may_be_sent(line, content)
        for what, fits in fitting(content):
            if not any(fits(state) for state in self._shown(self.sent_after[line.pk])):
                raise Violation(f"a call for line {line.pk}, although {what}")

    def _may_be_sent(self, line: Line, content: Content) -> None:
        """A second person has approved exactly this, or the named rule allows one."""
        known = self.approved.get(line.pk)
        if known is None or known.content != content:
            raise Violation(f"a call for line {line.pk}, which nobody approved as it is")
        if known.approved_by is None and not self._exempt(known):
            raise Violation(f"a call for line {line.pk} without a second person")
        if known.approved_by is not None and known.approved_by == known.asked_by:
            raise Violation(f"a call for line {line.pk} that its own proposer approved")
        if line.after is not None and line.after.state != "done":
            raise Violation(f"a call for line {line.pk} before the step before it is done")

    def _exempt(self, known: Approved) -> bool:
        content, rules = known.content, self.run.rules
        if rules.second_person_always or content.trial:
            return False
        amount = content.amount or 0
        return {
            "one_person_removes": content.kind == "unlink",
            "one_person_lowers": content.kind == "amend"
            and amount < (content.previous_amount or 0),
            "one_person_discards": content.kind == "archive" and content.of_draft,
            "one_person_posts": content.kind == "post",
            "under_limit": content.kind == "link" and amount < rules.exempt_under.get("EUR", 0),
        }.get(known.rule, False)

    # --- what Light does ----------------------------------------------------------------------
    def applied(self, line: Line, moved: dict[UUID, float]) -> None:
        """Light has just done what a call of ours asked; `moved`: when documents changed before."""
        mine = [effect for effect in self.run.light.effects if effect.by == line.pk]
        if len(mine) > 1:
            raise Violation(f"line {line.pk} was done {len(mine)} times in Light")
        if line.state in FINAL and line.state != "done":
            raise Violation(f"Light did line {line.pk}, which had ended as {line.state}")
        content, checks = line.content, self.run.light.switches.checks_sums
        more = (content.amount or 0) > (content.previous_amount or 0)
        if content.kind in ("link", "amend") and more and not checks:
            for document in documents(line.content):
                self._sum(line, document, moved[document])

    def _sum(self, line: Line, document: UUID, moved: float) -> None:
        """Our links never exceed a document; nor does any, where a look could have shown it."""
        light = self.run.light
        rows = [r for r in light.state.links if document in (r.note, r.invoice) and r.by]
        done = [c for c in light.state.cleared if document in (c.note, c.invoice) and c.by]
        ours = sum(r.amount for r in rows if not r.posted) + sum(c.amount for c in done)
        amount = self.run.largest[document]
        if ours > amount and light.switches.existing in ("refused", "replaced"):
            raise Violation(f"our links take {ours} of a document of {amount}")
        left = light.free(document) if document in light.state.notes else light.open(document)
        known = moved < self.sent_after[line.pk] - self.run.weather.lag
        if left < 0 and known and light.switches.listed_on == "both":
            raise Violation(f"line {line.pk} takes more than was left, as a look had shown")

    # --- what we say --------------------------------------------------------------------------
    def concludes(self, line: Line, began: float) -> None:
        """What is done next with this line follows from a look that began then."""
        self.looked_at[line.pk] = began

    def said_yes(self, line: Line) -> None:
        self.yes.add(line.pk)

    def stepped(self, line: Line, before: str, step: str) -> None:
        """A line has just changed its state."""
        if before in FINAL:
            raise Violation(f"line {line.pk} had ended as {before}, and is {line.state} now")
        if step == "claim":
            self.claimed_at[line.pk] = self.run.time
        elif line.state == "done":
            self._seen_in_light(line, step)
        elif line.state in FINAL:
            self._nothing_stands(line)

    def _seen_in_light(self, line: Line, step: str) -> None:
        """Light confirmed this call, or its books showed the result while we looked."""
        if line.pk in self.yes and not line.content.archives:
            return
        by_person = step == "settle_done"
        since = self.looked_at.get(line.pk, self.run.time)
        if any(self._result(line.content, state, by_person) for state in self._shown(since)):
            return
        raise Violation(f"line {line.pk} is done, but Light has not shown it")

    def _shown(self, since: float) -> Iterator[State]:
        """Every state of the books that a look that began then can have shown."""
        for at, state in reversed(self.run.light.history):
            yield state
            if at <= since - self.run.weather.lag:
                return

    def _result(self, content: Content, state: State, by_person: bool) -> bool:
        """Whether the books hold what a line asks for.

        A person may take another amount for a link, and half of an undoing for it.
        """
        note, invoice = content.credit_note_id, content.invoice_payable_id
        if content.kind == "archive":
            return state.notes[note].status == "ARCHIVED"
        if content.kind == "post":
            return state.notes[note].status in ("POSTED", "PARTIALLY_CLEARED", "CLEARED")
        links = [r.amount for r in state.links if (r.note, r.invoice) == (note, invoice)]
        cleared = sum(c.amount for c in state.cleared if (c.note, c.invoice) == (note, invoice))
        if content.kind == "unlink":
            return not links
        if content.kind == "reverse":
            archived = not content.archives or state.notes[note].status == "ARCHIVED"
            return not cleared and (archived or by_person)
        if by_person and content.kind == "link":
            return bool(links or cleared)
        return content.amount in links or cleared == content.amount

    def _nothing_stands(self, line: Line) -> None:
        """We say that it is not in Light: nothing that we did there may stand."""
        for effect in self.run.light.effects:
            if effect.by == line.pk and effect.stands(self.run.time):
                raise Violation(f"line {line.pk} is {line.state}, but Light did it")

    # --- the end ------------------------------------------------------------------------------
    def close(self) -> None:
        """Light is well again and time has passed."""
        for line in self.run.house.lines:
            if self.run.house.moves(line):
                raise Violation(f"line {line.pk} is {line.state} for ever")
            self._trail(line)

    def _trail(self, line: Line) -> None:
        """Each state follows from the one before it, and each change has its event."""
        state = ""
        for event in self.run.house.trail:
            if event.line == line.pk:
                if event.was != state:
                    raise Violation(f"line {line.pk}: the trail does not say how it left {state}")
                state = event.now
        if state != line.state:
            raise Violation(f"line {line.pk}: the trail ends with {state}, not {line.state}")


def fitting(content: Content) -> list[tuple[str, Callable[[State], bool]]]:
    """What a look has to show before this is sent; each with the words for what is wrong."""
    note, invoice = content.credit_note_id, content.invoice_payable_id
    found: list[tuple[str, Callable[[State], bool]]] = [
        ("its note was changed", lambda s: s.notes[note].amount == content.credit_note_amount),
    ]
    if content.kind == "post":
        found += [("it is no draft", lambda s: s.notes[note].status == "DRAFT")]
    if content.kind == "archive":
        stands = "DRAFT" if content.of_draft else "POSTED"
        found += [("its status is another one", lambda s: s.notes[note].status == stands)]
    if invoice is None:
        return found
    pair = (note, invoice)
    found += [
        ("its invoice was changed", lambda s: s.invoices[invoice].amount == content.invoice_amount)
    ]
    if content.kind == "link":
        found += [
            ("they are linked", lambda s: pair not in {(r.note, r.invoice) for r in s.links}),
            ("its invoice is settled", lambda s: s.invoices[invoice].state in TAKES_LINKS),
            ("its note is used up", lambda s: s.notes[note].status in LINKABLE),
        ]
    elif content.kind in ("amend", "unlink"):
        was = content.amount if content.kind == "unlink" else content.previous_amount
        found += [
            ("its link is another one", lambda s: Row(*pair, was or 0) in _plain(s)),
            ("its invoice is posted", lambda s: s.invoices[invoice].state not in POSTED),
        ]
    elif content.kind == "reverse":
        found += [
            ("its clearing is gone", lambda s: pair in {(c.note, c.invoice) for c in s.cleared})
        ]
    return found


def _plain(state: State) -> list[Row]:
    return [row._replace(by=None, posted=False) for row in state.links]


def documents(content: Content) -> tuple[UUID, ...]:
    """The ids of the documents that a line names."""
    return tuple(one for one in (content.credit_note_id, content.invoice_payable_id) if one)
