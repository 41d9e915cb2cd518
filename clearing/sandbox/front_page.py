"""The sandbox's page: open promises, one document, what was done lately, what was asked."""

from __future__ import annotations

from typing import Any

from clearing.sandbox import amounts, balances
from clearing.sandbox.front_document import (
    button,
    document,
    is_note,
    link_to,
    name,
    standing,
    vendor_name,
)
from clearing.sandbox.front_html import Html, join, table, tag
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

TITLE = "Light (sandbox)"
WHAT = (
    "An imitation of Light with a made-up company: here you act as another user of Light, "
    "and the dashboard sees it with its next sync."
)
MOST = 20  # documents that a search lists
MOST_PROMISES = 100
LATELY = 8
DONE = {
    "post_invoice": "Posted",
    "pay": "Paid by bank:",
    "schedule_payment": "Scheduled the payment of",
    "set_state": "Set the state of",
    "edit_invoice": "Changed",
    "post_credit_note": "Posted",
    "archive": "Archived",
    "set_status": "Set the status of",
    "edit_credit_note": "Changed",
    "link": "Linked",
    "change_link": "Changed the link of",
    "unlink": "Removed the link of",
    "reverse_clearing": "Reversed a clearing of",
    "delete_line": "Deleted a line of",
    "set_document": "Attached a PDF to",
    "remove_document": "Removed the PDF of",
}


def page(
    store: Store, totals: dict[str, int], *, token: str, q: str, key: str, did: str, problem: str
) -> Html:
    """The whole page; `key` is the document shown, `did` the act just done."""
    done = store.get("act", did)
    said = [
        tag("p", problem, class_="said bad", role="alert") if problem else None,
        tag("p", _told(store, done), class_="said good", role="status") if done else None,
    ]
    return _frame(
        [] if key else said,
        _promises(store, token),
        _search(store, token, q, key, said if key else []),
        tag("div", _lately(store), _requests(totals), class_="two"),
    )


def only(words: str) -> Html:
    """A page that says one thing."""
    back = tag("p", tag("a", "Open the sandbox’s page", href="/"))
    return _frame(tag("p", words, class_="said bad", role="alert"), back)


def _frame(*inside: Any) -> Html:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", TITLE),
        tag("link", rel="stylesheet", href="/sandbox.css"),
    )
    top = tag("header", tag("h1", tag("a", TITLE, href="/")), tag("p", WHAT))
    body = tag("body", top, tag("main", inside))
    return join([Html("<!doctype html>\n"), tag("html", head, body, lang="en")])


def _promises(store: Store, token: str) -> Html:
    by_invoice: dict[str, list[Record]] = {}
    for link in store.link_rows():
        if balances.is_active(store, link):
            by_invoice.setdefault(link["invoicePayableId"], []).append(link)
    found = [(store.get("invoice", each), links) for each, links in by_invoice.items()]
    open_ = [(invoice, links) for invoice, links in found if invoice]
    open_.sort(key=lambda pair: (vendor_name(store, pair[0]), str(pair[0]["invoiceNumber"])))
    rows = [_promise(store, token, *pair) for pair in open_[:MOST_PROMISES]]
    heads = ["Vendor", "Invoice", "State", "Amount", "Promised by credit notes", ""]
    more = len(open_) - len(rows)
    return tag(
        "section",
        tag("h2", "Open promises ", tag("small", len(open_))),
        tag(
            "p",
            "Invoices that are not posted and have credit linked. Posting one takes its credit, "
            "as in Light. Paying one in full pays all of it by bank and leaves its credit unused: "
            "a promise that was not honoured.",
            class_="soft",
        ),
        table("Open promises", heads, rows, 3)
        if rows
        else tag("p", "There is none.", class_="soft"),
        tag("p", f"{more} more are not shown.", class_="soft") if more else None,
    )


def _promise(store: Store, token: str, invoice: Record, links: list[Record]) -> list[Any]:
    acts = tag(
        "div",
        button(token, "", "post_invoice", "Post this invoice", invoicePayable=invoice["id"]),
        button(token, "", "pay_in_full", "Pay in full", invoicePayable=invoice["id"]),
        class_="acts end",
    )
    return [
        vendor_name(store, invoice),
        link_to(invoice),
        tag("code", invoice["state"]),
        amounts.text(invoice["amount"], invoice["currency"]),
        tag("ul", [_promised(store, token, link) for link in links], class_="links"),
        acts,
    ]


def _promised(store: Store, token: str, link: Record) -> Html:
    note = store.get("credit_note", link["creditNoteId"])
    words = link_to(note) if note else link["creditNoteId"]
    pair = {"creditNote": link["creditNoteId"], "invoicePayable": link["invoicePayableId"]}
    remove = button(token, "", "unlink", "Remove this link", quiet=True, **pair)
    amount = tag("span", amounts.text(link["amount"], link["currency"]), class_="number")
    return tag("li", tag("span", words), amount, remove)


def _search(store: Store, token: str, q: str, key: str, said: list[Any]) -> Html:
    field = tag(
        "input", type="search", name="q", id="q", value=q, autocomplete="off", required=True
    )
    look = tag(
        "form",
        tag("label", "Document number", for_="q"),
        field,
        tag("button", "Find"),
        method="get",
        action="/",
        class_="find",
        role="search",
    )
    found = find(store, q) if q else []
    shown = store.document(key) if key else (found[0] if len(found) == 1 else None)
    below: Any = None
    if shown:
        below = document(store, token, shown)
    elif found:
        below = _found(store, found)
    elif q or key:
        below = tag("p", "No credit note and no invoice has this number.", class_="soft")
    return tag("section", tag("h2", "A document"), look, said, below, id="document")


def find(store: Store, q: str) -> list[Record]:
    """By number or id: the equal ones, else those that contain it."""
    wanted = q.casefold()
    everything = [*store.all("credit_note"), *store.all("invoice")]
    equal = [row for row in everything if wanted in (name(row).casefold(), row["id"])]
    return equal or [row for row in everything if wanted in name(row).casefold()]


def _found(store: Store, found: list[Record]) -> Html:
    rows = [
        [
            "Credit note" if is_note(row) else "Invoice payable",
            link_to(row),
            vendor_name(store, row),
            tag("code", standing(row)),
            amounts.text(row["amount"], row["currency"]),
        ]
        for row in found[:MOST]
    ]
    more = len(found) - len(rows)
    return join(
        [
            table("Documents found", ["", "Number", "Vendor", "State", "Amount"], rows, 4),
            tag("p", f"{more} more match. Type more of the number.", class_="soft") if more else "",
        ]
    )


def _told(store: Store, done: Record) -> Html:
    """What an act did, and how the document stands now."""
    given = done["given"]
    verb = DONE.get(done["action"], f"{done['action']}:")
    keys = [given.get("creditNote"), given.get("invoicePayable"), given.get("id")]
    about = [row for row in (store.document(str(each)) for each in keys if each) if row]
    parts: list[Any] = [verb, " "]
    for at, row in enumerate(about):
        parts += [" and " if at else "", link_to(row)]
        parts += [" (now ", tag("code", standing(row)), ")"]
    if type(given.get("amount")) is int and about:
        parts += [", ", amounts.text(given["amount"], about[0]["currency"])]
    return join([*parts, "."])


def _lately(store: Store) -> Html:
    done = store.all("act")[-LATELY:][::-1]
    items = [
        tag("li", tag("time", row["at"][11:19], title=row["at"]), tag("span", _told(store, row)))
        for row in done
    ]
    shown = tag("ol", items, class_="lately") if items else None
    nothing = None if items else tag("p", "Nothing yet.", class_="soft")
    return tag("section", tag("h2", "Done by other users"), shown, nothing)


def _requests(totals: dict[str, int]) -> Html:
    rows = [[tag("code", call), f"{count:,}"] for call, count in totals.items()]
    nothing = tag("p", "None yet.", class_="soft")
    return tag(
        "section",
        tag("h2", "Requests of the API ", tag("small", f"{sum(totals.values()):,}")),
        table("Requests", ["Call", "Times"], rows, 1) if rows else nothing,
    )
