"""Documents with markup, other scripts, extremes and missing parts, on every page."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.test import override_settings

from clearing.models import Attempt, Citation, CreditNote, Seen
from clearing.queries.exceptions import differing
from clearing.queries.papers import LISTS
from clearing.services import booking
from tests import factories, test_access
from tests.test_access import ASKS_LIGHT, WANTED

SCRIPT = "\"'><script>alert(1)</script>&amp;"
TURNED = "\u202egpj.exe\u202d"  # a right-to-left override
NAME = f"{SCRIPT}{TURNED}😀שלום"
LONG = "W" * 5000
INT64 = 2**63 - 1
FAR = datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)
EARLY = datetime(2, 1, 1, tzinfo=UTC)
GETS = sorted(name for name in WANTED if WANTED[name][0])
# Elements and, by app.css, classes whose text turns nothing beside it.
ISOLATED = {"bdi", "title", "option", "textarea", ".doc", ".tag", ".btn", ".why-not",
            ".visually-hidden"}  # fmt: skip
INLINE = {"a", "b", "span", "label", "button", "strong", "summary"}  # something stands beside them


class Reader(HTMLParser):
    """Finds turned text that could turn what stands beside it, and scripts that are no files."""

    VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())

    def __init__(self):
        super().__init__()
        self.open, self.leaks, self.scripts, self.handlers = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.handlers += [name for name in attrs if name.startswith("on")]
        if tag == "script" and "src" not in attrs:
            self.scripts.append(attrs)
        if tag not in self.VOID:
            classes = {f".{name}" for name in (attrs.get("class") or "").split()}
            self.open.append((tag, {tag} | classes))

    def handle_endtag(self, tag):
        while any(tag == name for name, _classes in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        isolated = any(ISOLATED & names for _tag, names in self.open)
        if TURNED in data and not isolated and self.open[-1][0] in INLINE:
            where = " > ".join(".".join(sorted(names)) for _tag, names in self.open[-3:])
            self.leaks.append((where, data.strip()[-60:]))


@pytest.fixture
def hostile(books, preparer):
    """A URL for each name, about the worst documents that Light may show."""
    books.vendor.name, books.vendor.number, books.vendor.status = NAME + LONG, NAME, NAME
    books.vendor.save()
    books.entity.name, books.entity.code = NAME + LONG, NAME
    books.entity.save()
    books.company.name = NAME
    books.company.save()
    preparer.first_name, preparer.last_name = SCRIPT, LONG[:100]
    preparer.save()
    factories.synced(problem=NAME, asked_by_name=NAME)
    words = {"document_name": NAME + LONG, "description": NAME + LONG}
    great = {"amount": INT64, **words}
    note = books.note(**great, document_number=NAME)
    for day in (date.min, date.max):
        books.note(document_number=NAME, document_name=LONG, posting_date=day, amount=10**15)
    books.note(**great, document_number=NAME + LONG, document_date=date(1, 1, 1),
               document_day=date(1, 1, 1))  # fmt: skip
    invoice = books.invoice(**great, state="IN_DRAFT", invoice_number=NAME, due_date=date.max,
                            due_day=date.max)  # fmt: skip
    books.invoice(**great, state="SCHEDULED", invoice_number=NAME + LONG, payment_at=FAR)
    books.invoice(**great, state="UNPAID", invoice_number="", payment_at=EARLY)
    for amount in (INT64, -INT64, -INT64 - 1, 0, None):
        for currency in ("EUR", "JPY", "KWD", "", "<b>", "XXXXXXXX"):
            books.note(amount=amount, currency=currency, document_number=NAME)
            books.invoice(amount=amount, currency=currency, invoice_number=NAME)
    books.note(status=NAME, document_date=None), books.invoice(state=NAME, type=NAME, due_date=None)
    factories.credit_note(None, None, amount=None, currency="", document_number="")
    factories.invoice(None, None, amount=None, currency="", invoice_number="")
    factories.link(note, invoice, INT64, first_seen_at=EARLY)
    for fate in ("not_honoured", "cleared_part"):
        factories.link(books.note(document_number=NAME), books.invoice(invoice_number=NAME),
                       INT64, fate=fate, fate_at=FAR)  # fmt: skip
    clearing = factories.clearing(
        invoice, books.note(document_number=NAME), INT64, document_number=NAME, type=NAME
    )
    link = factories.link(books.note(document_number=NAME), invoice, INT64)
    twin = _draft(books, words)
    line = _lines(books, preparer)
    Seen.objects.create(what="credit_note", document_id=note.id, field=NAME, before=NAME,
                        after=NAME, at=FAR)  # fmt: skip
    Seen.objects.create(what="credit_note", document_id=note.id, field="amount", before=NAME,
                        after=str(INT64), at=EARLY)  # fmt: skip
    booking.book(CreditNote.objects.values_list("pk", flat=True), now=factories.NOW, whole=True)
    edit = factories.edit(
        preparer, twin, state="needs_person", outcome=NAME + LONG, words=NAME,
        changes=[{"field": NAME, "was": NAME, "now": LONG}],
    )  # fmt: skip
    bulk = _bulk(books, preparer, line)
    for month in (date(1, 1, 1), date(2026, 10, 1), date(9999, 12, 1)):
        paper = factories.paper(books.entity.id, month)
    return bulk | {"paper_id": paper.pk, "key": "open",
            "evidence_id": factories.evidence(preparer).pk,
            "note_id": note.id, "other_id": twin.id, "invoice_id": invoice.id,
            "vendor_id": books.vendor.id, "proposal_id": line.proposal_id, "line_id": line.id,
            "link_id": link.pk, "difference_id": _differing(note, invoice),
            "clearing_id": clearing.pk, "edit_id": edit.pk}  # fmt: skip


def _differing(note, invoice):
    """Differences of every sort, with words and times that nobody expects; the id of one."""
    for why in (*differing.SENTENCES, NAME):
        factories.difference(note, invoice, why=why, amount=-INT64, shown=INT64, at=FAR)
    factories.difference(note, None, why="unposted", kind="undone", amount=None, currency=NAME)
    return factories.difference(note, invoice, kind=NAME, line_id=INT64, at=EARLY).pk


def _bulk(books, preparer, line):
    """A plan, a batch, a decision and a stuck credit with every word that a vendor can send."""
    line.proposal.batch = factories.batch(preparer, note=NAME + LONG)
    line.proposal.save()
    note = books.note(document_number=NAME, amount=INT64)
    found = [["4711", "pdf", 1, NAME + LONG]]
    Citation.objects.create(
        credit_note_id=note.id, keys="4711", in_pdf=found, pdf="read", looked_at=factories.NOW
    )
    why = {"amount": INT64, "rule": "reference", "strength": 3, "key": "4711", "days": 3}
    planned = factories.plan_line(preparer, note, books.invoice(invoice_number=NAME), why=why)
    factories.outlook(note, "cites_paid", details={"number": NAME, "paid_on": "9999-12-31"})
    factories.outlook(books.note(document_number=NAME), NAME, left=-INT64, details={NAME: NAME})
    decided = factories.decision(preparer, note, comment=NAME + LONG, follow_up_on=date.max)
    return {"batch_id": line.proposal.batch_id, "plan_id": planned.group.plan_id,
            "group_id": planned.group_id, "plan_line_id": planned.pk,
            "decision_id": decided.pk, "question": "partly_cleared",
            "month": "2026-10"}  # fmt: skip


def _draft(books, words):
    """A draft whose lines and accounts say everything wrong that can be said."""
    account = factories.account(code=NAME, label=NAME + LONG)
    draft = books.note(
        status="DRAFT", amount=INT64, document_number=NAME, lines_read_at=factories.NOW,
        posting_date=date.max, created_in_light_at=FAR, local_fx_rate=NAME, **words,
    )  # fmt: skip
    for side in ("C", "D", NAME, ""):
        factories.note_line(
            draft, description=NAME + LONG, net=INT64, net_side=side, tax=None, tax_side="",
            gross=-INT64, gross_side=side, ledger_account_id=account.pk,
            accrual_start_date=date.min, accrual_end_date=date.max,
        )  # fmt: skip
    return draft


def _lines(books, by):
    """Lines in every state with the words of people and of Light; the one that waits."""
    envelope = factories.proposal(by, books.note())
    envelope.note = NAME + LONG
    envelope.save()
    approver = factories.person("approver", "other", first_name=SCRIPT)
    for state in ("refused", "not_applied", "fallen", "needs_person", "unknown", "done", "ready"):
        note = books.note(document_number=NAME, amount=INT64)
        invoice = books.invoice(invoice_number=NAME, amount=INT64)
        line = factories.line(
            by, note, invoice, INT64, in_proposal=envelope, state=state, outcome=NAME + LONG,
            approved_by=None if state == "fallen" else approver, reason=NAME + LONG,
            reason_code=NAME, quarantine_until=factories.NOW,
        )  # fmt: skip
        Attempt.objects.create(
            instruction=line, worker=NAME, claimed_at=EARLY, lease_until=FAR, words=NAME + LONG,
            answer=NAME, request_id=NAME, before={NAME: NAME},
        )  # fmt: skip
    for n in range(2):
        waits = factories.line(
            by, books.note(document_number=NAME, amount=INT64),
            books.invoice(invoice_number=NAME, amount=INT64), INT64, in_proposal=envelope,
            reason=NAME, position=n,
        )  # fmt: skip
    return waits


def addresses(name, values, entity):
    url = test_access.reversed_with(name, values)
    yield url
    if name in {"credit_note", "edit_note", "post_note"}:  # of the draft, too
        yield test_access.reversed_with(name, values | {"note_id": values["other_id"]})
    if name == "workbench":
        for currency in ("EUR", "JPY", "KWD", "XXX"):
            yield f"{url}?entity={entity.id}&currency={currency}"
    if name in {"credit_notes", "invoice_payables", "vendors", "activity", "proposals"}:
        yield f"{url}?q=script&sort=-number&totals=all"
        yield f"{url}?q=script&sort=free&currency=EUR&show=all"
    if name == "month_rows":
        yield from (f"{url}?kind={kind}" for kind in ("new", "opening", "closing"))
    if name == "month_list":
        for month in ("0001-01", "2026-10", "9999-12"):
            for key in LISTS:
                yield test_access.reversed_with(name, values | {"month": month, "key": key})
    if name in {"month", "month_rows"}:
        for month in ("0001-01", "9999-11", "9999-12"):
            yield test_access.reversed_with(name, values | {"month": month})
    if name == "exceptions":
        yield from (f"{url}?kind={kind}" for kind in ("refused", "not_honoured", "planned"))
    if name == "search":
        yield from (f"{url}?q={word}" for word in ("script", "WWW", "W" * 300))


@pytest.mark.parametrize(
    ("role", "zone"), [("preparer", "Pacific/Kiritimati"), ("approver", "America/Los_Angeles")]
)
def test_every_page_shows_the_worst(client, books, preparer, approver, hostile, role, zone):
    client.force_login(preparer if role == "preparer" else approver)
    client.raise_request_exception = False
    leaks, broken = set(), {}
    with override_settings(TIME_ZONE=zone):
        for name in GETS:
            for url in addresses(name, hostile, books.entity):
                answer = client.get(url, follow=True)
                away = name in ASKS_LIGHT and answer.status_code in {502, 503}  # Light is not there
                if answer.status_code >= 500 and not away:
                    broken[url] = repr(answer.exc_info[1])
                    continue
                read = Reader()
                if answer.streaming:  # a file
                    continue
                read.feed(answer.text)
                assert not read.scripts, url
                assert not read.handlers, url
                assert "alert(1)</script>" not in answer.text, url
                leaks |= {(name, *leak) for leak in read.leaks}
    assert not broken
    assert not leaks, "\n".join(map(str, sorted(leaks)))
