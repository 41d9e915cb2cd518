"""Bugs planted into the services and what is around them; the schedules must catch each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from clearing import balances, deciding, workflow
from clearing.deciding import after, before, settling
from clearing.light import transport
from clearing.light.errors import LightNotSent, LightRefused, LightUncertain
from clearing.models import Attempt, Instruction
from clearing.services.sending import calling, claiming, looking, sending
from clearing.services.sending import settling as settling_service
from tests.interleaving.house import House

Patch = tuple[Any, str, Any]  # owner, name, what stands there instead


@dataclass(frozen=True)
class Bug:
    """What is replaced, and in which stories it has to show."""

    patches: Callable[[], list[Patch]]
    fates: tuple[str, ...] = ()  # of writes; empty: all of them


BUGS: dict[str, Bug] = {}


def planted(*fates: str) -> Callable[[Callable[[], list[Patch]]], Any]:
    """Its name is the function's, in words; `fates` are of those writes that go wrong."""

    def add(patches: Callable[[], list[Patch]]) -> Callable[[], list[Patch]]:
        BUGS[patches.__name__.replace("_", " ")] = Bug(patches, fates)
        return patches

    return add


@contextmanager
def with_bug(bug: Bug) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, value in bug.patches():
            stack.enter_context(patch.object(owner, name, value))
        yield


# --- the order of the steps -------------------------------------------------------------------


@planted()
def no_mark_before_sending() -> list[Patch]:
    return [(claiming, "mark_sent", lambda attempt, before: float("inf"))]


@planted()
def the_mark_after_the_call() -> list[Patch]:
    mark, call = claiming.mark_sent, calling.call

    def late(client: Any, content: Any, *, deadline: float) -> Any:
        called = call(client, content, deadline=deadline)
        attempt = Attempt.objects.filter(answered_at=None, sent_at=None).last()
        if attempt:
            mark(attempt, {})
        return called

    return [
        (claiming, "mark_sent", lambda attempt, before: float("inf")),
        (calling, "call", late),
    ]


@planted()
def a_call_inside_a_transaction() -> list[Patch]:
    call = calling.call

    def inside(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return call(*args, **kwargs)

    return [(calling, "call", inside)]


@planted("after silence")
def a_lease_that_sends_again() -> list[Patch]:
    return [(deciding, "lease_ended", lambda *, sent: deciding.PutBack("", 0))]


@planted()
def a_lease_that_nobody_minds_when_sending() -> list[Patch]:
    return [(deciding, "time_to_send", lambda *_: 1e9)]


@planted()
def a_claim_without_compare_and_swap() -> list[Patch]:
    def begin(line: Instruction, worker: str, now: Any) -> Attempt:
        line.refresh_from_db()
        was, line.state = line.state, "sending"
        line.save(update_fields=["state"])
        workflow.record("began to send", line, by=None, now=now, was=was)
        until = now + claiming.timedelta(seconds=120)
        return Attempt.objects.create(
            instruction=line, worker=worker, claimed_at=now, lease_until=until
        )

    return [(claiming, "_begin", begin)]


@planted()
def two_lines_of_a_document_in_flight() -> list[Patch]:
    """Within a schedule, whose end undoes that the indexes are dropped."""
    furnish = House.furnish

    def without_indexes(house: House, *stories: Any) -> None:
        with connection.cursor() as cursor:
            for document in ("credit_note", "invoice"):
                cursor.execute(f"DROP INDEX one_in_flight_per_{document}")
        furnish(house, *stories)

    def all_ready(now: Any) -> list[Instruction]:
        return list(Instruction.objects.filter(state="ready").select_related("proposal"))

    return [(House, "furnish", without_indexes), (claiming, "candidates", all_ready)]


# --- what an answer means ---------------------------------------------------------------------


def _write_that(again: Callable[[LightUncertain], bool]) -> list[Patch]:
    write = transport.Transport.write

    def twice(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return write(self, *args, **kwargs)
        except LightUncertain as error:
            if again(error):
                return write(self, *args, **kwargs)
            raise

    return [(transport.Transport, "write", twice)]


@planted("before 302", "after 307")
def a_redirect_of_a_write_followed() -> list[Patch]:
    return _write_that(lambda error: error.status in transport.REDIRECTS)


@planted("after cut", "before 504")
def a_write_repeated_by_the_client() -> list[Patch]:
    return _write_that(lambda error: True)


def _answers_as(kind: Any, meant: Callable[[LightUncertain], bool]) -> list[Patch]:
    answer_of = calling.answer_of

    def other(error: Any) -> Any:
        if isinstance(error, LightUncertain) and meant(error):
            error = kind(error.words, status=error.status)
        return answer_of(error)

    return [(calling, "answer_of", other)]


@planted("after 502", "before 503")
def a_5xx_taken_for_a_no() -> list[Patch]:
    return _answers_as(LightRefused, lambda error: (error.status or 0) >= 500)


@planted("late")
def silence_taken_for_not_sent() -> list[Patch]:
    return _answers_as(LightNotSent, lambda error: error.status is None)


@planted("other pair", "other amount")
def a_yes_that_nobody_compares() -> list[Patch]:
    return [(after, "_names_it", lambda *_: True)]


# --- what a look means ------------------------------------------------------------------------


@planted("late")
def no_quarantine() -> list[Patch]:
    real = deciding.quarantine

    def none(now: Any, rules: Any, *, at_once: bool = False) -> Any:
        return now, real(now, rules, at_once=at_once)[1]

    return [(deciding, "quarantine", none)]


@planted("before reset")
def links_compared_by_sum() -> list[Patch]:
    def find(content: Any, seen: Any) -> Any:
        total = sum(link.amount or 0 for link in seen.note_links)
        return settling.Finding("done" if total >= (content.amount or 0) else "absent")

    return [(settling, "find", find)]


@planted("after reset")
def updated_at_trusted() -> list[Patch]:
    """No new updatedAt, so nothing can have happened: believed without a look at the links."""
    look, decide, known = looking.look, settling_service._decide, {}

    def remember(client: Any, content: Any, *, line_id: int) -> Any:
        found = look(client, content, line_id=line_id)
        if found.raw.note:
            known.setdefault((line_id, found.raw.note.id), found.raw.note.updated_at)
        return found

    def trust(line: Instruction, *args: Any) -> Any:
        found, decision = decide(line, *args)
        note = found.raw.note if found else None
        if note and known.get((line.pk, note.id)) == note.updated_at:
            decision = deciding.NotApplied("Light has not touched it.")
        return found, decision

    return [(looking, "look", remember), (settling_service, "_decide", trust)]


@planted()
def no_look_before_sending() -> list[Patch]:
    decide = deciding.decide

    def blind(line: Any, seen: Any, *rest: Any) -> Any:
        decision = decide(line, seen, *rest)
        return deciding.Send() if line.state == "claimed" and seen else decision

    return [(sending.deciding, "decide", blind)]


@planted()
def adopted_with_another_amount() -> list[Patch]:
    def adopt(*_: Any) -> Any:
        return deciding.Adopt("Light showed this link already.")

    return [(before, "_linked_already", adopt)]


# --- what stands in our books -----------------------------------------------------------------


@planted()
def a_claim_that_leaves_no_trace() -> list[Patch]:
    record = workflow.record

    def some(verb: str, line: Any, **rest: Any) -> None:
        if verb != "began to send":
            record(verb, line, **rest)

    return [(workflow, "record", some)]


@planted()
def balances_that_are_not_stored() -> list[Patch]:
    return [(balances, "refresh_lines", lambda lines: None)]


# --- bugs that only one certain moment shows: the tests of that moment have to catch them ------


def one_absent_look() -> list[Patch]:
    return [(settling, "LOOKS", 1)]


def a_close_without_compare_and_swap() -> list[Patch]:
    def close(attempt: Attempt, answer: str, *, now: Any, **columns: Any) -> None:
        closed_at = "answered_at" if attempt.sent_at else "abandoned_at"
        columns |= {"answer": answer, closed_at: now}
        Attempt.objects.filter(pk=attempt.pk).update(**columns)

    return [(claiming, "close", close)]


def an_approval_that_nobody_compares() -> list[Patch]:
    decide = deciding.decide

    def trusting(line: Any, *rest: Any) -> Any:
        approval = replace(line.approval, as_approved=True)
        return decide(replace(line, approval=approval), *rest)

    return [(deciding, "decide", trusting)]
