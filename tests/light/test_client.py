"""Every call: what goes out, what comes back, and where it must not go on."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import responses

from clearing.light import records
from clearing.light.client import LISTS, LightClient, credit_note_filter
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightNotSent,
    LightPaused,
    LightRefused,
    LightUnavailable,
    LightUncertain,
    LightUnreadable,
)
from tests.light.no_pace import NoPace

from .conftest import KEY

BASE = "https://api.light.example"
CN = UUID("aaaaaaaa-0000-4000-8000-000000000000")
INV = UUID("bbbbbbbb-0000-4000-8000-000000000000")
DOC = UUID("cccccccc-0000-4000-8000-000000000000")
PAIR = f"/v1/credit-notes/{CN}/invoice-payables/{INV}"
LINK = {"creditNote": {"id": str(CN)}, "invoicePayable": {"id": str(INV)}, "amount": 5}


@pytest.fixture
def light():
    with responses.RequestsMock() as mock:
        yield mock


def sent(light, index=0):
    request = light.calls[index].request
    query = {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}
    return request.method, urlsplit(request.url).path, query, request


def page(records=(), next_cursor=None, more=False):
    return {"records": list(records), "hasMore": more, "nextCursor": next_cursor}


# --- lists ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_page(light, connect, name):
    path, model = LISTS[name]
    raw = {"vendorId" if name == "vendors" else "id": str(CN)}
    light.get(BASE + path, json=page([raw], "abc", True))
    answer = connect().page(name)
    assert answer == records.Page((model.model_validate(raw),), "abc")
    assert sent(light)[1:3] == (path, {"limit": "200", "cursor": "0"})


def test_page_filters_by_change_in_utc_and_by_lights_filter(light, connect):
    light.get(f"{BASE}/v1/credit-notes", json=page())
    since = datetime(2025, 5, 1, 2, 0, 0, 999, tzinfo=timezone(timedelta(hours=3)))
    connect().page("credit_notes", "c 1", since, "status:in:POSTED|CLEARED", 10)
    assert sent(light)[2] == {
        "limit": "10",
        "cursor": "c 1",
        "filter": "status:in:POSTED|CLEARED,updatedAt:gte:2025-04-30T23:00:00Z",
    }
    with pytest.raises(ValueError, match="time zone"):
        connect().page("credit_notes", updated_since=datetime(2025, 5, 1))


@pytest.mark.parametrize(
    "raw",
    [
        None, [], "x", {}, {"records": None}, {"records": {}},
        page(more=True), page(more=True, next_cursor=""), page(more=True, next_cursor="0"),
        page(more=True, next_cursor=7),
    ],
)  # fmt: skip
def test_a_page_that_does_not_go_on_is_an_error(light, connect, raw):
    light.get(f"{BASE}/v1/vendors", body=json.dumps(raw))
    with pytest.raises(LightUnreadable):
        connect().page("vendors")


def test_a_missing_has_more_is_read_from_the_cursor(light, connect):
    light.get(f"{BASE}/v1/vendors", json={"records": [], "nextCursor": "n"})
    assert connect().page("vendors").next_cursor == "n"


@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_its_path_and_goes_on_at_its_cursor(light, connect, name):
    path, id_name = LISTS[name][0], "vendorId" if name == "vendors" else "id"
    light.get(BASE + path, json=page([{id_name: str(CN)}], "p2", True))
    light.get(BASE + path, json=page([{id_name: str(INV)}], "p3", False))
    first = connect().page(name)
    last = connect().page(name, first.next_cursor)
    assert [one.id for one in (*first.records, *last.records)] == [CN, INV]
    assert (first.next_cursor, last.next_cursor) == ("p2", None)
    assert [sent(light, n)[2]["cursor"] for n in (0, 1)] == ["0", "p2"]


@pytest.mark.parametrize(
    ("adjusting", "expected"),
    [(True, "documentType:eq:CN,cnToBeAdjustedAccDocType:eq:AP"), (False, "documentType:eq:CN")],
)
def test_credit_note_numbers(light, connect, adjusting, expected):
    light.get(BASE + LISTS["accounting_documents"][0], json=page())
    since = datetime(2025, 5, 1, tzinfo=UTC)
    asked = credit_note_filter(adjusting_payables=adjusting)
    assert connect().page("accounting_documents", "0", since, asked).records == ()
    assert sent(light)[2]["filter"] == f"{expected},updatedAt:gte:2025-05-01T00:00:00Z"


# --- one thing -----------------------------------------------------------------------------

ONE = [
    (lambda c: c.company(), "/v1/companies/current", {}, {"id": str(CN)}, records.Company(id=CN)),
    (lambda c: c.credit_note(CN), f"/v1/credit-notes/{CN}", {}, {"id": str(CN)},
     records.CreditNote(id=CN)),
    (lambda c: c.invoice_payable(str(INV)), f"/v1/invoice-payables/{INV}",
     {"includeOutstandingBalance": "true"}, {"id": str(INV), "outstandingBalance": 3},
     records.InvoicePayable(id=INV, outstanding_balance=3)),
    (lambda c: c.links_of_credit_note(CN), f"/v1/credit-notes/{CN}/invoice-payables", {}, [LINK],
     (records.Link(credit_note_id=CN, invoice_payable_id=INV, amount=5),)),
    (lambda c: c.links_of_invoice(INV), f"/v1/invoice-payables/{INV}/credit-notes", {}, [LINK],
     (records.Link(credit_note_id=CN, invoice_payable_id=INV, amount=5),)),
    (lambda c: c.payments(INV), f"/v1/invoice-payables/{INV}/payments", {},
     [{"id": str(DOC), "payment": None}], (records.Clearing(id=DOC),)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "path", "query", "raw", "expected"), ONE)
def test_read(light, connect, call, path, query, raw, expected):
    light.get(BASE + path, json=raw)
    assert call(connect()) == expected
    method, at, asked, request = sent(light)
    assert (method, at, asked) == ("GET", path, query)
    assert request.headers["Authorization"] == f"Basic {KEY}"
    assert "Cookie" not in request.headers


@pytest.mark.parametrize("raw", [None, {}, "x", [{"amount": "5"}], [7], [None]])
@pytest.mark.parametrize("call", [ONE[3][0], ONE[4][0], ONE[5][0]])
def test_a_list_with_a_hole_is_no_evidence_of_absence(light, connect, call, raw):
    light.add(responses.GET, url=re.compile(".*"), body=json.dumps(raw))
    with pytest.raises(LightUnreadable):
        call(connect())


@pytest.mark.parametrize(
    "body",
    [b" ", b"<html>ok</html>", b'{"id": NaN}', b'{"id": "', b"\xff\xfe\xfa", b"[" * 200_000],
)
def test_a_body_that_is_not_json(light, connect, body, slept):
    light.get(f"{BASE}/v1/companies/current", body=body)
    with pytest.raises(LightUnreadable):
        connect().company()
    assert slept == []


def test_an_id_that_is_no_uuid_never_becomes_a_path(connect):
    for bad in ("../vendors", "", "1", None):
        with pytest.raises(ValueError):
            connect().credit_note(bad)


# --- writes --------------------------------------------------------------------------------

NOTE = {"id": str(CN), "status": "POSTED"}
REVERSAL = {"clearingAccountingDocumentId": str(DOC), "clearingType": "CN"}
WRITES = [
    (lambda c, **k: c.link(CN, INV, 5, **k), "POST", PAIR, {"amount": 5}, LINK),
    (lambda c, **k: c.change_link_amount(CN, INV, 7, **k), "PATCH", PAIR, {"amount": 7}, LINK),
    (lambda c, **k: c.unlink(CN, INV, **k), "DELETE", PAIR, None, {}),
    (lambda c, **k: c.archive_credit_note(CN, **k), "POST", f"/v1/credit-notes/{CN}/archive",
     None, NOTE),
    (lambda c, **k: c.post_credit_note(CN, **k), "POST", f"/v1/credit-notes/{CN}/post", None,
     NOTE),
    (lambda c, **k: c.reverse_clearing(INV, DOC, **k), "POST",
     f"/v1/invoice-payables/{INV}/reverse-clearing",
     {**REVERSAL, "shouldArchiveClearingDocument": False}, {"id": str(INV)}),
    (lambda c, **k: c.reverse_clearing(INV, DOC, archive=True, **k), "POST",
     f"/v1/invoice-payables/{INV}/reverse-clearing",
     {**REVERSAL, "shouldArchiveClearingDocument": True}, {"id": str(INV)}),
    (lambda c, **k: c.update_credit_note(CN, {"amount": 5, "description": None}, **k), "PATCH",
     f"/v1/credit-notes/{CN}", {"amount": 5, "description": None}, NOTE),
    (lambda c, **k: c.add_line(CN, {"description": "d"}, **k), "POST",
     f"/v1/credit-notes/{CN}/lines", {"description": "d"}, {"id": str(DOC)}),
    (lambda c, **k: c.change_line(CN, DOC, {"description": None}, **k), "PATCH",
     f"/v1/credit-notes/{CN}/lines/{DOC}", {"description": None}, {"id": str(DOC)}),
    (lambda c, **k: c.delete_line(CN, DOC, **k), "DELETE",
     f"/v1/credit-notes/{CN}/lines/{DOC}", None, {}),
    (lambda c, **k: c.create_credit_note_from_invoice(INV, **k), "POST",
     f"/v1/credit-notes/create-from-invoice-payable/{INV}", None, NOTE),
]  # fmt: skip


@pytest.mark.parametrize(("call", "method", "path", "content", "raw"), WRITES)
def test_write(light, connect, call, method, path, content, raw):
    light.add(method, BASE + path, json=raw)
    result = call(connect())
    assert (result is None) == (method == "DELETE")
    assert sent(light)[:3] == (method, path, {})
    body = sent(light)[3].body
    assert (json.loads(body) if body else None) == content


def test_a_link_is_returned_as_light_names_it(light, connect):
    other = {**LINK, "creditNote": {"id": str(DOC)}, "amount": 6}
    light.post(BASE + PAIR, json=other)
    link = connect().link(CN, INV, 5)
    assert (link.credit_note_id, link.invoice_payable_id, link.amount) == (DOC, INV, 6)


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b"[]", b'{"amount": 5.0}', b"{"])
def test_a_2xx_that_cannot_be_read_is_uncertain(light, connect, body):
    light.post(BASE + PAIR, body=body)
    with pytest.raises(LightUncertain):
        connect().link(CN, INV, 5)


@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
def test_unlink_needs_no_body(light, connect, body):
    light.delete(BASE + PAIR, body=body, status=204 if not body else 200)
    assert connect().unlink(CN, INV) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, LightRefused), (401, LightDenied), (429, LightUnavailable), (500, LightUncertain),
     (503, LightUncertain), (307, LightUncertain), (303, LightUncertain)],
)  # fmt: skip
@pytest.mark.parametrize(("call", "method", "path", "content", "raw"), WRITES)
def test_a_write_is_sent_once(
    light, connect, slept, status, kind, call, method, path, content, raw
):
    light.add(method, BASE + path, status=status, headers={"Location": f"{BASE}/v1/else"})
    with pytest.raises(kind):
        call(connect())
    assert len(light.calls) == 1
    assert slept == []


@pytest.mark.parametrize("amount", [0, -1, 2**63, 1.0, "5", True, None])
def test_an_amount_that_light_could_misread_never_leaves(connect, amount):
    for call in (connect().link, connect().change_link_amount):
        with pytest.raises(ValueError, match="amount"):
            call(CN, INV, amount)


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_sent_after_the_deadline(light, connect, write):
    with pytest.raises(LightNotSent):
        write[0](connect(clock=lambda: 100.0), deadline=100.0)
    assert len(light.calls) == 0


# --- guard, pace, retries ------------------------------------------------------------------


class Recorder(NoPace):
    def __init__(self, waits=()):
        self.waits, self.asked, self.told = list(waits), [], []

    def before(self, *, urgent):
        self.asked.append(urgent)
        return self.waits.pop(0) if self.waits else 0.0

    def after(self, status, headers, *, write):
        self.told.append((status, headers.get("X-RateLimit-Limit")))


EVERY = [call for call, *_ in ONE] + [call for call, *_ in WRITES]
EVERY += [
    lambda c: c.page("vendors"),
    lambda c: c.document_of_credit_note(CN),
    lambda c: c.document_of_invoice(INV),
]


@pytest.mark.parametrize("call", EVERY)
def test_the_guard_comes_before_everything(light, connect, call):
    pace = Recorder()

    def guard():
        raise RuntimeError("a transaction is open")

    with pytest.raises(RuntimeError):
        call(connect(guard=guard, pace=pace))
    assert pace.asked == [] and len(light.calls) == 0


def test_each_attempt_asks_the_pace_and_each_answer_is_told(light, connect, slept):
    url, pace = f"{BASE}/v1/companies/current", Recorder()
    light.get(url, status=503)
    light.get(url, status=500, headers={"X-RateLimit-Limit": "300"})
    light.get(url, json={"id": str(CN)})
    assert connect(pace=pace).company().id == CN
    assert pace.asked == [False] * 3
    assert pace.told == [(503, None), (500, "300"), (200, None)]
    assert 0.25 <= slept[0] <= 0.5 <= slept[1] <= 1


def test_writes_are_told_apart(light, connect):
    pace = Recorder()
    light.post(BASE + PAIR, json=LINK)
    connect(pace=pace).link(CN, INV, 5)
    assert pace.asked == [True]


def test_a_short_wait_is_slept_and_a_long_one_is_paused(light, connect, slept):
    light.post(BASE + PAIR, json=LINK)
    connect(pace=Recorder([1.0, 2.0])).link(CN, INV, 5)
    assert slept == [1.0, 2.0]
    for waits in ([60.0], [3.0, 3.0]):
        with pytest.raises(LightPaused) as caught:
            connect(pace=Recorder(waits)).link(CN, INV, 5)
        assert caught.value.seconds == waits[-1]
    assert len(light.calls) == 1


def test_the_deadline_is_checked_after_the_wait(light, connect):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    client = connect(pace=Recorder([4.0]), sleep=sleep, clock=lambda: now[0])
    with pytest.raises(LightNotSent):
        client.link(CN, INV, 5, deadline=3.0)
    assert len(light.calls) == 0


def test_a_pace_that_cannot_learn_does_not_lose_the_answer(light, connect, caplog):
    class Broken(Recorder):
        def after(self, status, headers, *, write):
            raise OSError("database is locked")

    light.post(BASE + PAIR, json=LINK)
    assert connect(pace=Broken()).link(CN, INV, 5).amount == 5
    assert "could not learn" in caplog.text


def test_retries_end(light, connect, slept):
    light.get(f"{BASE}/v1/companies/current", status=502, body="<html>")
    with pytest.raises(LightUnavailable) as caught:
        connect(max_retries=2).company()
    assert (caught.value.status, len(light.calls), len(slept)) == (502, 3, 2)


def test_retries_end_with_the_time(light, connect):
    now = [0.0]

    def sleep(seconds):
        now[0] += 40

    light.get(f"{BASE}/v1/companies/current", status=502)
    with pytest.raises(LightUnavailable):
        connect(sleep=sleep, clock=lambda: now[0]).company()
    assert len(light.calls) == 3


def test_a_read_obeys_retry_after_and_leaves_a_long_one_to_the_caller(light, connect, slept):
    url = f"{BASE}/v1/companies/current"
    light.get(url, status=429, headers={"Retry-After": "3"})
    light.get(url, status=429, headers={"Retry-After": "99999"})
    with pytest.raises(LightUnavailable) as caught:
        connect().company()
    assert slept == [3.0]
    assert (caught.value.status, caught.value.retry_after) == (429, 300)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_clear_no_is_not_asked_again(light, connect, slept, status):
    light.get(f"{BASE}/v1/credit-notes/{CN}", status=status, json={"type": "T", "message": "no"})
    with pytest.raises(LightError, match="no"):
        connect().credit_note(CN)
    assert len(light.calls) == 1


# --- the key -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "header"),
    [({"key": KEY}, f"Basic {KEY}"), ({"key": "", "token": KEY}, f"Bearer {KEY}")],
)
def test_authorization(light, connect, settings, header):
    light.get(f"{BASE}/v1/companies/current", json={"id": str(CN)})
    connect(**settings).company()
    assert sent(light)[3].headers["Authorization"] == header


@pytest.mark.parametrize(
    "settings",
    [{}, {"key": "a", "token": "b"}, {"key": "a b"}, {"key": f"{KEY}\n"}, {"key": "schlüssel"}],
)
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(settings):
    with pytest.raises(ValueError) as caught:
        LightClient(BASE, pace=NoPace(), guard=lambda: None, **settings)
    assert KEY not in str(caught.value)


def test_the_key_is_in_no_repr(connect):
    client = connect()
    for thing in (client, client._transport, client._transport._authorization, vars(client)):
        assert KEY not in repr(thing) + str(thing)
    assert KEY not in repr(vars(client._transport))


def test_the_key_is_in_no_error(light, connect):
    echo = json.dumps({"type": KEY, "message": f"unknown key {KEY}"})
    light.get(f"{BASE}/v1/companies/current", status=401, body=echo)
    with pytest.raises(LightDenied) as caught:
        connect().company()
    error = caught.value
    assert KEY not in repr(error) + str(error) + error.words + repr(vars(error))
    assert error.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "http://api.light.example", "ftp://api.light.example", "api.light.example", "https://", "",
        "https://user:secret@api.light.example", "https://api.light.example?x=1",
        "http://127.0.0.1.evil.example", "http://0.0.0.0", "https://api.light.example:99999",
    ],
)  # fmt: skip
def test_only_https_or_this_machine(connect, url):
    with pytest.raises(ValueError) as caught:
        connect(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8100", "http://localhost:1", "http://[::1]:8100", "https://x.example/"],
)
def test_this_machine_may_be_plain(connect, url):
    assert url.rstrip("/") in repr(connect(url))
