"""The sandbox's own page: whoever opens it acts as another user of Light."""

from __future__ import annotations

import re

import pytest
import requests

from clearing.sandbox import amounts, records

from .conftest import VENDOR, invoice, note


class Page:
    """A browser without a key, on the sandbox's page."""

    def __init__(self, light):
        self.url = light.sandbox.url
        self.sandbox = light.sandbox

    def get(self, path="/", **headers):
        return requests.get(self.url + path, headers=headers, timeout=10)

    @property
    def token(self):
        return re.search(r'name="token" value="([^"]+)"', self.get("/?id=" + self.any_id).text)[1]

    @property
    def any_id(self):
        store = self.sandbox.books
        return [*store.all("credit_note"), *store.all("invoice")][0]["id"]

    def post(self, do, headers=None, **form):
        body = {"token": self.token, "do": do, **form}
        return requests.post(self.url + "/", data=body, headers=headers, timeout=10)


@pytest.fixture
def promise(open_light):
    """A credit of 100.00 that promises 40.00 to a draft invoice of 250.00."""
    credit = note(_documentNumber="CN-1")
    bill = invoice(invoiceNumber="INV-1")
    light = open_light([credit], [bill])
    light.link(credit, bill, 4000)
    return Page(light), light, credit, bill


def test_it_shows_the_open_promises_and_the_requests(promise):
    page, light, _, _ = promise
    light.get("/v1/vendors")
    html = page.get().text
    assert "<title>Light (sandbox)</title>" in html
    for words in (VENDOR["name"], "INV-1", "IN_DRAFT", "250.00 EUR", "CN-1", "40.00 EUR"):
        assert words in html
    assert html.count("Post this invoice") == html.count("Remove this link") == 1
    assert "<code>GET /v1/vendors</code>" in html


def test_it_is_neither_counted_nor_limited_nor_faulty(open_light):
    light = open_light([note()], rate=0, faults="down")
    page = Page(light)
    assert page.get().status_code == page.get("/sandbox.css").status_code == 200
    assert page.get("/favicon.ico").status_code == 204
    assert light.sandbox.requests == []


def test_posting_takes_the_promised_credit(promise):
    page, light, credit, bill = promise
    answer = page.post("post_invoice", invoicePayable=bill["id"])
    assert answer.history[0].status_code == 303
    assert "Posted" in answer.text and "UNPAID" in answer.text
    assert "There is none." in answer.text
    assert light.state(bill) == ("UNPAID", 21000)
    assert light.status(credit) == "PARTIALLY_CLEARED"
    (done,) = light.get("/admin/books")["acts"]
    assert (done["as"], done["action"]) == ("The sandbox's page", "post_invoice")


def test_paying_in_full_leaves_the_promise_unkept(promise):
    page, light, credit, bill = promise
    page.post("pay_in_full", invoicePayable=bill["id"])
    assert light.state(bill) == ("PAID", 0)
    assert light.status(credit) == "POSTED"
    assert [row["payment"]["type"] for row in light.payments(bill)] == ["BP"]


def test_a_link_is_changed_and_removed(promise):
    page, light, credit, bill = promise
    pair = {"creditNote": credit["id"], "invoicePayable": bill["id"]}
    page.post("change_link", **pair, amount="55.5")
    assert [row["amount"] for row in light.links(credit)] == [5550]
    page.post("unlink", **pair)
    assert light.links(credit) == []


def test_every_act_on_an_invoice(promise):
    page, light, credit, bill = promise
    key = {"invoicePayable": bill["id"], "id": bill["id"]}
    page.post("set_state", **key, state="APPROVAL_PENDING")
    assert light.state(bill)[0] == "APPROVAL_PENDING"
    page.post("edit_invoice", **key, amount="1,300.00")
    page.post("post_invoice", **key)
    page.post("schedule_payment", **key, at="2026-12-24")
    assert light.get(f"/v1/invoice-payables/{bill['id']}")["paymentAt"][:10] == "2026-12-24"
    answer = page.post("pay", **key, amount="60.00")
    assert "(now <code>PARTIALLY_PAID</code>), 60.00 EUR" in answer.text
    assert light.state(bill) == ("PARTIALLY_PAID", 130000 - 4000 - 6000)
    document = {"accountingDocument": credit["_accountingDocumentId"], "type": "CN"}
    page.post("reverse_clearing", **key, **document)
    assert light.state(bill) == ("PARTIALLY_PAID", 130000 - 6000)


def test_every_act_on_a_credit_note(open_light):
    credit = note(status="DRAFT")
    light = open_light([credit])
    page, key = Page(light), {"creditNote": credit["id"], "id": credit["id"]}
    page.post("edit_credit_note", **key, amount="12.34")
    assert light.get(f"/v1/credit-notes/{credit['id']}")["amount"] == 1234
    page.post("post_credit_note", **key)
    assert light.status(credit) == "POSTED"
    page.post("set_status", **key, status="CLEARED")
    assert light.status(credit) == "CLEARED"
    page.post("archive", **key)
    assert light.status(credit) == "ARCHIVED"


def test_a_refusal_is_a_sentence_and_changes_nothing(promise):
    page, light, credit, bill = promise
    answer = page.post("archive", creditNote=credit["id"], id=credit["id"])
    assert answer.status_code == 422
    assert "Light refuses: The credit note has active links" in answer.text
    assert light.status(credit) == "POSTED"
    key = {"invoicePayable": bill["id"]}
    assert page.post("pay", **key, amount="250.01").status_code == 422
    assert light.state(bill) == ("IN_DRAFT", 25000)


@pytest.mark.parametrize(
    ("do", "over", "status", "words"),
    [
        ("nonsense", {}, 400, "There is no such action."),
        ("post_invoice", {}, 400, "invoicePayable: must not be empty"),
        ("post_invoice", {"invoicePayable": "x"}, 404, "Invoice payable not found"),
        ("edit_credit_note", {"amount": "1e3"}, 400, "“1e3” is not an amount."),
        ("edit_credit_note", {"amount": "-1"}, 400, "is not an amount."),
        ("edit_credit_note", {"amount": "9" * 18}, 400, "The amount is too large."),
        ("set_status", {"status": "NONSENSE"}, 400, "is no status"),
        ("schedule_payment", {"at": "tomorrow"}, 400, "must be a date"),
        ("set_state", {"state": "<b>"}, 400, "is no state"),
    ],
)
def test_a_bad_form_gets_a_sentence(promise, do, over, status, words):
    page, _, credit, bill = promise
    if over and "invoicePayable" not in over:
        over = {"creditNote": credit["id"], "invoicePayable": bill["id"], **over}
    answer = page.post(do, **over)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


def test_a_form_of_another_site_is_refused(promise):
    page, light, _, bill = promise
    form = {"do": "post_invoice", "invoicePayable": bill["id"]}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert page.post(headers=headers, **form).status_code == 403
    token = page.token
    for given in ({}, {"token": "guess"}, {"token": "ü"}):
        answer = requests.post(page.url + "/", data={**form, **given}, timeout=10)
        assert answer.status_code == 403
    body = {**form, "token": token}
    elsewhere = {"Host": "evil.example"}
    answer = requests.post(page.url + "/", data=body, headers=elsewhere, timeout=10)
    assert answer.status_code == 403
    assert page.get(Host="evil.example").status_code == 403
    assert light.state(bill)[0] == "IN_DRAFT"
    assert page.post(headers={"Origin": page.url}, **form).status_code == 200
    assert light.state(bill)[0] == "UNPAID"


@pytest.mark.parametrize("body", [b"\xff=\xff", b"a=%ff", b"do=%00", b"&".join([b"a=1"] * 50)])
def test_what_is_no_form_is_400(promise, body):
    page = promise[0]
    assert requests.post(page.url + "/", data=body, timeout=10).status_code == 400


def test_a_document_is_found_by_its_number(open_light):
    bills = [invoice(invoiceNumber=number) for number in ("INV-7", "INV-70", "INV-71")]
    page = Page(open_light([note(_documentNumber="CN-7")], bills))
    assert "Invoice payable INV-7 <code>" in page.get("/?q=inv-7").text
    assert "Credit note CN-7 <code>" in page.get("/?q=CN-7").text
    several = page.get("/?q=INV").text
    assert all(f'href="/?id={bill["id"]}#document"' in several for bill in bills)
    assert "has this number" in page.get("/?q=nothing").text
    assert "has this number" in page.get("/?id=nothing").text


def test_markup_stays_text(open_light):
    evil = "<script>alert(1)</script>\"'&"
    vendor = records.vendor(vendorId=VENDOR["vendorId"], name=evil)
    credit = note(_documentNumber=evil, description=evil, status=evil)
    bill = invoice(invoiceNumber=evil, state=evil, currency=evil)
    light = open_light([credit], [bill])
    light.sandbox.act("edit_vendor", vendor=VENDOR["vendorId"], name=vendor["name"])
    link = {"creditNote": credit["id"], "invoicePayable": bill["id"]}
    light.sandbox.act("add", kind="link", creditNoteId=credit["id"], invoicePayableId=bill["id"])
    page = Page(light)
    pages = [page.get(f"/?id={each['id']}").text for each in (credit, bill)]
    pages += [page.get("/", **{}).text, page.get("/?q=%3Cscript%3E").text]
    pages += [page.post("unlink", **link, id=evil).text, page.post(evil, id=evil).text]
    for html in pages:
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_null_values_and_a_missing_vendor_are_shown(open_light):
    bare = invoice(vendorId=None, companyEntityId=None, amount=None, currency=None, dueDate=None)
    html = Page(open_light([], [bare])).get(f"/?id={bare['id']}").text
    for words in ("no vendor", "no entity", "no amount"):
        assert words in html


def test_its_policy_forbids_scripts_and_frames(promise):
    headers = promise[0].get().headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "style=" not in promise[0].get().text


@pytest.mark.parametrize(
    ("amount", "currency", "plain", "text"),
    [
        (123456, "EUR", "1234.56", "1,234.56 EUR"),
        (1234, "JPY", "1234", "1,234 JPY"),
        (1234567, "KWD", "1234.567", "1,234.567 KWD"),
        (-5, "USD", "-0.05", "-0.05 USD"),
        (0, None, "0.00", "0.00 (no currency)"),
        (None, "EUR", "", "no amount"),
        (2**63 - 1, "JPY", str(2**63 - 1), "9,223,372,036,854,775,807 JPY"),
    ],
)
def test_amounts_are_shown_in_their_currency(amount, currency, plain, text):
    assert (amounts.plain(amount, currency), amounts.text(amount, currency)) == (plain, text)
    if amount is not None and amount >= 0:
        assert amounts.read(plain, currency) == amount


@pytest.mark.parametrize("typed", ["", "1.234.5", "1,23", "1.005", "1 000", "٣", "NaN", "1.", ".5"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match="is not an amount"):
        amounts.read(typed, "EUR")


def test_another_user_deletes_a_line_of_a_draft_and_takes_its_paper(open_light):
    line, fee = records.credit_note_line(), records.credit_note_line(description="Fee <b>")
    fee["netTransactionAmount"] = {"amount": 250, "dcSign": "D"}
    fee["taxTransactionAmount"] = None
    credit = note(status="DRAFT", lines=[line, fee], _pdf=["CR-1"])
    light = open_light([credit, note(_pdf=None)])
    page = Page(light)
    shown = page.get(f"/?id={credit['id']}").text
    for words in ("100.00 EUR C", "119.00 EUR C", "2.50 EUR D", "Fee &lt;b&gt;"):
        assert words in shown
    key = {"creditNote": credit["id"], "id": credit["id"]}
    assert "Deleted a line of" in page.post("delete_line", **key, line=fee["id"]).text
    assert [row["id"] for row in light.get(f"/v1/credit-notes/{credit['id']}")["lines"]] == [
        line["id"]
    ]
    document = f"/v1/credit-notes/{credit['id']}/document"
    assert "Removed the PDF of" in page.post("remove_document", id=credit["id"]).text
    assert light("GET", document).status_code == 404
    assert "Attached a PDF to" in page.post("set_document", id=credit["id"]).text
    assert light("GET", document).content.startswith(b"%PDF-")
    page.post("post_credit_note", **key)
    assert ">Delete<" not in page.get(f"/?id={credit['id']}").text
    assert page.post("delete_line", **key, line=line["id"]).status_code == 422
