"""Every URL with hostile queries, bodies and headers, as each role: no 5xx, nothing changed."""

import re
import uuid
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing.forms import cell_name
from clearing.models import AuditEvent, Instruction, Proposal
from clearing.roles import RIGHTS
from tests import test_access
from tests.test_access import ASKS_LIGHT, PUBLIC, WANTED, expected, sign_in

# A URL for each name, about documents that exist; made once.
world, urls, ask_light_once = test_access.world, test_access.urls, test_access.ask_light_once
books, preparer = test_access.books, test_access.preparer
REFUSED = {400, 403, 404, 405, 409, 413, 422}
HARMLESS = {200, 204, 302, 303}
SCRIPT = "\"'><script>alert(1)</script>"
FORM = "application/x-www-form-urlencoded"

# Every name that a view or a form reads from a query string or a body.
NAMES = (
    "page", "sort", "totals", "status", "state", "type", "use", "vendor", "q", "from", "to",
    "person", "verb", "credit_note", "invoice", "kind", "show", "since", "chosen", "line",
    "amount", "next", "note", "credit", "add", "leave_out", "start", "update", "shown_at",
    "reason_code", "reason", "seen", "decision", "role", "theme", "number_format", "shortcuts",
    "username", "password", "csrfmiddlewaretoken", "seen_1", "amount-1-2", "archive", "entity_id",
    "vendor_id", "group", "key", "next_id", "queue", "shown", "target", "then", "result", "all",
    "arrived", "instead", "with", "in", "strength", "plan", "owner", "rests", "cause", "due", "age",
    "question", "answer", "late", "as",
    "said", "document", "part", "age", "paper", "explained", "every", "list", "hash",
    "how", "n", "seed", "numbers",
    cell_name((uuid.UUID(int=1), uuid.UUID(int=2))),
)  # fmt: skip
PLACE = ("entity", "currency")  # of a clearing page: with junk for them nothing else is read
# Percent-encoded, so that bytes which are no text can stand here too.
VALUES = {
    "NUL": "%00", "a NUL inside": "EUR%00", "no UTF-8": "%FF%FE%C0%80", "a surrogate": "%ED%A0%80",
    "giant": "9" * 5000, "int64 + 1": str(2**63), "negative": "-1", "a list": "%5B%5D",
    "long": "x" * 10_000, "markup": quote(SCRIPT), "turned": quote("\u202eabc\ufffe😀"),
    "first day": "0001-01-01", "last day": "9999-12-31T23:59:59-12:00", "full width": quote("１２"),
    "unknown id": str(uuid.UUID(int=7)), "an id in braces": quote(f"{{{uuid.UUID(int=7)}}}"),
    "address": quote("//evil.example/\r\nSet-Cookie: a=b"), "a name": "today", "half IPv6": "//%5B",
    "pattern": quote("%_\\'--"), "NaN": "NaN", "empty": "",
}  # fmt: skip
HTMX_WORDS = {
    "current URL": {"HX-Current-URL": "http://["},
    "foreign": {"HX-Current-URL": "https://evil.example/", "HX-Target": SCRIPT},
    "encoded": {"HX-Current-URL": "http%3A//testserver/%FF%00%0A",
                "HX-Current-URL-URI-AutoEncoded": "true"},
    "script": {"HX-Current-URL": "javascript:alert(1)", "HX-Trigger-Name": "q", "HX-Prompt": "x"},
    "boosted": {"HX-Boosted": "true", "HX-History-Restore-Request": "true"},
}  # fmt: skip


def filled(value, names=NAMES):
    return "&".join(f"{name}={value}" for name in names)


def check(answer, said):
    """A refusal with a sentence or a harmless page; no markup of ours, no foreign address."""
    away = {502, 503} if ASKS_LIGHT & set(re.findall(r"\w+", said)) else set()
    assert answer.status_code in REFUSED | HARMLESS | away, f"{said}: {answer.status_code}"
    for header in ("Location", "HX-Redirect"):
        address = answer.headers.get(header, "/")
        scheme, host, *_rest = urlsplit(address)
        assert not scheme and not host and "\n" not in address, f"{said}: {address[:200]}"
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"<script>alert" not in content, said
    if answer.status_code in REFUSED - {405}:
        assert re.search(rb"<p[ >]", content), said


def state():
    """What must stand as it was: lines, proposals and the audit trail."""
    lines = Instruction.objects.order_by("pk").values_list("pk", "state", "reason", "decision")
    return list(lines), Proposal.objects.count(), AuditEvent.objects.count()


def test_the_names_here_are_those_that_views_read():
    """A field that is new in a form has to be attacked here too."""
    source = "".join(
        path.read_text()
        for folder in ("views", "queries")
        for path in Path(test_access.__file__).parent.parent.glob(f"clearing/{folder}/**/*.py")
    )
    direct = r"(?:GET|POST|query|post|cleaned_data|data)\.get(?:list)?\(\"(\w+)"
    read = set(re.findall(direct, source))
    read |= set(re.findall(r"filters\.(?:choice|uuid|day|text|code)\(\s*\"(\w+)", source))
    assert read - {"currency", "entity"} <= set(NAMES)
    assert len(read) > 20


# What a person says here may be any words: the trail keeps them, and that is no change.
SAID = {
    "deal_edit", "duplicate", "acknowledge", "acknowledge_link", "not_a_credit_note", "decline",
    "withdraw_decision", "acknowledge_difference", "month_ledger",
}  # fmt: skip
GETS = sorted(name for name in WANTED if WANTED[name][0])
POSTS = sorted(name for name in WANTED if WANTED[name][1])


@pytest.mark.parametrize("name", GETS)
def test_queries(client, urls, books, name):
    sign_in(client, "preparer" if expected(name, "get", "preparer")[1] else "viewer")
    place = f"entity={books.entity.id}&currency=EUR&"
    for said, value in VALUES.items():
        check(client.get(f"{urls(name)}?{filled(value, NAMES + PLACE)}"), f"{name}?{said}")
        if name.startswith("workbench"):
            check(client.get(f"{urls(name)}?{place}{filled(value)}"), f"{name}?{said}")
    repeated = "&".join(filled(value) for value in ("a", "%00", "1"))
    many = "&".join(f"{name}={n}" for n in range(2000))
    for said, query in (("repeated", repeated), ("many", many), ("odd", "&&=&;&%&=%&a=b=c&[]=1")):
        check(client.get(f"{urls(name)}?{place}{query}"), f"{name}: {said}")
    for said, headers in HTMX_WORDS.items():
        headers = {"HX-Request": "true"} | headers
        check(client.get(f"{urls(name)}?{place}q=a", headers=headers), f"{name}: {said}")


def bodies():
    """What is sent: a name for the message, the body, its content type."""
    for said, body, kind in _bodies():
        yield said, body if isinstance(body, bytes) else body.encode("latin-1"), kind


def _bodies():
    for said, value in VALUES.items():
        yield said, filled(value, NAMES + PLACE), FORM
    yield "repeated", "&".join(filled(value) for value in ("a", "%00", "1")), FORM
    yield "nearly a megabyte", f"note={'x' * 1_000_000}", FORM
    yield "a megabyte in a reason", f"reason_code=other&reason={'x' * 1_000_000}", FORM
    yield "two megabytes", f"reason={'x' * 2_000_000}", FORM
    yield "2,000 fields", "&".join(f"a{n}={n}" for n in range(2000)), FORM
    yield "2,000 amounts", "&".join(f"{_cell(n)}={n}" for n in range(2000)), FORM
    yield "20,000 fields", "&".join(f"a{n}=" for n in range(20_000)), FORM
    yield "JSON", '{"amount": "1", "reason_code": "other"}', "application/json"
    yield "text", filled("1"), "text/plain"
    yield "XML", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "application/xml"
    yield "no type", filled("1"), ""
    yield "another encoding", filled("1"), f"{FORM}; charset=utf-7"
    yield "no encoding", filled("1"), f"{FORM}; charset=nonsense"
    yield "bytes", b"\xff\xfe\x00reason=\xc0\x80&amount=\x00", FORM
    part = 'Content-Disposition: form-data; name="reason"\r\n\r\na\x00b\xff\r\n'
    yield "parts", f"--b\r\n{part}--b--\r\n", "multipart/form-data; boundary=b"
    yield "half a part", f"--b\r\n{part[:30]}", "multipart/form-data; boundary=b"
    yield "no boundary", "--b\r\n", "multipart/form-data"
    file = 'Content-Disposition: form-data; name="note"; filename="../../\x00.exe"\r\n\r\na\r\n'
    yield "a file", f"--b\r\n{file}--b--\r\n", "multipart/form-data; boundary=b"


def _cell(n):
    return cell_name((uuid.UUID(int=n), uuid.UUID(int=n)))


def poster(name):
    """The role that may do it, so that the body is read."""
    return next(role for role in RIGHTS if expected(name, "post", role)[1])


@pytest.mark.parametrize("name", POSTS)
def test_bodies(client, urls, books, name):
    role = "anonymous" if name in {"login", "demo_sign_in"} else poster(name)
    sign_in(client, role)
    url, before = urls(name), state()
    place = f"?entity={books.entity.id}&currency=EUR"
    for said, body, kind in bodies():
        answer = client.generic("POST", url + place, body, content_type=kind)
        check(answer, f"{name}: {said}")
    for said, headers in HTMX_WORDS.items():
        headers = {"HX-Request": "true"} | headers
        answer = client.post(url + place, filled("%00"), content_type=FORM, headers=headers)
        check(answer, f"{name}: {said}")
    assert state() == before or name in SAID


@pytest.mark.same_on_each  # what reaches the database, the tests above send there
@pytest.mark.parametrize("role", test_access.ROLES)
def test_one_of_each_as_every_role(client, urls, role):
    """The answers of the other roles: the worst of the above, at every URL, by every method."""
    sign_in(client, role)
    before = state()
    for name, value in product(sorted(WANTED), ("%00", "%FF", quote(SCRIPT))):
        address = f"{urls(name)}?{filled(value, NAMES + PLACE)}"
        check(client.get(address), f"GET {name} as {role}")
        if name not in SAID:
            check(client.post(address, filled(value), content_type=FORM), f"POST {name} as {role}")
    for name in sorted(WANTED):
        check(client.put(urls(name), b"\x00\xff"), f"PUT {name} as {role}")
        check(client.generic("BREW", urls(name), b"\x00"), f"BREW {name} as {role}")
    assert state() == before


PATHS = [
    *(f"/{noun}/{number}/{verb}" for noun, verb in (
        ("proposals", ""), ("proposals", "approve/"), ("proposals", "progress/"),
        ("lines", "approve/"), ("lines", "reject/"), ("lines", "take-back/"),
        ("lines", "settle/"), ("lines", "deal/"),
    ) for number in (0, 2**31, 2**63 - 1, 2**63, "9" * 20, "9" * 5000, "-1", "1e3", "１", "%00")),
    *(f"/{noun}/{key}/" for noun in ("credit-notes", "invoice-payables", "vendors")
      for key in (uuid.UUID(int=7), "%00", "%FF", "1", "..%2f..%2fetc%2fpasswd", "x" * 10_000)),
    f"/credit-notes/{uuid.UUID(int=7)}/archive/",
    f"/credit-notes/{uuid.UUID(int=7)}/links/{uuid.UUID(int=8)}/remove/",
    f"/credit-notes/{uuid.UUID(int=7)}/links/{uuid.UUID(int=8)}/change/",
    f"/vendors/{uuid.UUID(int=7)}/clearing/", f"/vendors/{uuid.UUID(int=7)}/clearing/sums/",
    f"/vendors/{uuid.UUID(int=7)}/clearing/propose/",
    *(f"/month-end/{month}/" for month in ("2026-13", "2026", "0000-01", "1e3", "２０２６-10")),
    "/month-end/2026-00/rows/", "/month-end/99999-01/rows/", "/month-end/2026-10/lists/nothing/",
    "/month-end/2026-13/sign/", "/month-end/1999-01/sign/", "/month-end/papers/0/",
    "/month-end/evidence/0/", f"/month-end/evidence/{2**63}/",
    f"/month-end/evidence/{2**63}/download/",
    "/%00", "/%FF%FE", "/..%2f", "/static/..%2f..%2fmanage.py", "/.env",
]  # fmt: skip


@pytest.mark.parametrize("role", ["preparer", "approver"])
def test_paths_that_lead_nowhere(client, urls, role):
    sign_in(client, role)
    for path in PATHS:
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            check(answer, path)
            # 403 for the other role, 405 for a verb without GET
            assert answer.status_code in {403, 404, 405}, (path, answer.status_code)


def test_a_page_key_of_another_list_or_tampered_with(client, books, viewer):
    for _ in range(51):
        books.note()
    client.force_login(viewer)
    shown = client.get("/credit-notes/?sort=number").text
    key = re.search(r"[?&;]page=([^\"&]+)", shown)[1]
    lists = ["/credit-notes/", "/invoice-payables/", "/vendors/", "/activity/", "/proposals/"]
    here = "/credit-notes/?sort=number"
    assert "belongs to another list" not in client.get(f"{here}&page={key}").text
    other = "A" if key[-1] != "A" else "B"
    for junk in (key[:-1], key[:-1] + other, key * 2, key[1:], ":", "%00"):
        answer = client.get(f"{here}&page={junk}")
        assert answer.status_code == 200
        assert "belongs to another list" in answer.text, junk
    for path in [*lists, "/credit-notes/?sort=-number", f"{here}&currency=EUR"]:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}page={key}")
        assert answer.status_code == 200
        assert "belongs to another list" in answer.text, path
    assert client.get(f"/exceptions/?kind=refused&page={key}").status_code == 200


# --- sessions ------------------------------------------------------------------------------
@pytest.mark.parametrize("here", ["http://testserver/vendors/?q=a", "http://[", "https://evil/"])
def test_an_expired_session_sends_htmx_to_the_login_page(client, urls, preparer, here):
    client.force_login(preparer)
    Session.objects.all().delete()
    headers = {"HX-Request": "true", "HX-Current-URL": here}
    back = "?" + urlencode({"next": "/vendors/?q=a"}, safe="/") if "testserver" in here else ""
    for name in POSTS:
        if WANTED[name][1] != PUBLIC:
            answer = client.post(urls(name), {"note": "x"}, headers=headers)
            assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("login") + back)


def test_a_form_of_another_session_gives_the_page_that_says_so(urls, preparer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(preparer)
    for name, token in product(POSTS, ("", "\x00", "x" * 64, "x" * 100_000)):
        answer = client.post(urls(name), {"csrfmiddlewaretoken": token})
        assert answer.status_code == 403
        assert "Send it once more" in answer.text


@pytest.mark.parametrize(
    "cookie", ['"\\000abcdefgh"', "x" * 5000, '"\\377\\376abcdefgh"', "a;b", "' OR 1=1 --"]
)
@pytest.mark.django_db
def test_a_session_that_nobody_gave_is_none(client, cookie):
    answer = client.get("/vendors/", headers={"Cookie": f"sessionid={cookie}; theme={cookie}"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/vendors/")


# --- anything at all -----------------------------------------------------------------------
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["\x00", "EUR", "1.00", "now", "-date", str(uuid.UUID(int=7)), "2026-02-31", SCRIPT]
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES + PLACE) | TEXT, TEXT, max_size=12), st.data())
def test_any_query_and_any_form(client, urls, books, preparer, approver, viewer, fields, data):
    name = data.draw(st.sampled_from(sorted(WANTED)))
    place = {"entity": str(books.entity.id), "currency": "EUR"}
    query = urlencode(fields | data.draw(st.sampled_from([{}, place])))
    client.force_login(data.draw(st.sampled_from([preparer, approver, viewer])))
    url = f"{urls(name)}?{query}"
    check(client.get(url), f"GET {name} {url}")
    check(client.post(url, fields), f"POST {name} {url} {fields}")
