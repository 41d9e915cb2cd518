"""Invoices that look like credit notes: what shows it, filters, pages, where it is put right."""

import re

import pytest
from django.urls import reverse

from clearing.models import Acknowledged
from clearing.queries import filed_wrong
from clearing.services import suspecting
from tests import factories
from tests.views.pages import HTMX, words

LIST = "/filed-as-invoices/"


def look():
    while suspecting.look(factories.NOW):
        pass


def rows(client, **query):
    return client.get(LIST, query).context["listing"].rows


def test_each_says_what_shows_it(as_preparer, books):
    books.invoice(invoice_number="R-1", amount=-42000)
    books.invoice(invoice_number="R-2", document_name="Gutschrift_8213.pdf", description="Avoir")
    books.invoice(invoice_number="R-3")
    look()
    found = {row.invoice.number: row.why for row in rows(as_preparer)}
    assert found == {
        "R-1": ["Its amount is not above zero"],
        "R-2": ["“gutschrift” in its file’s name", "“avoir” in its description"],
    }
    said = words(as_preparer.get(LIST))
    assert "2 invoices of 2" in said
    assert "EUR −420.00" in said
    assert "Ask in Light to file them as credit notes." in said


def test_its_own_page_says_it_too(as_preparer, books):
    invoice = books.invoice(document_name="Gutschrift.pdf")
    look()
    said = words(as_preparer.get(f"/invoice-payables/{invoice.id}/"))
    assert "It may be a credit note filed as an invoice." in said
    assert "“gutschrift” in its file’s name" in said


def test_open_in_light_where_the_house_says_where_that_is(as_preparer, books, settings):
    invoice = books.invoice(amount=0)
    look()
    assert "Open in Light" not in words(as_preparer.get(LIST))
    settings.LIGHT_INVOICE_URL = "https://app.light.example/invoices/{id}"
    assert f'href="https://app.light.example/invoices/{invoice.id}"' in as_preparer.get(LIST).text


def test_filters(as_preparer, books):
    other = factories.vendor(name="Other")
    entity = factories.entity(name="Acme BV")
    mine = books.invoice(amount=-1)
    theirs = factories.invoice(other, entity, amount=-1, invoice_number="X-9")
    look()
    assert {row.invoice.id for row in rows(as_preparer)} == {mine.id, theirs.id}
    for query in ({"vendor": other.id}, {"entity": entity.id}, {"q": "x-9"}, {"q": "other"}):
        assert [row.invoice.id for row in rows(as_preparer, **query)] == [theirs.id]
    page = as_preparer.get(LIST, {"vendor": str(other.id)})
    assert "Vendor: Other" in words(page)
    empty = as_preparer.get(LIST, {"q": "nothing like it"})
    assert "No invoice matches these filters." in words(empty)


@pytest.mark.parametrize("query", ["vendor=x", "entity=x", "page=junk", "q=%00"])
def test_junk_in_the_query_is_no_error(as_preparer, books, query):
    books.invoice(amount=0)
    look()
    assert as_preparer.get(f"{LIST}?{query}").status_code == 200


def test_pages_by_key(as_preparer, books, django_assert_max_num_queries):
    for _ in range(60):
        books.invoice(amount=-1)
    look()
    with django_assert_max_num_queries(13):
        first = as_preparer.get(LIST)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = as_preparer.get(following)
    ids = [row.invoice.id for page in (first, second) for row in page.context["listing"].rows]
    assert len(ids) == len(set(ids)) == 60


def test_when_there_is_none(as_preparer, books):
    books.invoice()
    look()
    assert "No invoice looks like a credit note" in words(as_preparer.get(LIST))


def test_a_filter_answers_with_the_results(as_preparer, books):
    part = as_preparer.get(LIST, {"q": "x"}, **HTMX)
    assert "<html" not in part.text
    assert 'id="results"' in part.text


# --- dismissing -----------------------------------------------------------------------------------
@pytest.fixture
def two(books):
    """A false hit, and an invoice that is on the list for good."""
    false = books.invoice(invoice_number="R-1", description="Avoir le plaisir")
    books.invoice(invoice_number="R-2", amount=-1)
    look()
    return false


def dismiss(invoice):
    return reverse("not_a_credit_note", args=[invoice.id])


def test_a_false_hit_is_dismissed_with_a_reason(as_preparer, two):
    page = as_preparer.get(LIST)
    assert f'href="{dismiss(two)}" hx-get="{dismiss(two)}"' in page.text
    dialog = as_preparer.get(dismiss(two), **HTMX)
    assert "Is R-1 an invoice and no credit note?" in words(dialog)
    assert "“avoir” in its description" in words(dialog) and "data-close autofocus" in dialog.text
    answer = as_preparer.post(dismiss(two), {"reason": "A greeting"}, follow=True)
    assert "Noted: R-1 is no credit note." in words(answer)
    assert [row.invoice.number for row in rows(as_preparer)] == ["R-2"]
    assert filed_wrong.count() == 1


def test_it_stays_dismissed_and_tells_why(as_preparer, two):
    as_preparer.post(dismiss(two), {"reason": "A greeting"})
    suspecting.Looked.objects.all().delete()
    look()
    shown = as_preparer.get(LIST, {"show": "dismissed"})
    assert [row.invoice.number for row in shown.context["listing"].rows] == ["R-1"]
    said = words(shown)
    assert "“ A greeting ” Paula Prep, " in said and "Show: Dismissed" in said
    assert dismiss(two) not in shown.text
    assert "Dismissed" not in words(as_preparer.get(LIST)).replace("Not answered yet Dismissed", "")
    own = words(as_preparer.get(f"/invoice-payables/{two.id}/"))
    assert "It may be a credit note filed" not in own
    assert "said it is no credit note" in own and "A greeting" in own
    assert "does not stand on the list" in words(as_preparer.get(dismiss(two)))


@pytest.mark.parametrize("extra", [{}, HTMX])
@pytest.mark.parametrize("reason", ["", "\x00 ", "x" * 1001])
def test_without_a_fitting_reason_nothing_is_dismissed(as_preparer, two, extra, reason):
    answer = as_preparer.post(dismiss(two), {"reason": reason}, **extra)
    assert answer.status_code == 422
    assert '<a href="#id_reason">' in answer.text
    assert not Acknowledged.objects.exists()


def test_the_second_who_dismisses_it_is_told(as_preparer, two):
    as_preparer.post(dismiss(two), {"reason": "A greeting"})
    answer = as_preparer.post(dismiss(two), {"reason": "Mine"}, **HTMX)
    assert answer.status_code == 409 and "faster" in words(answer)
    assert Acknowledged.objects.get().reason == "A greeting"


def test_a_viewer_reads_why_it_is_not_for_them(client, viewer, two):
    client.force_login(viewer)
    dialog = client.get(dismiss(two))
    assert "Only a preparer, an approver or a controller can do this." in words(dialog)
    assert "disabled" in dialog.text
    assert client.post(dismiss(two), {"reason": "A greeting"}).status_code == 403
    assert not Acknowledged.objects.exists()
