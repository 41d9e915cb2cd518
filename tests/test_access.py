"""Every URL × method × role, built from the resolver: who gets in, who is told why not."""

import uuid
from datetime import date

import pytest
from django.urls import URLPattern, get_resolver, reverse

from clearing.roles import RIGHTS
from clearing.views import documents, draft_desk
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.same_on_each
PUBLIC, SIGNED_IN = "public", "signed in"
# What each URL asks for: (right for GET, right for POST); None where the method does not exist,
# "a|b" where either right is enough.
WANTED: dict[str, tuple[str | None, str | None]] = {
    "today": ("see", None),
    "credit_notes": ("see", None),
    "credit_note": ("see", None),
    "credit_note_document": ("see", None),
    "archive_many": ("see", "propose|archive"),
    "archive": ("see", "propose|archive"),
    "post_note": ("see", "propose|post"),
    "undo_clearing": ("see", "propose|undo"),
    "move_clearing": ("see", "propose"),
    "edit_note": ("see", "edit"),
    "add_line": ("see", "edit"),
    "change_line": ("see", "edit"),
    "delete_line": ("see", "edit"),
    "stuck": ("see", None),
    "decide": ("see", "decide"),
    "decide_many": ("see", "decide"),
    "withdraw_decision": (None, "decide"),
    "drafts": ("see", None),
    "post_drafts": ("see", "propose|post"),
    "lookup_vendors": ("see", None),
    "lookup_entities": ("see", None),
    "lookup_accounts": ("see", None),
    "remove_link": ("see", "propose"),
    "remove_links": ("see", "propose"),
    "change_amount": ("see", "propose"),
    "invoice_payables": ("see", None),
    "invoice_payable": ("see", None),
    "invoice_document": ("see", None),
    "create_credit_note": ("see", "edit"),
    "vendors": ("see", None),
    "vendor": ("see", None),
    "workbench": ("see", None),
    "workbench_sums": ("propose", "propose"),
    "propose": ("propose", "propose"),
    "next_vendor": ("see", None),
    "decline": ("see", "propose"),
    "suggest_again": (None, "propose"),
    "plans": ("see", "propose"),
    "plan": ("see", None),
    "propose_plan": ("see", "propose"),
    "discard_plan": ("see", "propose"),
    "plan_group": ("see", None),
    "skip_group": (None, "propose"),
    "propose_group": (None, "propose"),
    "change_plan_line": (None, "propose"),
    "proposals": ("see", None),
    "proposal": ("see", None),
    "approve_all": ("see", "review"),
    "reject_all": ("see", "review"),
    "batch": ("see", None),
    "approve_batch": ("see", "review"),
    "reject_batch": ("see", "review"),
    "batch_progress": ("see", None),
    "compare_documents": ("see", None),
    "lines_progress": ("see", None),
    "approve": (None, "review"),
    "reject": ("see", "review"),
    "take_back": (None, "see"),
    "settle": ("see", "settle"),
    "deal": (None, "deal"),
    "exceptions": ("see", None),
    "deal_edit": (None, "deal"),
    "acknowledge": ("see", "deal"),
    "acknowledge_link": ("see", "deal"),
    "acknowledge_difference": ("see", "deal"),
    "duplicates": ("see", None),
    "duplicate": ("see", "propose"),
    "filed_as_invoices": ("see", None),
    "not_a_credit_note": ("see", "deal"),
    "reopened": ("see", None),
    "months": ("see", "months"),
    "month_end": ("see", None),
    "month": ("see", None),
    "evidence": ("see", None),
    "new_evidence": ("see", "see"),
    "one_evidence": ("see", None),
    "download_evidence": ("see", None),
    "month_rows": ("see", None),
    "month_list": ("see", None),
    "accept_for_month": (None, "tie"),
    "month_ledger": ("see", "tie"),
    "sign_month": ("see", "sign"),
    "reopen_month": ("see", "tie"),
    "month_changed": ("see", None),
    "signed_paper": ("see", None),
    "your_light": ("see", "answer"),
    "try_light": ("see", "answer"),
    "activity": ("see", None),
    "search": ("see", None),
    "sync": ("see", None),
    "sync_now": (None, "sync"),
    "sync_progress": ("see", None),
    "stopped": ("see", None),
    "preferences": (SIGNED_IN, SIGNED_IN),
    "theme": (None, PUBLIC),
    "demo_sign_in": (None, PUBLIC),
    "login": (PUBLIC, PUBLIC),
    "logout": (None, PUBLIC),
    "healthz": (PUBLIC, None),
    "readyz": (PUBLIC, None),
}
ROLES = ["anonymous", "nobody", "superuser", *RIGHTS]
# Asks Light while the person waits; no Light answers here, which the page says.
ASKS_LIGHT = {
    "credit_note_document", "invoice_document", "edit_note", "add_line", "change_line",
    "delete_line", "create_credit_note",
}  # fmt: skip


def names() -> list[str]:
    """The names of all our URLs; the admin's are Django's own."""
    found = []
    for entry in get_resolver().url_patterns:
        patterns = [entry] if isinstance(entry, URLPattern) else entry.url_patterns
        if str(entry.pattern).startswith("admin"):
            continue
        found += [pattern.name for pattern in patterns]
    return found


def test_the_table_names_every_url():
    assert sorted(names()) == sorted(WANTED)


class World:
    """Documents that exist, one for each kind of URL."""

    def __init__(self):
        self.books, self.preparer = factories.Books(), factories.person("preparer")
        self.values = self._values(self.books, self.preparer)

    @staticmethod
    def _values(books, preparer):
        factories.synced()
        note, invoice = books.note(), books.invoice(state="IN_DRAFT")
        link = factories.link(note, invoice, 1000)
        paid = books.invoice()
        # A line that approver and controller decide about; links are the approver's alone.
        line = factories.line(preparer, books.note(), None, 10000, kind="archive")
        line.proposal.batch = factories.batch(preparer)
        line.proposal.save()
        planned = factories.plan_line(preparer, books.note(), books.invoice())
        return {
            "plan_id": planned.group.plan_id,
            "group_id": planned.group_id,
            "plan_line_id": planned.pk,
            "note_id": note.id,
            "other_id": books.note().id,
            "invoice_id": invoice.id,
            "vendor_id": books.vendor.id,
            "proposal_id": line.proposal_id,
            "batch_id": line.proposal.batch_id,
            "line_id": line.id,
            "link_id": link.pk,
            "difference_id": factories.difference(note, invoice).pk,
            "edit_id": factories.edit(preparer, note, state="needs_person").pk,
            "clearing_id": factories.clearing(paid, books.note(), 1000).id,
            "decision_id": factories.decision(preparer, note).pk,
            "question": "partly_cleared",
            "month": "2026-10",
            "paper_id": factories.paper(books.entity.id, date(2026, 10, 1)).pk,
            "key": "open",
            "evidence_id": factories.evidence(preparer).pk,
        }


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        yield World()


@pytest.fixture
def books(world, db):
    return world.books


@pytest.fixture
def preparer(world, db):
    return world.preparer


@pytest.fixture
def urls(world, db):
    """A URL for each name, about documents that exist."""
    return lambda name: reversed_with(name, world.values)


@pytest.fixture(autouse=True)
def ask_light_once(monkeypatch):
    """No Light answers here, and nobody waits for a second look."""
    monkeypatch.setattr(draft_desk, "RETRIES", 0)
    monkeypatch.setattr(documents, "RETRIES", 0)


def reversed_with(name, values):
    """The URL of this name with those of the values that it takes."""
    wanted = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
    given = {key: values[key] for key in wanted}
    if {"note_id", "line_id"} <= set(wanted):  # a line of the note, not of a proposal
        given["line_id"] = uuid.uuid5(values["note_id"], "line")
    return reverse(name, kwargs=given)


def sign_in(client, role):
    if role == "anonymous":
        return
    if role == "superuser":
        person = factories.person(username="root", is_superuser=True, is_staff=True)
    elif role == "nobody":
        person = factories.person(username="nobody")
    else:
        person = factories.person(role, username=f"the-{role}")
    client.force_login(person)


def expected(name, method, role):
    """The right that this needs (None: no such method), and whether the role has it."""
    get, post = WANTED[name]
    right = {"get": get, "head": None if get == "propose" else get, "post": post}.get(method)
    enough = set((right or "").split("|"))
    return right, bool(enough & ({PUBLIC, SIGNED_IN} | RIGHTS.get(role, frozenset())))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(WANTED))
def test_who_may(client, urls, name, role):
    sign_in(client, role)
    for method in ("head", "get", "put", "delete", "post"):
        right, allowed = expected(name, method, role)
        answer = getattr(client, method)(urls(name))
        said = f"{method} {name} as {role}: {answer.status_code}"
        if role == "anonymous" and right != PUBLIC and answer.status_code == 302:
            assert reverse("login") in answer["Location"], said
        elif right is None:
            # Signing in is Django's own view: it sends whoever is signed in to the first page.
            assert answer.status_code in {403, 405} or name == "login", said
        elif name == "take_back" and allowed:
            assert answer.status_code == 403, said  # another preparer's line
            assert "Only the person who proposed" in answer.text
        elif allowed:
            assert answer.status_code not in {401, 403, 405}, said
            without_light = name in ASKS_LIGHT and answer.status_code in {502, 503}
            assert answer.status_code < 500 or name == "readyz" or without_light, said
        else:
            assert answer.status_code == 403, said
            if method != "head":
                assert "Ask an administrator" in answer.text or "Only a" in answer.text, said


@pytest.mark.parametrize("name", [name for name in WANTED if WANTED[name][0] in {"see", SIGNED_IN}])
def test_signed_in_pages_are_never_stored(client, urls, viewer, name):
    client.force_login(viewer)
    answer = client.get(urls(name))
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["credit_note", "invoice_payable", "vendor", "workbench"])
def test_an_unknown_id_is_not_found(client, viewer, name):
    client.force_login(viewer)
    key = {"credit_note": "note_id", "invoice_payable": "invoice_id"}.get(name, "vendor_id")
    answer = client.get(reverse(name, kwargs={key: uuid.uuid4()}))
    assert answer.status_code == 404
