"""Under /admin, outside Light's API, with the same key: look into the books, turn switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from clearing.sandbox import balances, fields
from clearing.sandbox.acts import act
from clearing.sandbox.errors import bad_request, not_found
from clearing.sandbox.faults import Faults
from clearing.sandbox.journal import Journal
from clearing.sandbox.limits import Limiter
from clearing.sandbox.messages import Request, Response, answer
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

Body = dict[str, Any]


def books(store: Store) -> Record:
    """All links and clearings, and each document with what is free or open; plain JSON."""
    notes = [
        {
            "id": note["id"],
            "documentNumber": note["_documentNumber"],
            "status": note["status"],
            "amount": note["amount"],
            "currency": note["currency"],
            "available": balances.credit_available(store, note),
        }
        for note in store.all("credit_note")
    ]
    invoices = [
        {
            "id": invoice["id"],
            "invoiceNumber": invoice["invoiceNumber"],
            "state": invoice["state"],
            "amount": invoice["amount"],
            "currency": invoice["currency"],
            "outstanding": balances.outstanding(store, invoice),
        }
        for invoice in store.all("invoice")
    ]
    links = [{**row, "active": balances.is_active(store, row)} for row in store.link_rows()]
    return {
        "links": links,
        "clearings": store.clearing_rows(),
        "creditNotes": notes,
        "invoicePayables": invoices,
        "acts": store.all("act"),
    }


class Admin:
    """Its requests are neither counted nor limited, and no fault meets them."""

    def __init__(self, store: Store, limiter: Limiter, faults: Faults, journal: Journal) -> None:
        self._store, self._limiter, self._faults = store, limiter, faults
        self._journal = journal
        self._calls: dict[tuple[str, str], Callable[[Body], Any]] = {
            ("GET", "/admin/requests"): lambda body: journal.summary(),
            ("DELETE", "/admin/requests"): self._forget,
            ("GET", "/admin/books"): lambda body: books(store),
            ("GET", "/admin/switches"): lambda body: asdict(store.switches),
            ("POST", "/admin/switches"): self._switch,
            ("POST", "/admin/faults"): self._fault,
            ("POST", "/admin/rate"): self._rate,
            ("POST", "/admin/act"): self._act,
        }

    def handle(self, request: Request) -> Response:
        call = self._calls.get((request.method, request.path))
        if call is None:
            raise not_found("Admin call")
        body = fields.parse(request.body) if request.method == "POST" else {}
        try:
            with self._store.lock:
                return answer(call(body))
        except (TypeError, ValueError) as error:
            raise bad_request(str(error)) from error

    def _forget(self, body: Body) -> Body:
        self._journal.reset()
        return self._journal.summary()

    def _switch(self, body: Body) -> Body:
        self._store.switches = self._store.switches.changed(body)
        return asdict(self._store.switches)

    def _fault(self, body: Body) -> Body:
        """{"profile": name}, {"clear": true}, or one fault's fields (faults.Fault)."""
        if body.get("clear"):
            self._faults.clear()
        elif "profile" in body:
            self._faults.use(body["profile"])
        else:
            self._faults.add(**body)
        return {"profile": self._faults.profile}

    def _rate(self, body: Body) -> Body:
        """{"per_minute": n or null, "per_day": n or null}; null is unlimited."""
        for name in body.keys() & {"per_minute", "per_day"}:
            if body[name] is not None and (type(body[name]) is not int or body[name] < 0):
                raise ValueError(f"{name} is a whole number or null.")
        self._limiter.per_minute = body.get("per_minute", self._limiter.per_minute)
        self._limiter.per_day = body.get("per_day", self._limiter.per_day)
        return {"per_minute": self._limiter.per_minute, "per_day": self._limiter.per_day}

    def _act(self, body: Body) -> Body:
        """{"as": who, "action": what, …}: see acts.ACTIONS and their parameters."""
        given = {name: value for name, value in body.items() if name not in ("as", "action")}
        return act(self._store, str(body.get("action")), str(body.get("as", "")), given)
