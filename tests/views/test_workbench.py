"""The clearing page: what it shows, which page it is; its sums and its draft."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing import usable
from clearing.models import Draft, Instruction, InvoicePayable, Proposal
from tests import factories
from tests.views.clearing_page import HTMX, Page, cell, text, value


@pytest.fixture
def bench(client, books, preparer):
    client.force_login(preparer)
    return Page(client, books)


# --- what it shows -------------------------------------------------------------------------
def test_amounts_are_prefilled_oldest_due_first_and_nothing_is_saved(bench, books):
    note = books.note(amount=15000)
    late = books.invoice(state="IN_DRAFT", due_date=date(2026, 12, 1))
    early = books.invoice(state="IN_DRAFT", due_date=date(2026, 11, 5))
    shown = bench.get()
    assert (value(shown, cell(note, early)), value(shown, cell(note, late))) == ("100.00", "50.00")
    assert "Propose 2 links for EUR 150.00" in text(shown)
    assert f"{late} keeps" in text(shown)
    assert "EUR 50.00 open." in re.sub(r"<[^>]+>", "", text(shown))
    assert not Draft.objects.exists()
    assert not Instruction.objects.exists()


def test_pays_on_is_the_payments_day_or_says_that_it_is_the_due_date(bench, books):
    books.note()
    books.invoice(state="SCHEDULED", payment_at=datetime(2026, 11, 5, 9, tzinfo=UTC))
    shown = text(bench.get())
    assert "5 Nov 2026" in shown
    assert "the payment must be lowered" in shown
    assert "due date" not in shown
    books.invoice()
    assert "due date" in text(bench.get())


@pytest.mark.parametrize("state", [*usable.NEVER, "HELD_BY_NOBODY"])
def test_an_invoice_that_cannot_be_used_is_shown_with_its_reason(bench, books, state):
    note, invoice = books.note(), books.invoice(state=state)
    shown = bench.get()
    assert value(shown, cell(note, invoice)) is None
    assert str(invoice) in text(shown)
    assert (
        usable.invoice_problem(invoice).sentence in shown.context["bench"].off_invoices[0].problem
    )


def test_a_credit_note_without_anything_left_says_who_holds_it(bench, books, preparer):
    other = factories.person("preparer", username="maria", first_name="Maria", last_name="K")
    note, invoice = books.note(), books.invoice(amount=20000)
    line = factories.line(other, note, invoice, 10000)
    shown = text(bench.get())
    assert "Held by Maria K since" in shown
    assert reverse("proposal", args=[line.proposal_id]) in shown
    assert "EUR 100.00 held by proposals" in shown


def test_the_newest_of_what_cannot_be_used_is_shown(bench, books):
    for n in range(60):
        books.invoice(
            state="PAID", invoice_number=f"P-{n}", due_day=date(2026, 1, 1) + timedelta(n)
        )
    shown = [one.number for one in bench.get().context["bench"].off_invoices]
    assert shown == [f"P-{n}" for n in range(59, 9, -1)]


def test_a_vendor_that_is_not_active_gives_a_warning(bench, books):
    books.vendor.status = "INACTIVE"
    books.vendor.save()
    assert "INACTIVE" in text(bench.get())


def test_who_else_is_at_work_is_named(bench, books):
    maria = factories.person("preparer", username="maria", first_name="Maria", last_name="K")
    Draft.objects.create(
        user=maria, vendor_id=books.vendor.id, entity_id=books.entity.id, currency="EUR",
        updated_at=timezone.now(),
    )  # fmt: skip
    assert "Maria K is working on this page too" in text(bench.get())


def test_other_entities_and_currencies_are_linked_with_the_reason(bench, books):
    books.note(), books.invoice()
    books.note(currency="USD"), books.invoice(currency="USD")
    shown = text(bench.get())
    assert "currency=USD" in shown
    assert "same company entity and in the same currency" in shown


def test_one_posted_invoice_per_credit_note_is_kept_and_explained(bench, books):
    note, one, two = books.note(amount=20000), books.invoice(), books.invoice()
    shown = bench.get()
    assert [value(shown, cell(note, i)) for i in (one, two)].count("100.00") == 1
    answer = bench.post("propose", {cell(note, one): "1.00", cell(note, two): "1.00"})
    assert answer.status_code == 422
    assert "only one invoice that is already posted" in text(answer)
    assert not Proposal.objects.exists()


def test_coming_from_a_document_suggests_and_marks_that_one(bench, books):
    first, second, invoice = books.note(), books.note(), books.invoice(amount=30000)
    address = reverse("workbench", args=[books.vendor.id])
    shown = bench.client.get(f"{address}?credit_note={second.id}")
    assert value(shown, cell(second, invoice)) == "100.00"
    assert value(shown, cell(first, invoice)) is None
    shown = bench.client.get(f"{address}?invoice={invoice.id}")
    assert value(shown, cell(first, invoice)) == "100.00"


# --- which page ----------------------------------------------------------------------------
def test_without_entity_and_currency_a_choice_is_shown_where_several_exist(bench, books):
    address = reverse("workbench", args=[books.vendor.id])
    assert "Nothing to clear now" in text(bench.client.get(address))
    books.note(), books.invoice()
    assert bench.client.get(address).url.endswith(f"?entity={books.entity.id}&currency=EUR")
    books.note(currency="USD"), books.invoice(currency="USD")
    shown = text(bench.client.get(address))
    assert "Choose an entity and a currency" in shown
    assert "currency=USD" in shown


@pytest.mark.parametrize(
    "query",
    [
        "?entity=junk&currency=EUR", "?entity=%00&currency=EUR", "?currency=EUR",
        "?entity={other}&currency=EUR", "?entity={entity}&currency=eur", "?entity={entity}",
        "?entity={entity}&currency=E%00R", "?credit_note=junk", "?credit_note={other}",
        "?invoice=%00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["workbench", "propose", "workbench_sums"])
def test_junk_in_the_address_is_not_found(bench, books, query, name):
    query = query.format(other=uuid.uuid4(), entity=books.entity.id)
    address = reverse(name, args=[books.vendor.id]) + query
    answer = bench.client.get(address, follow=True)
    assert answer.status_code == 404


def test_an_unknown_vendor_is_not_found(bench):
    for name in ("workbench", "propose", "workbench_sums"):
        assert bench.client.get(reverse(name, args=[uuid.uuid4()])).status_code == 404
        assert bench.client.post(reverse(name, args=[uuid.uuid4()])).status_code in (404, 405)


@pytest.mark.parametrize("role", ["viewer", "approver", "controller"])
def test_others_look_and_read_why_they_cannot_propose(client, books, role):
    note, invoice = books.note(), books.invoice()
    client.force_login(factories.person(role))
    page = Page(client, books)
    shown = page.get()
    assert "Only a preparer can do this." in text(shown)
    assert "<input" not in shown.content.decode().split('id="bench"')[1].split("</main>")[0]
    for name in ("propose", "workbench_sums"):
        assert page.post(name, {cell(note, invoice): "1.00"}).status_code == 403
    assert not Draft.objects.exists()


# --- sums and the draft --------------------------------------------------------------------
def test_sums_follow_what_is_typed_and_the_draft_survives_a_reload(bench, books):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    fields = {cell(note, invoice): "40.00", "note": "Price correction"}
    answer = text(bench.post("workbench_sums", fields, **HTMX))
    assert "<input" not in answer
    assert "Propose 1 link for EUR 40.00" in answer
    assert f'id="after-{note.id}"' in answer
    assert "EUR 60.00" in answer
    shown = bench.get()
    assert value(shown, cell(note, invoice)) == "40.00"
    assert "Price correction" in text(shown)


def test_what_cannot_be_read_is_kept_with_its_sentence(bench, books):
    note, invoice = books.note(), books.invoice()
    answer = text(bench.post("workbench_sums", {cell(note, invoice): "1e3"}, **HTMX))
    assert "Write the amount like" in answer
    shown = bench.get()
    assert value(shown, cell(note, invoice)) == "1e3"
    assert "Write the amount like" in text(shown)


def test_too_much_gets_a_sentence_while_typing(bench, books):
    note, invoice = books.note(), books.invoice(amount=20000)
    answer = text(bench.post("workbench_sums", {cell(note, invoice): "150.00"}, **HTMX))
    assert f"Only EUR 100.00 of {note} is free to use." in answer
    note2 = books.note(amount=90000)
    answer = text(bench.post("workbench_sums", {cell(note2, invoice): "250.00"}, **HTMX))
    assert f"Only EUR 200.00 of {invoice} is open." in answer


def test_without_javascript_the_sums_come_back_by_a_reload(bench, books):
    note, invoice = books.note(), books.invoice()
    answer = bench.post("workbench_sums", {cell(note, invoice): "40.00", "update": "1"})
    assert answer.status_code == 302
    assert answer.url.startswith(bench.url())
    assert value(bench.get(), cell(note, invoice)) == "40.00"


def test_add_takes_the_rest_of_the_chosen_or_of_the_oldest_credit(bench, books):
    old = books.note(amount=3000, document_date=date(2026, 9, 1))
    new = books.note(amount=5000, document_date=date(2026, 10, 1))
    invoice = books.invoice(state="IN_DRAFT", amount=6000, outstanding_balance=6000)
    answer = bench.post("workbench_sums", {"add": invoice.id, "credit": new.id}, **HTMX)
    assert value(answer, cell(new, invoice)) == "50.00"
    assert value(answer, cell(old, invoice)) is None
    assert "autofocus" in text(answer)
    fields = {cell(new, invoice): "50.00", "add": invoice.id, "credit": ""}
    answer = bench.post("workbench_sums", fields, **HTMX)
    assert value(answer, cell(old, invoice)) == "10.00"
    fields |= {cell(old, invoice): "10.00"}
    assert "is paid in full" in text(bench.post("workbench_sums", fields, **HTMX))


def test_leave_out_clear_all_and_suggest_again(bench, books):
    note, invoice = books.note(), books.invoice()
    name = cell(note, invoice)
    answer = bench.post("workbench_sums", {name: "40.00", "leave_out": name}, **HTMX)
    assert value(answer, name) is None
    assert value(bench.get(), name) is None
    answer = bench.post("workbench_sums", {"start": "suggest", "note": "kept"}, **HTMX)
    assert value(answer, name) == "100.00"
    assert "kept" in text(answer)
    assert value(bench.post("workbench_sums", {name: "1", "start": "empty"}, **HTMX), name) is None


def test_an_amount_that_moved_since_is_marked(bench, books):
    note, invoice = books.note(), books.invoice()
    bench.post("workbench_sums", {cell(note, invoice): "40.00"}, **HTMX)
    other = factories.person("preparer", username="maria")
    factories.line(other, note, books.invoice(), 2000)
    shown = re.sub(r"<[^>]+>", "", text(bench.get()))
    assert "was EUR 100.00 when you began" in shown


def test_a_document_that_is_no_longer_usable_is_left_out_with_its_sentence(bench, books):
    note, invoice = books.note(), books.invoice()
    bench.post("workbench_sums", {cell(note, invoice): "40.00"}, **HTMX)
    InvoicePayable.objects.filter(pk=invoice.pk).update(state="PAID")
    shown = text(bench.get())
    assert "no longer fit" in shown
    assert "already paid" in shown
    assert "“40.00”" in shown
    answer = bench.post("propose", {cell(note, invoice): "40.00"})
    assert answer.status_code == 422
    assert "already paid" in text(answer)


def test_a_late_sum_does_not_bring_a_proposed_draft_back(bench, books):
    note, invoice = books.note(), books.invoice()
    shown_at = (timezone.now() - timedelta(minutes=1)).isoformat()
    fields = {cell(note, invoice): "40.00", "shown_at": shown_at}
    assert bench.post("propose", fields).status_code == 302
    bench.post("workbench_sums", fields, **HTMX)
    assert not Draft.objects.exists()
