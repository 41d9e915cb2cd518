"""Every URL × method × role, built from the resolver: who gets in, who is told why not."""

import uuid

import pytest
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from clearing.workflow import RIGHTS
from tests import factories

PUBLIC, SIGNED_IN = "public", "signed in"
# What each URL asks for: (right for GET, right for POST); None where the method does not exist.
WANTED: dict[str, tuple[str | None, str | None]] = {
    "today": ("see", None),
    "credit_notes": ("see", None),
    "credit_note": ("see", None),
    "archive": ("see", "propose"),
    "remove_link": ("see", "propose"),
    "change_amount": ("see", "propose"),
    "invoice_payables": ("see", None),
    "invoice_payable": ("see", None),
    "vendors": ("see", None),
    "vendor": ("see", None),
    "workbench": ("see", None),
    "workbench_sums": ("propose", "propose"),
    "propose": ("propose", "propose"),
    "proposals": ("see", None),
    "proposal": ("see", None),
    "approve_all": ("see", "approve"),
    "lines_progress": ("see", None),
    "approve": (None, "approve"),
    "reject": ("see", "approve"),
    "take_back": (None, "propose"),
    "settle": ("see", "settle"),
    "deal": (None, "deal"),
    "exceptions": ("see", None),
    "activity": ("see", None),
    "search": ("see", None),
    "sync": ("see", None),
    "sync_now": (None, "sync"),
    "sync_progress": ("see", None),
    "preferences": (SIGNED_IN, SIGNED_IN),
    "theme": (None, PUBLIC),
    "demo_sign_in": (None, PUBLIC),
    "login": (PUBLIC, PUBLIC),
    "logout": (None, PUBLIC),
    "healthz": (PUBLIC, None),
    "readyz": (PUBLIC, None),
}
ROLES = ["anonymous", "nobody", "superuser", *RIGHTS]


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


@pytest.fixture
def urls(books, preparer):
    """A URL for each name, about documents that exist."""
    factories.synced()
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice, 1000)
    line = factories.line(preparer, books.note(), books.invoice())
    values = {
        "note_id": note.id,
        "invoice_id": invoice.id,
        "vendor_id": books.vendor.id,
        "proposal_id": line.proposal_id,
        "line_id": line.id,
    }

    return lambda name: reversed_with(name, values)


def reversed_with(name, values):
    """The URL of this name with those of the values that it takes."""
    for keys in ([], *[[key] for key in values], ["note_id", "invoice_id"]):
        try:
            return reverse(name, kwargs={key: values[key] for key in keys})
        except NoReverseMatch:
            continue
    raise AssertionError(name)


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
    return right, right in {PUBLIC, SIGNED_IN} or right in RIGHTS.get(role, ())


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
            assert answer.status_code < 500 or name == "readyz", said
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
