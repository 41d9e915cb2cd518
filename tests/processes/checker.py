"""Whether Light's books hold what was approved and nothing else, each thing once.

Independent of the product: it reads Light's side over HTTP (the books before and after, the calls
that came), the notes of those who approved, and how each of their lines is said to have ended.
Amounts are in the smallest unit of the currency.
"""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Books = dict[str, Any]
Pair = tuple[str, str]
DONE, OPEN = "done", "needs_person"
ENDED = (DONE, OPEN, "refused", "not_applied", "fallen", "taken_back")
TURNED_AWAY = (401, 403, 429)  # by these Light says that it did nothing
ANOTHERS = ("link", "change_link", "unlink")  # acts of another user of Light


@dataclass(frozen=True)
class Approval:
    """What somebody let be done once: noted when it was approved."""

    line: int
    kind: str
    note: str
    invoice: str = ""
    amount: int = 0
    clearing: str = ""  # of a reverse: the document that has cleared

    def __str__(self) -> str:
        return f"{self.kind} of line {self.line}"

    @property
    def call(self) -> tuple[str, str, int | None]:
        """Method, path and amount of the one call that it allows."""
        note, pair = f"/v1/credit-notes/{self.note}", f"/invoice-payables/{self.invoice}"
        return {
            "link": ("POST", note + pair, self.amount),
            "amend": ("PATCH", note + pair, self.amount),
            "unlink": ("DELETE", note + pair, None),
            "archive": ("POST", f"{note}/archive", None),
            "post": ("POST", f"{note}/post", None),
            "reverse": ("POST", f"/v1/invoice-payables/{self.invoice}/reverse-clearing", None),
        }[self.kind]  # type: ignore[return-value]


class Light:
    """The sandbox's other door: its books and the calls that came, as JSON over HTTP."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def books(self) -> Books:
        return self._get("/admin/books")

    def calls(self) -> list[dict[str, Any]]:
        """The writes that came, in their order."""
        return self._get("/admin/requests")["writes"]

    def _get(self, path: str) -> Any:
        headers = {"Authorization": f"Basic {self._key}"}
        request = urllib.request.Request(self._url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def violations(
    before: Books,
    after: Books,
    calls: list[dict[str, Any]],
    approvals: list[Approval],
    ended: Mapping[int, str],
) -> list[str]:
    """Each as a sentence; empty where everything is as it has to be."""
    found = [*_lost(approvals, ended), *_called(calls, approvals)]
    found += _bound(before, after, approvals, ended)
    found += _standing(before, after, approvals, ended)
    return found + list(_too_much(after))


def _lost(approvals: list[Approval], ended: Mapping[int, str]) -> Iterator[str]:
    for one in approvals:
        if one.line not in ended:
            yield f"Nobody knows of the {one} any more."
        elif ended[one.line] not in ENDED:
            yield f"The {one} has not come to an end: it is {ended[one.line]}."


def _called(calls: list[dict[str, Any]], approvals: list[Approval]) -> Iterator[str]:
    """No call without an approval, and none again that Light may have carried out."""
    allowed = Counter(one.call for one in approvals)
    made: Counter[Any] = Counter()
    for one in calls:
        amount = json.loads(one["body"]).get("amount") if one["body"] else None
        key = (one["method"], one["path"], amount)
        made[key] += one["status"] not in TURNED_AWAY
        if key not in allowed:
            yield f"Nobody approved {_words(key)}."
    for key, times in made.items():
        if key in allowed and times > allowed[key]:
            yield f"{_words(key)} was sent {times} times, approved {allowed[key]} times."


def _words(call: tuple[str, str, int | None]) -> str:
    method, path, amount = call
    return f"{method} {path}" + (f" of {amount}" if amount is not None else "")


def _bound(
    before: Books, after: Books, approvals: list[Approval], ended: Mapping[int, str]
) -> Iterator[str]:
    """What binds each credit note to an invoice is what the approved lines make of it."""
    was, now = amounts(before), amounts(after)
    moved = _of_others(before, after)
    named = {(one.note, one.invoice) for one in approvals if one.invoice}
    for pair in sorted(was.keys() | now.keys() | named | moved.keys()):
        allowed = {moved.get(pair, was[pair])}
        for one in approvals:
            if (one.note, one.invoice) == pair:
                allowed = set(_effects(one, allowed, ended.get(one.line, OPEN)))
        if now[pair] not in allowed:
            either = " or ".join(str(n) for n in sorted(allowed))
            yield f"Light binds {pair[0]} to {pair[1]} with {now[pair]}; approved is {either}."


def _effects(one: Approval, amounts: set[int], state: str) -> Iterator[int]:
    """What a line makes of the amount of its pair; both where nobody knows."""
    for amount in amounts:
        if state != DONE:
            yield amount
        if state in (DONE, OPEN):
            yield one.amount if one.kind in ("link", "amend") else 0


def _of_others(before: Books, after: Books) -> dict[Pair, int]:
    """What another user of Light has made of a pair meanwhile."""
    found = {}
    for act in after["acts"][len(before["acts"]) :]:
        if act["action"] in ANOTHERS:
            given = act["given"]
            pair = (given["creditNote"], given["invoicePayable"])
            found[pair] = given.get("amount", 0)
    return found


def amounts(books: Books) -> Counter[Pair]:
    """By pair: planned, and cleared without being undone."""
    found: Counter[Pair] = Counter()
    for row in books["links"]:
        if row["active"]:
            found[row["creditNoteId"], row["invoicePayableId"]] += row["amount"]
    for row in books["clearings"]:
        if row["type"] == "CN" and not row["reversed"]:
            found[row["creditNoteId"], row["invoicePayableId"]] += row["amount"]
    return found


def _standing(
    before: Books, after: Books, approvals: list[Approval], ended: Mapping[int, str]
) -> Iterator[str]:
    """A credit note is posted or cancelled where that was approved, and nowhere else."""
    was = {note["id"]: note["status"] for note in before["creditNotes"]}
    uses = {"POSTED", "PARTIALLY_CLEARED", "CLEARED"}  # by what it has cleared: see _bound
    for note in after["creditNotes"]:
        allowed = {was[note["id"]]}
        for one in approvals:
            if one.note != note["id"]:
                continue
            state, result = ended.get(one.line, OPEN), _result(one)
            if result and state == DONE:
                allowed = {result}
            elif result and state == OPEN:
                allowed.add(result)
        if allowed & uses:
            allowed |= uses
        if note["status"] not in allowed:
            either = " or ".join(sorted(allowed))
            yield f"Credit note {note['id']} is {note['status']}; approved is {either}."


def _result(one: Approval) -> str:
    return {"archive": "ARCHIVED", "post": "POSTED"}.get(one.kind, "")


def _too_much(books: Books) -> Iterator[str]:
    """No document gives or takes more than it has."""
    taken: Counter[str] = Counter()
    for (note, invoice), amount in amounts(books).items():
        taken[note] += amount
        taken[invoice] += amount
    for document in books["creditNotes"] + books["invoicePayables"]:
        if taken[document["id"]] > (document["amount"] or 0):
            yield f"{document['id']} is used for {taken[document['id']]}, more than it has."
