"""The way to Light and back: the shared pace, the day's faults, answers as the client tells them.

What an answer means is told by the client's own mapping (light.errors, calling.answer_of).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clearing.deciding import Answer, Body, Content
from clearing.light import pace
from clearing.light.address import Address, NotFollowed
from clearing.light.errors import (
    LightError,
    LightNotSent,
    LightPaused,
    LightUnavailable,
    LightUncertain,
    LightUnreadable,
    error_from_answer,
)
from clearing.services.sending import calling
from tests.simulation.books import Reply

if TYPE_CHECKING:
    from tests.simulation.house import Attempt, Line
    from tests.simulation.run import Run

KEY, URL = "the-key", "https://api.light.example/v1"
ELSEWHERE = ("https://evil.example/x", "http://api.light.example/v1", "https://127.0.0.1/x", "")
RETRY_AFTER = (
    None,
    "",
    "0",
    "-5",
    "7",
    "120",
    "1e9",
    "nan",
    "soon",
    "Wed, 01 Jan 2020 00:00:00 GMT",
)
HTML = b"<html><body>502 Bad Gateway</body></html>"
MAX_WAIT = 5  # seconds for our turn
READ_FAULTS = ("unavailable", "timeout", "garbled", "other document", "redirect", "429")
WRITE_FAULTS = (  # what happens, and whether Light does it: now, late or not
    ("no connection", "no"), ("timeout", "no"), ("timeout", "now"), ("timeout", "late"),
    ("reset", "no"), ("reset", "now"), ("reset", "late"), ("5xx", "no"), ("5xx", "now"),
    ("5xx", "late"), ("conflict", "now"), ("conflict", "late"), ("redirect", "no"), ("429", "no"),
    ("garbled", "now"), ("garbled", "late"), ("another pair", "now"), ("another amount", "now"),
    ("another amount", "no"),
)  # fmt: skip


class Network:
    """One for all workers; a call is a generator that yields the seconds it takes."""

    def __init__(self, run: "Run") -> None:
        self.run, self.rng, self.weather = run, run.rng, run.weather
        self.budget = pace.Budget.fresh(run.now())
        self.address = Address(URL)
        self.answer_of = calling.answer_of  # planted bugs replace these
        self.follows_writes = False
        self.faults = 0
        self.timeout = 2 * run.rules.answer_within  # of a write's answer, as gateway.client

    # --- a read -------------------------------------------------------------------------------
    def read(self, document: UUID | None = None, *, urgent: bool = True) -> Iterator[float]:
        """GET of a document: returns the books as Light shows them. Raises LightError."""
        yield from self._turn(urgent=urgent)
        yield self.rng.uniform(0.02, 0.4)
        fault = self._fault(self.weather.bad_reads, READ_FAULTS)
        if fault is not None:
            yield from self._bad_read(fault)
        if document is not None and self.run.is_broken(document):
            raise LightUnreadable("Light's answer about this document cannot be read.")
        self._learn(200, {}, write=False)
        lag = self.rng.uniform(0, self.weather.lag) if self.weather.lag and self._rough() else 0
        return self.run.light.shown(self.run.time - lag)

    def _bad_read(self, fault: str) -> Iterator[float]:
        if fault == "timeout":
            yield self.rng.uniform(5, 30)
            raise LightUnavailable("Light gave no answer.")
        if fault in ("garbled", "other document"):
            raise LightUnreadable("Light's answer cannot be read.")
        if fault == "redirect":
            raise self._redirected()
        raise self._answered({"unavailable": 503, "429": 429, "401": 401}[fault], write=False)

    def _redirected(self) -> LightError:
        """A read follows redirects, but takes the key to allowed hosts only."""
        try:
            url = self.address.next(URL, self.rng.choice(ELSEWHERE))
        except NotFollowed as error:
            return LightUnreadable(str(error))
        if self.address.may_see_key(url):
            self.run.judge.key_sent_to(url)
        return LightUnreadable("Light redirects to a host that may not see the key.")

    # --- a write ------------------------------------------------------------------------------
    def write(self, attempt: "Attempt", content: Content, send_by: float) -> Iterator[float]:
        """The one call of an attempt: returns an Answer."""
        try:
            yield from self._turn(urgent=True)
            yield self.rng.uniform(0.01, 0.3)  # connecting
            if self.run.time >= send_by:
                raise LightNotSent("The time for sending was over before the call went out.")
            reply = yield from self._sent(attempt, content)
        except LightError as error:
            return self.answer_of(error)
        return Answer("yes", body=reply.body)

    def _sent(self, attempt: "Attempt", content: Content) -> Iterator[float]:
        """From the moment that a byte leaves. Raises LightError, or returns Light's Reply."""
        fault = self._fault(self.weather.bad_writes, WRITE_FAULTS)
        what, does = (fault, "no") if isinstance(fault, str) else fault or ("", "now")
        if what == "conflict":
            what = self._second_call(content)
        if what == "no connection":
            raise LightNotSent("Light cannot be reached.")
        self.run.judge.byte(attempt, content)
        self.run.tell(attempt.worker, "sends line %s (%s)", attempt.line.pk, what or "all is well")
        wait = self.timeout if what == "timeout" else self.rng.uniform(0.05, 2)
        if what == "" and self.rng.random() < 0.05:
            wait = self.rng.uniform(5, 1.5 * self.run.rules.answer_within)  # slow, but it comes
        reply = self._arrive(attempt.line, content, does, wait)
        yield wait
        self.run.tell("Light", "answers line %s: %s", attempt.line.pk, what or "its own answer")
        return self._answer(attempt, content, what, reply)

    def _second_call(self, content: Content) -> str:
        """What a proxy that has sent it twice gets for the second one, where that does nothing."""
        if content.kind == "unlink":
            return "404"
        return "conflict" if self.run.light.switches.existing == "refused" else "5xx"

    def _arrive(self, line: "Line", content: Content, does: str, wait: float) -> list[Reply]:
        """Have Light do it when the call arrives there; its answer will be in the list."""
        reply: list[Reply] = []
        if does == "no":
            return reply
        now = self.run.time
        given_up = now + min(wait, self.run.rules.answer_within)
        late = self.rng.choice((given_up + self.weather.latest, 0)) or self.rng.uniform(
            now + wait, given_up + self.weather.latest
        )
        at = late if does == "late" else now + self.rng.uniform(0.01, wait)
        self.run.at(at, lambda: reply.append(self.run.apply(content, line)))
        return reply

    def _answer(self, attempt: "Attempt", content: Content, what: str, reply: list[Reply]) -> Reply:
        """Light's answer as it reaches the worker."""
        if what in ("timeout", "reset"):
            self._learn(0, {}, write=True)
            raise LightUncertain("Light gave no answer.")
        if what == "garbled":
            raise LightUncertain("Light's answer cannot be read.", status=200)
        if what == "redirect":
            if self.follows_writes:
                self.run.judge.key_sent_to(ELSEWHERE[0])
            raise self._answered(self.rng.choice((301, 302, 307, 308)), write=True)
        if what in ("5xx", "conflict", "404", "429", "401"):
            code = {"5xx": self.rng.choice((500, 502, 503, 504)), "conflict": 409}.get(what)
            raise self._answered(code or int(what), write=True)
        if what.startswith("another") and content.kind == "unlink":
            raise LightUncertain("Light's answer cannot be read.", status=200)  # it names nothing
        answer = reply[0] if reply else Reply(200)
        if what == "another pair":
            other = self.run.light.id_of(self.rng.choice(list(self.run.light.state.invoices)))
            named = replace(self._named(content), amount=content.amount, currency="EUR")
            if other != named.invoice_payable_id:
                return self._lie(replace(named, invoice_payable_id=other, credit_note_id=other))
            raise LightUncertain("Light's answer cannot be read.", status=200)
        if what == "another amount":
            amount = (content.amount or 0) + 100
            known = self._named(content)
            return self._lie(replace(known, amount=amount, state="UNKNOWN"))
        if answer.status != 200:
            raise self._answered(answer.status, write=True, words=answer.words)
        self._learn(200, {}, write=True)
        self.run.judge.said_yes(attempt.line)
        return answer

    def _named(self, content: Content) -> Body:
        light, invoice = self.run.light, content.invoice_payable_id
        return Body(light.id_of(content.credit_note_id), light.id_of(invoice) if invoice else None)

    def _lie(self, body: Body) -> Reply:
        self._learn(200, {}, write=True)
        return Reply(200, body)

    # --- both ---------------------------------------------------------------------------------
    def _turn(self, *, urgent: bool) -> Iterator[float]:
        """Wait for our turn, at most MAX_WAIT seconds; LightPaused where that is too short."""
        waited = 0.0
        while (wait := self.take(urgent)) > 0:
            if waited + wait > MAX_WAIT:
                raise LightPaused(wait)
            yield wait
            waited += wait
        self.run.judge.request()

    def take(self, urgent: bool) -> float:
        self.budget, wait = pace.take(
            self.budget, self.run.now(), urgent=urgent, ceiling_minute=self.weather.ceiling
        )
        return wait

    def _learn(self, status: int, headers: dict[str, str], *, write: bool) -> None:
        self.budget = pace.learn(self.budget, self.run.now(), status, headers)
        if status == 401:
            self.run.house.stop(self.run.now())
        elif 200 <= status < 300 and self.run.house.stopped_at is not None:
            self.run.house.stopped_at = None  # the key works again, as SharedPace.after sees it
            self.run.judge.key_works()

    def _answered(self, status: int, *, write: bool, words: str = "") -> LightError:
        headers = {}
        if status == 429:
            value = self.rng.choice(RETRY_AFTER)
            headers = {} if value is None else {"Retry-After": value}
            self.run.judge.told_to_wait(value)
            self.run.tell("Light", "has too many requests; Retry-After: %s", value)
        if status == 401:
            self.run.judge.denied()
        self._learn(status, headers, write=write)
        body = f'{{"message": "{words}"}}'.encode() if words else HTML
        return error_from_answer(status, headers, body, write=write, secret=KEY)

    def _rough(self) -> bool:
        return self.run.time < self.weather.calm_at

    def _fault(self, probability: float, kinds: tuple[Any, ...]) -> Any:
        time, weather = self.run.time, self.weather
        found = None
        if weather.revoked[0] <= time < weather.revoked[1]:
            found = "401"
        elif weather.storm[0] <= time < weather.storm[1]:
            found = "429"
        elif time < weather.calm_at and probability and self.rng.random() < probability:
            found = self.rng.choice(kinds)
        self.faults += found is not None
        return found
