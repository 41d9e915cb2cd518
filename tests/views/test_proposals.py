"""The review queue and one proposal: what is shown, and what every state says."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import Attempt, Seen
from tests import factories
from tests.views.pages import HTMX, url, words

pytestmark = pytest.mark.usefixtures("monday")


# --- the queue ---------------------------------------------------------------------------------
@pytest.fixture
def queue(books, preparer, approver):
    """One proposal of each part of the queue, by its name."""
    made = {
        "waiting": factories.line(preparer, books.note(), books.invoice()),
        "sending": factories.line(preparer, books.note(), books.invoice(), approved_by=approver),
        "done": factories.line(
            preparer, books.note(), books.invoice(), approved_by=approver, state="done"
        ),
    }
    other = factories.person("preparer", "other")
    made["of_other"] = factories.line(other, books.note(), books.invoice())
    return made


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"waiting", "of_other"}),
        ("?show=waiting", {"waiting", "of_other"}),
        ("?show=mine", {"waiting", "sending", "done"}),
        ("?show=sending", {"sending"}),
        ("?show=done", {"done"}),
        ("?show=all", {"waiting", "sending", "done", "of_other"}),
    ],
)
def test_each_part_of_the_queue(as_preparer, queue, query, shown):
    answer = as_preparer.get(reverse("proposals") + query)
    found = {
        name for name, line in queue.items() if f'id="proposal-{line.proposal_id}"' in answer.text
    }
    assert found == shown


def test_a_row_says_what_an_approver_needs(as_approver, books, preparer):
    vendor = factories.vendor(name="Papeterie", status="BLOCKED")
    note = factories.credit_note(vendor, books.entity)
    pays = datetime(2026, 11, 5, 12, tzinfo=UTC)
    paying = factories.invoice(vendor, books.entity, state="SCHEDULED", payment_at=pays)
    line = factories.line(preparer, note, paying, 4000)
    line.proposal.note = "Please by Thursday"
    line.proposal.save()
    draft = factories.invoice(vendor, books.entity, state="IN_DRAFT")
    factories.line(preparer, note, draft, 1000, in_proposal=line.proposal, position=1)
    said = words(as_approver.get(reverse("proposals")))
    for part in (
        "Papeterie", "Acme GmbH", "2 links", "2 Waiting for review", "EUR 50.00", "5 Nov 2026",
        "Please by Thursday", "Paula Prep", "must be lowered", "“BLOCKED”",
    ):  # fmt: skip
        assert part in said


@pytest.mark.parametrize("show", ["waiting", "mine", "sending", "done", "all"])
def test_the_queue_needs_few_queries(
    as_preparer, books, preparer, approver, show, django_assert_max_num_queries
):
    factories.synced()
    for _ in range(60):
        factories.line(preparer, books.note(), books.invoice())
    for state in ("ready", "done"):
        factories.line(preparer, books.note(), books.invoice(), approved_by=approver, state=state)
    with django_assert_max_num_queries(12):
        assert as_preparer.get(reverse("proposals"), {"show": show}).status_code == 200


def test_the_queue_pages_by_key(as_approver, books, preparer):
    lines = [factories.line(preparer, books.note(), books.invoice()) for _ in range(51)]
    first = as_approver.get(reverse("proposals"))
    assert "50 proposals of 51" in words(first)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = as_approver.get(following)
    assert f'id="proposal-{lines[50].proposal_id}"' in second.text
    assert f'id="proposal-{lines[49].proposal_id}"' not in second.text


@pytest.mark.parametrize(
    "query",
    [
        "show=nonsense", "show=%00", "page=junk", "page=%00", "entity=x", "currency=12345", "q=%00",
        "sort=nonsense", "q=" + "x" * 5000, "q=%ff%fe", "page=" + quote("a:b:c"),
    ],
)  # fmt: skip
def test_junk_in_the_query_is_no_error(as_approver, line, query):
    assert as_approver.get(f"{reverse('proposals')}?{query}").status_code == 200


def test_the_queue_answers_htmx_with_its_results(as_approver, line):
    answer = as_approver.get(reverse("proposals"), {"show": "all"}, **HTMX)
    assert answer.text.strip().startswith('<div id="results">')
    assert answer["HX-Push-Url"].endswith("?show=all")


def test_two_ways_of_being_empty(as_approver, db):
    assert "Nothing waits for review" in words(as_approver.get(reverse("proposals")))
    assert "No proposal matches" in words(as_approver.get(reverse("proposals"), {"q": "zzz"}))


def test_totals_are_exact_and_of_the_lines_that_wait(as_approver, books, preparer):
    huge = 10**15
    for _ in range(2):
        factories.line(preparer, books.note(amount=huge), books.invoice(amount=huge), huge)
    factories.line(preparer, books.note(), None, 2**62, kind="archive")
    assert "To be approved, links EUR 20,000,000,000,000.00" in words(
        as_approver.get(reverse("proposals"))
    )


# --- one proposal ------------------------------------------------------------------------------
def test_both_balances_before_and_after_follow_each_other(as_approver, books, preparer):
    """EUR 100.00 in lines of 40.00, 30.00 and 20.00 leaves 60.00, 30.00 and 10.00."""
    note = books.note()
    first = factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 4000)
    for place, amount in enumerate((3000, 2000), start=1):
        factories.line(
            preparer, note, books.invoice(state="IN_DRAFT"), amount,
            in_proposal=first.proposal, position=place,
        )  # fmt: skip
    rows = as_approver.get(url(first)).context["rows"]
    assert [(row.note.before, row.note.after) for row in rows] == [
        ("EUR 100.00", "EUR 60.00"),
        ("EUR 60.00", "EUR 30.00"),
        ("EUR 30.00", "EUR 10.00"),
    ]
    assert [row.invoice.after for row in rows] == ["EUR 60.00", "EUR 70.00", "EUR 80.00"]


@pytest.mark.parametrize(
    ("kind", "amount", "fields", "free"),
    [
        ("unlink", 4000, {}, ("EUR 60.00", "EUR 100.00")),
        ("amend", 1000, {"previous_amount": 4000}, ("EUR 60.00", "EUR 90.00")),
        ("amend", 7000, {"previous_amount": 4000}, ("EUR 60.00", "EUR 30.00")),
    ],
)
def test_a_change_shows_what_it_does_to_the_balance(
    as_approver, books, preparer, kind, amount, fields, free
):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice, 4000)
    line = factories.line(preparer, note, invoice, amount, kind=kind, **fields)
    row = as_approver.get(url(line)).context["rows"][0]
    assert (row.note.before, row.note.after) == free


def test_what_changed_since_it_was_proposed_is_told(as_approver, books, preparer):
    note, invoice = books.note(), books.invoice(state="UNPAID")
    line = factories.line(preparer, note, invoice)
    for hours, before, after in ((-1, "INIT", "IN_DRAFT"), (1, "IN_DRAFT", "UNPAID")):
        Seen.objects.create(
            what="invoice_payable", document_id=invoice.id, field="state",
            before=before, after=after, at=factories.NOW + timedelta(hours=hours),
        )  # fmt: skip
    said = words(as_approver.get(url(line)))
    assert "State: Draft → Unpaid" in said
    assert "New → Draft" not in said


def test_a_line_that_no_longer_fits_says_so_and_is_left_out(as_approver, books, preparer):
    invoice = books.invoice()
    line = factories.line(preparer, books.note(), invoice)
    invoice.state = "CANCELLED"
    invoice.save()
    answer = as_approver.get(url(line))
    assert "No longer fits. " in words(answer)
    assert "It was cancelled in Light." in words(answer)
    assert re.search(rf'id="approve-{line.pk}"[^>]*disabled', answer.text)
    dialog = as_approver.get(url(line, "approve_all"), **HTMX)
    assert "None of these lines can be approved with others." in words(dialog)
    assert 'name="line"' not in dialog.text


def test_the_proposer_sees_why_the_button_is_off(as_preparer, line):
    answer = as_preparer.get(url(line))
    assert "You proposed this line yourself. A second person has to approve it." in words(answer)
    assert re.search(rf'id="approve-{line.pk}"[^>]*disabled', answer.text)
    assert f'id="take-back-{line.pk}"' in answer.text


def test_a_viewer_sees_everything_and_can_do_nothing(client, viewer, line):
    client.force_login(viewer)
    answer = client.get(url(line))
    assert "Only an approver can do this." in words(answer)
    assert "take-back" not in answer.text
    assert 'id="reject-' not in answer.text


def test_markup_in_words_stays_words(as_approver, books, preparer):
    note = books.note(document_number="<script>alert(1)</script>")
    line = factories.line(preparer, note, books.invoice(), state="proposed")
    line.proposal.note = "<b>bold</b>"
    line.proposal.save()
    for address in (url(line), url(line, "reject"), url(line, "approve_all")):
        text = as_approver.get(address).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "&amp;lt;" not in text
        assert "<b>bold" not in text


SENTENCES = {
    "refused": ({"outcome": "Too much."}, "Light said no: “Too much.”"),
    "unknown": ({}, "takes longer than we said. We are still looking. Please do not link"),
    "fallen": ({"outcome": "It was cancelled."}, "It was cancelled."),
    "not_applied": ({"outcome": "Looked for twice."}, "Looked for twice."),
    "needs_person": (
        {"outcome": "Somebody may have removed it."},
        "Somebody may have removed it. An approver or a controller has to say what became of it.",
    ),
    "rejected": (
        {"rejected_code": "disputed", "rejected_reason": "call"},
        "Disputed with the vendor – call",
    ),
    "ready": ({}, "Approved. It is sent next."),
    "sending": ({}, "Please do not link these two in Light yourself."),
    "done": ({}, "In Light"),
}


@pytest.mark.parametrize("state", SENTENCES)
def test_each_outcome_has_its_words(as_approver, books, preparer, approver, state):
    fields, sentence = SENTENCES[state]
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state=state, **fields
    )
    said = words(as_approver.get(url(line)))
    assert sentence in said
    if state != "done":
        assert "1 of 1" not in said  # nothing on its way is shown as done


def test_an_unknown_outcome_says_until_when(as_approver, books, preparer, approver, settings):
    settings.SYNC_INTERVAL = 300
    until = timezone.now() + timedelta(seconds=60)
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state="unknown",
        quarantine_until=until,
    )  # fmt: skip
    told = re.search(
        r"Light has not confirmed yet\. We are checking and will tell you by (.+?)\. Please do not "
        r"link these two in Light yourself\.",
        words(as_approver.get(url(line))),
    )[1]
    assert f"{until + timedelta(seconds=300):%H:%M} UTC" in told


def test_what_became_of_a_link_stands_beside_it(as_approver, books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="COMPLETED")
    line = factories.line(preparer, note, invoice, approved_by=approver, state="done")
    factories.link(note, invoice, fate="not_honoured")
    assert "Not honoured by Light" in words(as_approver.get(url(line)))


def test_the_story_of_the_calls_is_folded_away(as_approver, books, preparer, approver):
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state="unknown"
    )
    Attempt.objects.create(
        instruction=line, worker="worker-7", claimed_at=factories.NOW, lease_until=factories.NOW,
        sent_at=factories.NOW, abandoned_at=factories.NOW, answer="lease ended",
        looks=[{"at": factories.NOW.isoformat(), "found": "not there"}],
    )  # fmt: skip
    answer = as_approver.get(url(line))
    folded = answer.text.partition("<summary>Technical details</summary>")[2]
    for part in (
        "worker-7", "Looked at both documents: it fits. Sent.",
        "The worker did not come back; another went on",
        "Read back: Light does not show it",
    ):  # fmt: skip
        assert part in folded


def test_a_long_proposal_needs_few_queries(
    as_approver, books, preparer, django_assert_max_num_queries
):
    factories.synced()
    note = books.note(amount=10**9)
    first = factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 100)
    for place in range(1, 80):
        factories.line(
            preparer, note, books.invoice(state="IN_DRAFT"), 100,
            in_proposal=first.proposal, position=place,
        )  # fmt: skip
    with django_assert_max_num_queries(29):
        assert as_approver.get(url(first)).status_code == 200


@pytest.mark.parametrize("name", ["proposal", "approve_all", "lines_progress", "reject"])
@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_an_unknown_number_is_not_found(as_approver, name, number):
    assert as_approver.get(reverse(name, args=[number])).status_code == 404
