"""The page of one credit note: lines, what is planned and cleared, next steps, its timeline."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from clearing.models import CreditNote, Edit, Link, Months, Seen
from clearing.queries import note_lines
from clearing.services import correcting
from tests import factories
from tests.views.pages import HTMX, words


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def url(note, name="credit_note"):
    return reverse(name, args=[note.pk])


def draft(books, **over):
    """A draft of EUR 119.00 whose lines were read."""
    fields = {"status": "DRAFT", "amount": 11900, "lines_read_at": factories.NOW}
    return books.note(**fields | over)


# --- lines -------------------------------------------------------------------------------------
def test_lines_stand_with_their_sides_account_and_sums(books, seen):
    note = draft(books, are_lines_with_tax=False)
    account = factories.account(code="4930", label="Office supplies")
    factories.note_line(
        note, description="Chairs", net=10000, tax=1900, gross=11900, ledger_account_id=account.pk
    )
    factories.note_line(
        note, position=1, description="Deposit", net=500, net_side="D", tax=0, tax_side="D",
        gross=500, gross_side="D",
    )  # fmt: skip
    page = words(seen.get(url(note)))
    assert "Chairs" in page and "4930 Office supplies" in page
    assert "EUR 119.00 Cr" in page and "EUR 5.00 Dr" in page
    assert "Together EUR 95.00 Cr EUR 19.00 Cr EUR 114.00 Cr" in page
    assert "Tax is added on top." in page


def test_of_very_many_lines_the_first_are_shown_and_all_are_counted(books, seen, monkeypatch):
    monkeypatch.setattr(note_lines, "MOST", 2)
    note = draft(books, amount=30000)
    for n in range(3):
        factories.note_line(note, position=n, description=f"Line-{n}", gross=10000)
    page = words(seen.get(url(note)))
    assert "Line-1" in page and "Line-2" not in page and "and 1 more line" in page
    assert "EUR 300.00 Cr" in page and "apart." not in page


@pytest.mark.parametrize(
    ("gross", "sentence"),
    [
        (11900, ""),
        (11800, "The lines make EUR 118.00, the head says EUR 119.00: EUR 1.00 apart."),
        (None, "Not every line has a gross amount"),
    ],
)
def test_lines_that_do_not_make_the_amount_are_warned_of(books, seen, gross, sentence):
    note = draft(books)
    factories.note_line(note, net=10000, tax=1900, gross=gross)
    page = words(seen.get(url(note)))
    assert sentence in page and ("apart." in page) is (gross == 11800)


def test_lines_that_were_not_read_are_asked_for_and_come_by_themselves(books, seen):
    note = draft(books, lines_read_at=None)
    page = seen.get(url(note))
    assert "Its lines are being read from Light." in page.text
    assert f'hx-get="{url(note)}" hx-trigger="every 2s"' in page.text
    assert CreditNote.objects.get(pk=note.pk).lines_wanted_at is not None
    assert seen.get(url(note), **HTMX).status_code == 204  # nothing to show yet
    factories.note_line(note, description="Chairs", gross=11900)
    CreditNote.objects.update(lines_read_at=factories.NOW)
    part = seen.get(url(note), **HTMX)
    assert part.status_code == 200 and "Chairs" in part.text and "<html" not in part.text
    assert "every 2s" not in part.text and 'hx-swap-oob="true"' in part.text


def test_looking_at_the_head_alone_asks_for_nothing(books, seen):
    note = draft(books, lines_read_at=None)
    seen.head(url(note))
    gone = draft(books, lines_read_at=None, gone_at=factories.NOW)
    assert "being read" not in seen.get(url(gone)).text
    assert not CreditNote.objects.filter(lines_wanted_at__isnull=False).exists()


# --- drafts: the cause and the next step --------------------------------------------------------
def test_a_draft_names_everything_that_is_missing_and_where_to_add_it(books, client, preparer):
    client.force_login(preparer)
    note = factories.credit_note(
        None, books.entity, status="DRAFT", currency="", lines_read_at=factories.NOW
    )
    page = client.get(url(note))
    for sentence in ("It has no vendor.", "It has no currency.", "It has no line."):
        assert sentence in words(page)
    assert page.text.count(f'href="{url(note, "edit_note")}"') >= 4  # three causes, one button
    assert 'id="post"' not in page.text  # the button rests: it says the first of them


def test_why_a_button_rests_is_said_in_a_sentence_of_its_own(books, client, preparer):
    client.force_login(preparer)
    page = client.get(url(draft(books)))
    assert '<p class="why-not" id="why-post">It has no line. Add one.</p>' in page.text
    assert 'disabled aria-describedby="why-post">Post</button>' in page.text


def test_buttons_that_rest_for_one_reason_share_it(books, client, preparer, approver):
    note = draft(books)
    factories.note_line(note, gross=11900)
    factories.edit(preparer, note, state="unknown")
    client.force_login(approver)
    page = client.get(url(note)).text.split('id="note-actions"')[1].split("</header>")[0]
    assert page.count("Paula Prep is not settled yet") == 1
    assert page.count('aria-describedby="why-post"') == 2 and page.count('id="why-') == 2


def test_a_draft_that_lacks_nothing_leads_to_its_posting(books, client, approver):
    client.force_login(approver)
    note = draft(books)
    factories.note_line(note, gross=11900)
    assert not correcting.post_problems(note)
    page = client.get(url(note))
    assert "Nothing is missing." in words(page)
    assert page.text.count(f'hx-get="{url(note, "post_note")}"') == 2


def test_a_draft_of_a_closed_month_is_for_a_controller(books, client, approver, controller):
    note = draft(books, document_date=date(2026, 9, 14))
    factories.note_line(note, gross=11900)
    Months.objects.create(
        entity_id=books.entity.pk, closed_through=date(2026, 9, 30),
        changed_at=factories.NOW, changed_by=controller,
    )  # fmt: skip
    for person, rests in ((approver, True), (controller, False)):
        client.force_login(person)
        page = client.get(url(note))
        assert "September 2026 is closed. Only a controller can post into it" in words(page)
        (post,) = [one for one in page.context["actions"] if one.key == "post"]
        assert bool(post.why_not) is rests


def test_each_person_reads_why_a_button_rests(books, client, preparer, approver, viewer):
    note = draft(books)
    factories.note_line(note, gross=11900)
    for person, rests in (
        (preparer, []),
        (approver, ["Only a preparer can change a draft."]),
        (viewer, ["Only a preparer can change a draft.",
                  "Only an approver or a controller can post a credit note.",
                  "Only an approver or a controller can cancel a credit note."]),
    ):  # fmt: skip
        client.force_login(person)
        shown = client.get(url(note)).context["actions"]
        assert [one.why_not for one in shown if one.why_not] == rests


def test_a_draft_that_is_being_changed_says_by_whom(books, seen, preparer):
    note = draft(books)
    until = datetime.now(UTC) + timedelta(days=2)
    Edit.objects.create(
        kind="change_note", state="unknown", credit_note_id=note.pk, asked_by=preparer,
        asked_at=factories.NOW, changed_at=factories.NOW, sent_at=factories.NOW,
        quarantine_until=until,
    )  # fmt: skip
    page = words(seen.get(url(note)))
    assert "Change of the draft by Paula Prep: Light has not confirmed yet." in page
    assert "will tell you by" in page and "Please do not change it in Light yourself." in page


# --- planned and cleared ------------------------------------------------------------------------
@pytest.fixture
def both(books):
    """EUR 30.00 planned, EUR 40.00 cleared of EUR 50.00 planned, one link removed."""
    note = books.note(document_number="CR-1", amount=20000)
    planned, paid = (
        books.invoice(invoice_number="INV-P", state="IN_DRAFT"),
        books.invoice(invoice_number="INV-C", state="UNPAID"),
    )
    factories.link(note, planned, 3000)
    factories.link(note, paid, 5000, fate=Link.Fate.CLEARED_PART)
    factories.clearing(paid, note, 4000, payment_date=date(2026, 10, 14))
    removed = books.invoice(invoice_number="INV-R", state="IN_DRAFT")
    factories.link(note, removed, 1000, fate=Link.Fate.REMOVED, gone_at=factories.NOW)
    return note, planned, paid


def test_planned_and_cleared_are_two_things_with_their_sums(both, seen):
    bound = seen.get(url(both[0])).context["shown"].bound
    assert [row.name for row in bound.planned] == ["INV-P"]
    assert [row.name for row in bound.past] == ["INV-R"]
    assert [(row.name, row.amount, row.planned) for row in bound.cleared] == [
        ("INV-C", "EUR 40.00", "EUR 50.00")
    ]
    assert (bound.planned_sum, bound.cleared_sum) == ("EUR 30.00", "EUR 40.00")


def test_the_page_knows_which_undo_applies(both, client, approver, preparer):
    note, planned, paid = both
    remove = reverse("remove_link", args=[note.pk, planned.pk])
    undo = reverse("undo_clearing", args=[note.pk, paid.pk])
    move = reverse("move_clearing", args=[note.pk, paid.pk])
    client.force_login(preparer)
    page = client.get(url(note)).text
    assert all(f'hx-get="{one}"' in page for one in (remove, undo, move))
    assert reverse("undo_clearing", args=[note.pk, planned.pk]) not in page
    assert reverse("remove_link", args=[note.pk, paid.pk]) not in page
    client.force_login(approver)  # may ask to undo, but not to link
    page = client.get(url(note)).text
    assert undo in page and move not in page and "Move: Only a preparer can do this." in page


def test_an_open_line_about_the_pair_holds_its_clearing(both, client, preparer, approver):
    note, _planned, paid = both
    factories.line(preparer, note, paid, 4000, kind="reverse", clearing_id=paid.pk)
    client.force_login(approver)
    page = client.get(url(note)).text
    assert reverse("undo_clearing", args=[note.pk, paid.pk]) not in page
    assert "Another line about these two is still open." in page


def test_a_clearing_that_was_undone_stays_visible_without_a_button(books, seen):
    note, paid = books.note(), books.invoice(invoice_number="INV-C")
    factories.clearing(paid, note, 4000, gone_at=factories.NOW)
    bound = seen.get(url(note)).context["shown"].bound
    (row,) = bound.cleared
    assert row.gone and not row.first and row.undo_url == "" and bound.cleared_sum == ""


# --- documents and the timeline -----------------------------------------------------------------
def test_the_pdf_stands_beside_the_data(books, seen, settings):
    note, pdf = books.note(), ""
    pdf = url(note, "credit_note_document")
    page = seen.get(url(note)).text
    assert (
        f'<iframe class="paper" src="{pdf}#view=FitH" title="PDF of {note}" loading="lazy">' in page
    )
    assert f'href="{pdf}?download=1"' in page and "Open in Light" not in page
    settings.LIGHT_CREDIT_NOTE_URL = "https://light.example/cn/{id}?a=1&b=2"
    page = seen.get(url(note)).text
    assert f'href="https://light.example/cn/{note.pk}?a=1&amp;b=2"' in page
    assert 'rel="noopener noreferrer"' in page


def test_the_timeline_merges_lights_dates_with_what_was_seen(books, seen):
    note = books.note(
        document_date=date(2026, 9, 14), posting_date=date(2026, 9, 15),
        created_in_light_at=datetime(2026, 9, 13, 8, 0, tzinfo=UTC),
    )  # fmt: skip
    old, new = books.invoice(invoice_number="OLD"), books.invoice(invoice_number="NEW")
    factories.clearing(old, note, 1000, payment_date=date(2026, 9, 30))
    factories.clearing(new, note, 2000, payment_date=date(2026, 11, 2))
    Seen.objects.create(what="clearing", document_id=note.pk, other_id=new.pk, field="clearing",
                        before="", after="2000", at=factories.NOW)  # fmt: skip
    said = [event.words for event in seen.get(url(note)).context["shown"].history]
    assert said == [
        "Cleared with NEW: EUR 20.00",  # told once: Light's date is the day it was seen
        "Cleared with OLD: EUR 10.00 (payment date)",
        "Posted to the ledger (posting date)",
        "Date of the document",
        "Created",
    ]


def test_a_draft_has_no_posting_date_in_its_timeline(books, seen):
    note = draft(books, posting_date=date(2026, 9, 15))
    assert "Posted to the ledger" not in words(seen.get(url(note)))


@pytest.mark.parametrize(("status", "most"), [("POSTED", 23), ("DRAFT", 31)])
def test_a_page_takes_as_many_queries_whatever_its_size(
    books, seen, preparer, status, most, django_assert_max_num_queries
):
    note = books.note(amount=10**9, status=status, lines_read_at=factories.NOW)
    for n in range(20):
        invoice = books.invoice(state="IN_DRAFT")
        factories.link(note, invoice, 10)
        factories.clearing(books.invoice(), note, 10)
        factories.line(preparer, note, books.invoice(), 10)
        factories.note_line(note, position=n, gross=10)
    seen.get(url(note))
    with django_assert_max_num_queries(most):
        assert seen.get(url(note)).status_code == 200
