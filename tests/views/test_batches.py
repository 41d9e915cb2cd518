"""A batch: proposals of several vendors, exceptions first, the rest as one group."""

import re

import pytest
from django.urls import reverse

from clearing.models import CreditNote, Instruction
from clearing.services import reviewing
from tests import factories
from tests.views.pages import HTMX, words

S = Instruction.State
pytestmark = pytest.mark.usefixtures("monday")


class Batch:
    """Proposals of some vendors with some lines each, certain all of them."""

    def __init__(self, books, by, vendors=2, lines=2, **over):
        self.books, self.by = books, by
        self.batch = factories.batch(by, **over)
        self.lines = []
        for number in range(vendors):
            vendor = factories.vendor(name=f"Vendor {number:02}")
            self.add(vendor, lines)

    def add(self, vendor, lines=1, **over):
        proposal = None
        for place in range(lines):
            note = factories.credit_note(vendor, self.books.entity)
            proposal = proposal or factories.proposal(self.by, note, batch=self.batch)
            invoice = factories.invoice(vendor, self.books.entity)
            fields = {"suggestion": factories.suggested(4000), "position": place} | over
            self.lines.append(
                factories.line(self.by, note, invoice, in_proposal=proposal, **fields)
            )
        return self.lines[-1]

    def url(self, name="batch"):
        return reverse(name, args=[self.batch.pk])

    @property
    def name(self):
        return f"Batch {self.batch.pk}"

    def states(self):
        ids = [line.pk for line in self.lines]
        return [Instruction.objects.get(pk=one).state for one in ids]


def seen(*lines):
    return {"line": [line.pk for line in lines]} | {
        f"seen_{line.pk}": line.content_hash for line in lines
    }


@pytest.fixture
def batch(books, preparer):
    """Two vendors of two lines of EUR 40.00, and a third whose line nothing suggested."""
    made = Batch(books, preparer, note="Before Thursday")
    made.odd = made.add(factories.vendor(name="Papeterie"), suggestion={})
    return made


def test_totals_exceptions_and_the_group(as_approver, batch):
    answer = as_approver.get(batch.url())
    said = words(answer)
    for part in (
        batch.name, "3 vendors · 5 lines, EUR 200.00", "proposed by Paula Prep", "Before Thursday",
        "Certain Without suggestion All EUR EUR 160.00 4 lines EUR 40.00 1 line EUR 200.00",
        "5 left · 1 exception", "Nothing suggested these two; Paula Prep chose them.",
        "4 lines, EUR 160.00, nothing unusual", "Approve 4 lines for EUR 160.00",
        "Vendor 00 2 lines, EUR 80.00",
    ):  # fmt: skip
        assert part in said, part
    shown = answer.context["review"]
    assert [row.id for row in shown.exceptions] == [batch.odd.pk]
    assert len(shown.usual) == 4
    assert answer.text.index('id="exceptions"') < answer.text.index('id="group"')


def test_the_group_never_holds_an_exception(as_approver, batch):
    dialog = as_approver.get(batch.url("approve_batch"), **HTMX)
    assert "Approve 4 lines for EUR 160.00?" in words(dialog)
    assert f'value="{batch.odd.pk}"' not in dialog.text
    done = as_approver.post(batch.url("approve_batch"), seen(*batch.lines), follow=True)
    assert "4 approved, 1 not:" in words(done)
    assert "It is an exception now, so it is decided by itself." in words(done)
    assert batch.states() == [S.READY] * 4 + [S.PROPOSED]


def test_what_became_an_exception_meanwhile_is_left_out(as_approver, batch, settings):
    url = re.search(r'id="approve-all" href="([^"]+)"', as_approver.get(batch.url()).text)[1]
    url = url.replace("&amp;", "&")
    assert "Something has changed" not in words(as_approver.get(url, **HTMX))
    settings.APPROVAL_LIMITS = {"approver": {"EUR": 3999}}
    assert "Something has changed" in words(as_approver.get(url, **HTMX))
    answer = as_approver.post(batch.url("approve_batch"), seen(*batch.lines), **HTMX)
    assert answer.status_code == 409
    assert batch.states() == [S.PROPOSED] * 5


def test_a_group_is_approved_as_it_was_seen(as_approver, batch):
    data = seen(*batch.lines[:2]) | {f"seen_{batch.lines[1].pk}": "0" * 64}
    as_approver.post(batch.url("approve_batch"), data)
    assert batch.states()[:3] == [S.READY, S.PROPOSED, S.PROPOSED]


def test_lines_of_another_batch_cannot_be_smuggled_in(as_approver, batch, books, preparer):
    other = Batch(books, preparer, vendors=1, lines=1)
    as_approver.post(batch.url("approve_batch"), seen(*other.lines))
    assert other.states() == [S.PROPOSED]


def test_an_exception_is_approved_by_itself(as_approver, batch):
    data = {"seen": batch.odd.content_hash, "in": "batch"}
    answer = as_approver.post(reverse("approve", args=[batch.odd.pk]), data)
    assert answer["Location"] == f"{batch.url()}#line-{batch.odd.pk}"
    assert batch.states()[-1] == S.READY


def test_one_decision_leads_to_the_next_line(as_approver, batch):
    first, second = batch.lines[:2]
    data = {"seen": first.content_hash, "in": "batch"}
    answer = as_approver.post(reverse("approve", args=[first.pk]), data, **HTMX)
    assert answer.status_code == 200
    assert f'{{"dialog-done": {{"focus": "approve-{second.pk}"}}}}' in answer["HX-Trigger"]
    assert "4 left · 1 exception" in words(answer)
    assert "3 lines, EUR 120.00, nothing unusual" in words(answer)
    assert set(re.findall(r'id="state-(\d+)" hx-swap-oob', answer.text)) == {str(first.pk)}


def test_after_the_last_exception_the_group_is_next(as_approver, batch):
    data = {"reason_code": "wait", "in": "batch"}
    answer = as_approver.post(reverse("reject", args=[batch.odd.pk]), data, **HTMX)
    assert '"focus": "approve-all"' in answer["HX-Trigger"]
    assert "4 left · 0 exceptions" in words(answer)


def test_a_refusal_stands_at_its_line(as_approver, batch):
    line = batch.lines[0]
    data = {"seen": "0" * 64, "in": "batch"}
    answer = as_approver.post(reverse("approve", args=[line.pk]), data, **HTMX)
    assert answer.status_code == 409
    assert f'"focus": "said-{line.pk}"' in answer["HX-Trigger"]
    assert re.search(rf'id="said-{line.pk}" role="alert"[^>]*>.*changed since', answer.text)
    whole = as_approver.post(reverse("approve", args=[line.pk]), data)
    assert (whole.status_code, "<h1" in whole.text) == (409, True)


def test_a_line_whose_document_changed_falls_out(as_approver, batch):
    line = batch.lines[1]
    note = line.credit_note_id
    CreditNote.objects.filter(pk=note).update(amount=9999)
    answer = as_approver.get(batch.url())
    assert [row.id for row in answer.context["review"].exceptions] == [line.pk, batch.odd.pk]
    assert "was changed in Light since this was proposed." in words(answer)
    assert "Approve 3 lines for EUR 120.00" in words(answer)


# --- rejecting ---------------------------------------------------------------------------------
def test_rejecting_a_whole_batch(as_approver, batch):
    reviewing.approve(
        batch.lines[0], seen_hash=batch.lines[0].content_hash, by=factories.person("approver", "b")
    )
    dialog = as_approver.get(batch.url("reject_batch"), **HTMX)
    assert f"Reject all that waits in {batch.name}? 4 lines for EUR 160.00" in words(dialog)
    refused = as_approver.post(batch.url("reject_batch"), {"reason_code": ""}, **HTMX)
    assert refused.status_code == 422
    done = as_approver.post(batch.url("reject_batch"), {"reason_code": "wait"}, follow=True)
    assert "4 lines rejected. Whoever proposed them sees your reason." in words(done)
    assert batch.states() == [S.READY] + [S.REJECTED] * 4
    again = as_approver.post(batch.url("reject_batch"), {"reason_code": "wait"})
    assert again.status_code == 409


def test_rejecting_one_vendor_of_a_batch(as_approver, batch):
    url = reverse("reject_all", args=[batch.lines[0].proposal_id])
    assert f'href="{url}?in=batch"' in as_approver.get(batch.url()).text
    assert "· Vendor 00" in words(as_approver.get(f"{url}?in=batch"))
    answer = as_approver.post(url, {"reason_code": "disputed", "in": "batch"})
    assert answer["Location"] == batch.url()
    assert batch.states() == [S.REJECTED] * 2 + [S.PROPOSED] * 3


# --- who may -------------------------------------------------------------------------------------
def test_whoever_proposed_it_sees_why_not(as_preparer, batch):
    said = as_preparer.get(batch.url())
    assert "You proposed this line yourself. A second person has to approve it." in words(said)
    assert 'id="approve-all"' not in said.text
    assert 'id="reject-all' not in said.text


def test_proposals_of_a_batch_lead_to_it(as_approver, batch):
    answer = as_approver.get(reverse("proposal", args=[batch.lines[0].proposal_id]))
    assert f'<a href="{batch.url()}">{batch.name}</a>' in answer.text


# --- the queue -----------------------------------------------------------------------------------
def test_the_queue_shows_a_batch_as_one_row(as_approver, batch, line):
    answer = as_approver.get(reverse("proposals"))
    assert re.findall(r'<tr id="([^"]+)"', answer.text) == [
        f"batch-{batch.batch.pk}", f"proposal-{line.proposal_id}",
    ]  # fmt: skip
    said = words(answer)
    assert "2 proposals of 2" in said
    assert f"{batch.name} 5 lines 3 vendors 5 Waiting for review EUR 200.00" in said
    assert "To be approved, links EUR 240.00" in said


def test_a_search_finds_the_batch_by_one_of_its_vendors(as_approver, batch, line):
    answer = as_approver.get(reverse("proposals"), {"q": "Papet"})
    assert re.findall(r'<tr id="([^"]+)"', answer.text) == [f"batch-{batch.batch.pk}"]


# --- many ----------------------------------------------------------------------------------------
@pytest.fixture
def large(books, preparer):
    """40 vendors, 300 lines; the first of each vendor is only possible."""
    factories.synced()
    made = Batch(books, preparer, vendors=40, lines=8)
    Instruction.objects.filter(position=0).update(suggestion=factories.suggested(4000, 1))
    return made


def test_a_large_batch_needs_few_queries(as_approver, large, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        answer = as_approver.get(large.url())
    shown = answer.context["review"]
    assert (len(shown.exceptions), len(shown.usual), shown.pages) == (40, 160, 2)
    assert "320 left · 40 exceptions" in words(answer)
    assert "Approve 160 lines for EUR 6,400.00" in words(answer)
    second = as_approver.get(large.url(), {"page": 2})
    assert "Approve 120 lines for EUR 4,800.00" in words(second)
    assert as_approver.get(large.url(), {"page": "x"}).context["review"].number == 1
    assert as_approver.get(large.url(), {"page": "9" * 6}).context["review"].number == 2
