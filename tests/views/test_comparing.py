"""Both documents of a line side by side: what names the other, what differs, and the next line."""

from datetime import date

import pytest
from django.urls import reverse

from clearing.matching import numbers
from clearing.models import Citation, Instruction, Preference
from tests import factories
from tests.views.pages import HTMX, url, words

S = Instruction.State
pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def pair(books, preparer):
    """CR-8 of EUR 100.00 cites INV-4711 of EUR 90.00, twelve days older."""
    note = books.note(
        document_number="CR-8", document_date=date(2026, 10, 20), lines_read_at=factories.NOW
    )
    factories.note_line(note)
    invoice = books.invoice(
        invoice_number="INV-4711", number_key=numbers.key("INV-4711"), amount=9000, has_tax=False,
        issued_date=date(2026, 10, 8),
    )  # fmt: skip
    Citation.objects.create(
        credit_note_id=note.id, looked_at=factories.NOW,
        in_pdf=[[numbers.key("4711"), "pdf", 1, "zu Rechnung 4711"]],
    )  # fmt: skip
    return factories.line(
        preparer, note, invoice, 9000, suggestion=factories.suggested(9000, key="4711")
    )


def documents(line):
    return reverse("compare_documents", args=[line.pk])


def test_what_speaks_for_it_and_what_differs(as_approver, pair):
    answer = as_approver.get(documents(pair))
    said = words(answer)
    for part in (
        "CR-8 on INV-4711", "Certain", "Both say INV-4711. PDF page 1 says “zu Rechnung 4711”.",
        "Their dates are 12 days apart.",
        "This line uses EUR 90.00: EUR 100.00 free to use, EUR 90.00 open.",
        "Vendor Nordlicht Logistik Nordlicht Logistik same",
        "Amount EUR 100.00 EUR 90.00 EUR 10.00 apart",
        "Tax with tax without tax differs",
        "The credit note carries tax, the invoice does not.",
    ):  # fmt: skip
        assert part in said, part
    for name, document in (("credit_note", pair.credit_note_id),
                           ("invoice", pair.invoice_payable_id)):  # fmt: skip
        assert f'src="{reverse(f"{name}_document", args=[document])}#view=FitH' in answer.text


def test_nothing_names_it(as_approver, pair):
    Citation.objects.all().delete()
    said = words(as_approver.get(documents(pair)))
    assert "Nothing that was read of the credit note names this invoice." in said


def test_the_runner_up_is_named(as_approver, books, pair):
    other = books.invoice(invoice_number="INV-OTHER")
    pair.suggestion["other"] = [str(other.id), "other_amount", 1000]
    pair.save()
    said = words(as_approver.get(documents(pair)))
    assert "Other possibility:" in said
    assert "INV-OTHER" in said


def test_amounts_in_the_readers_format(as_approver, approver, pair):
    Preference.objects.create(user=approver, number_format="de_DE")
    assert "EUR 100,00 EUR 90,00 EUR 10,00 apart" in words(as_approver.get(documents(pair)))


def test_a_line_without_an_invoice_shows_its_one_pdf(as_approver, books, preparer):
    line = factories.line(preparer, books.note(), None, 10000, kind="archive")
    answer = as_approver.get(documents(line))
    assert answer.text.count("<iframe") == 1


@pytest.fixture
def three(books, preparer, pair):
    """Three lines: the second is the exception, so the pages go from it to the others."""
    more = [
        factories.line(
            preparer, books.note(), books.invoice(), in_proposal=pair.proposal, position=place,
            suggestion=factories.suggested(4000),
        )
        for place in (1, 2)
    ]  # fmt: skip
    return [pair, *more]


def test_from_line_to_line(as_approver, three):
    first, second, third = three
    answer = as_approver.get(documents(second)).text
    assert f'rel="prev" href="{documents(first)}"' in answer
    assert f'rel="next" href="{documents(third)}"' in answer
    assert 'rel="next"' not in as_approver.get(documents(third)).text


def test_deciding_there_leads_to_the_next_documents(as_approver, three):
    _first, second, third = three
    data = {"seen": second.content_hash, "then": "documents"}
    answer = as_approver.post(reverse("approve", args=[second.pk]), data)
    assert answer["Location"] == documents(third)
    data = {"reason_code": "wait", "then": "documents"}
    answer = as_approver.post(reverse("reject", args=[third.pk]), data, **HTMX)
    assert answer["HX-Redirect"] == url(third)  # nothing of its kind is left


def test_the_dialog_to_reject_leads_on_as_well(as_approver, three):
    link = f'href="{reverse("reject", args=[three[1].pk])}?then=documents"'
    assert link in as_approver.get(documents(three[1])).text
    dialog = as_approver.get(reverse("reject", args=[three[1].pk]), {"then": "documents"}, **HTMX)
    assert '<input type="hidden" name="then" value="documents">' in dialog.text


def test_a_decided_line_can_still_be_looked_at(as_approver, pair):
    Instruction.objects.filter(pk=pair.pk).update(state=S.REJECTED)
    answer = as_approver.get(documents(pair))
    assert answer.status_code == 200
    assert f'id="approve-{pair.pk}"' not in answer.text


def test_few_queries(as_approver, three, django_assert_max_num_queries):
    factories.synced()
    with django_assert_max_num_queries(32):
        as_approver.get(documents(three[0]))
