"""Search: a number jumps, a part of it lists, and nothing says what was searched."""

import pytest
from django.urls import reverse

from tests import factories


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def find(client, text):
    return client.get("/search/", {"q": text})


def test_an_exact_number_jumps_to_its_page(books, seen):
    note, invoice = books.note(document_number="CR-8213"), books.invoice(invoice_number="INV-9")
    assert find(seen, " cr-8213 ")["Location"] == reverse("credit_note", args=[note.pk])
    assert find(seen, "INV-9")["Location"] == reverse("invoice_payable", args=[invoice.pk])
    assert find(seen, "V-100")["Location"] == reverse("vendor", args=[books.vendor.pk])


def test_a_number_that_two_documents_have_is_listed(books, seen):
    books.note(document_number="77"), books.invoice(invoice_number="77")
    answer = find(seen, "77")
    assert answer.status_code == 200
    assert len(answer.context["found"].notes) == len(answer.context["found"].invoices) == 1


def test_one_document_is_answered_with_a_sentence(books, seen):
    note = books.note(document_number="CR-2026-8213", amount=125000)
    factories.link(note, books.invoice(state="IN_DRAFT", amount=93000), 93000)
    page = find(seen, "8213").content.decode()
    assert (
        "CR-2026-8213 of 14 Sep 2026, Nordlicht Logistik, EUR 1,250.00: "
        "EUR 930.00 used, EUR 320.00 free to use." in page
    )


def test_a_files_name_finds_its_document(books, seen):
    books.invoice(invoice_number="X-1", document_name="Gutschrift_8213.pdf", state="IN_DRAFT")
    assert "X-1 of" in find(seen, "8213").content.decode()


def test_each_kind_is_bounded_and_leads_to_its_list(books, seen):
    for n in range(25):
        books.note(document_number=f"CR-{n}-7")
    answer = find(seen, "CR-")
    assert len(answer.context["found"].notes) == 20
    assert "/credit-notes/?q=CR-" in answer.content.decode()


def test_nothing_found_says_what_was_searched(books, seen):
    page = find(seen, "<b>nowhere</b>").content.decode()
    assert "&lt;b&gt;nowhere&lt;/b&gt;" in page and "Searched: numbers, file names" in page
    assert "leads straight to its page" in seen.get("/search/").content.decode()
