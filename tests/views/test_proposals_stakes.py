"""What an approver must see beside a line, and who sees why they cannot approve it."""

import re
from datetime import date

import pytest

from clearing.models import CreditNote, Edit, Instruction, Months, NotDuplicate
from clearing.services import correcting
from tests import factories
from tests.views.pages import HTMX, url, words

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def post(draft, preparer):
    return correcting.post(credit_note_id=draft.id, seen=correcting.fingerprint(draft), by=preparer)


@pytest.fixture
def undo(books, preparer):
    """CN-1 on INV-A, EUR 40.00, cleared on 30 October."""
    note = books.note(document_number="CN-1", status="CLEARED", amount=4000)
    invoice = books.invoice(invoice_number="INV-A", state="COMPLETED", outstanding_balance=0)
    factories.clearing(invoice, note, 4000)
    return factories.line(preparer, note, invoice, 4000, kind="reverse")


def edited(note_id, by, **over):
    fields = {
        "kind": "change_note", "state": "done", "credit_note_id": note_id, "asked_by": by,
        "asked_at": factories.NOW, "sent_at": factories.NOW, "changed_at": factories.NOW,
    }  # fmt: skip
    return Edit.objects.create(**fields | over)


def close(books, by):
    Months.objects.create(
        entity_id=books.entity.pk, closed_through=date(2026, 10, 31), changed_at=factories.NOW,
        changed_by=by,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["proposal", "approve_all"])
def test_a_post_shows_its_sums_its_month_and_its_editors(
    as_approver, books, post, preparer, controller, name
):
    edited(post.credit_note_id, preparer)
    edited(post.credit_note_id, controller, state="refused")
    close(books, controller)
    said = words(as_approver.get(url(post, name)))
    for part in (
        "Post credit note: CN-7", "Net EUR 100.00", "VAT EUR 19.00", "Gross EUR 119.00",
        "Posted on 14 Sep 2026, in September 2026. Posting changes VAT.",
        "September 2026 is closed.", "CN-7 was edited here by Paula Prep.",
    ):  # fmt: skip
        assert part in said, part


def test_a_post_makes_its_amount_free(as_approver, post):
    row = as_approver.get(url(post)).context["rows"][0]
    assert (row.note.before, row.note.after) == ("EUR 0.00", "EUR 119.00")


@pytest.mark.parametrize("archives", [False, True])
def test_an_undoing_shows_what_follows(as_approver, books, undo, controller, archives):
    Instruction.objects.filter(pk=undo.pk).update(archives=archives)
    close(books, controller)
    answer = as_approver.get(url(undo))
    said = words(answer)
    for part in (
        "INV-A will show EUR 40.00 unpaid again and can be picked up by the next payment.",
        "It was cleared on 30 Oct 2026.", "October 2026 is closed.",
    ):  # fmt: skip
        assert part in said, part
    cancelled = "CN-1 is cancelled, too: its posting of EUR 40.00 is reversed in the ledger."
    assert (cancelled in said) is archives
    row = answer.context["rows"][0]
    assert row.note.after == ("EUR 0.00" if archives else "EUR 40.00")


def test_cancelling_shows_its_month(as_approver, books, preparer):
    note = books.note(posting_date=date(2026, 9, 14))
    line = factories.line(preparer, note, None, 10000, kind="archive")
    said = words(as_approver.get(url(line)))
    assert "Its posting is reversed in the ledger, so its VAT changes." in said
    assert "It was posted on 14 Sep 2026." in said


def test_what_was_said_of_duplicates_is_shown(as_approver, books, line, preparer):
    twin = books.note(document_number="CN-TWIN")
    one, other = sorted([line.credit_note_id, twin.id])
    NotDuplicate.objects.create(
        one_id=one, other_id=other, reason="Another delivery", by=preparer, at=factories.NOW
    )
    said = words(as_approver.get(url(line)))
    assert re.search(
        r"Paula Prep said on 2 Nov 2026.* that it is not the same as CN-TWIN : Another", said
    )


def test_nothing_is_said_where_nothing_is_to_say(as_approver, line):
    assert as_approver.get(url(line)).context["stakes"] == []


def test_once_it_is_decided_nothing_is_at_stake(as_approver, post, approver):
    as_approver.post(url(post, "reject"), {"reason_code": "wait"})
    assert as_approver.get(url(post)).context["stakes"] == []


# --- who cannot, and why --------------------------------------------------------------------------
EDITED = "You have edited or posted this credit note yourself."


def test_whoever_edited_the_note_sees_why_not(as_approver, approver, line):
    edited(line.credit_note_id, approver)
    answer = as_approver.get(url(line))
    assert EDITED in words(answer)
    assert re.search(rf'id="approve-{line.pk}"[^>]*disabled', answer.text)
    refused = as_approver.post(url(line, "approve"), {"seen": line.content_hash})
    assert refused.status_code == 403
    assert EDITED in words(refused)


def test_the_house_may_let_them(as_approver, approver, line, settings):
    settings.EDITOR_CANNOT_APPROVE = False
    edited(line.credit_note_id, approver)
    assert EDITED not in words(as_approver.get(url(line)))


def test_several_at_once_leave_out_what_one_cannot_approve(
    as_approver, approver, books, preparer, line
):
    other = factories.line(
        preparer, books.note(document_number="CN-2"), books.invoice(), in_proposal=line.proposal,
        position=1, suggestion=factories.suggested(4000),
    )  # fmt: skip
    edited(other.credit_note_id, approver)
    page = as_approver.get(url(line))
    assert "Approve 1 line for EUR 40.00" in words(page)
    assert f'id="never-{other.pk}"' in page.text
    dialog = as_approver.get(url(line, "approve_all"), **HTMX)
    assert f"Is left out. {EDITED}" in words(dialog)
    assert re.findall(r'name="line" value="(\d+)"', dialog.text) == [str(line.pk)]
    data = {"line": [line.pk, other.pk], f"seen_{line.pk}": line.content_hash,
            f"seen_{other.pk}": other.content_hash}  # fmt: skip
    done = as_approver.post(url(line, "approve_all"), data, follow=True)
    assert "1 approved, 1 not: CN-2" in words(done)
    assert EDITED in words(done)


RIGHTS = [
    ("post", "controller", ""), ("post", "approver", ""),
    ("post", "preparer", "Only an approver or a controller can post a credit note."),
    ("link", "controller", "Only an approver can do this."),
    ("link", "viewer", "Only an approver can do this."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "role", "sentence"), RIGHTS)
def test_who_may_decide_about_which_kind(client, post, line, kind, role, sentence):
    about = post if kind == "post" else line
    client.force_login(factories.person(role, username="somebody"))
    page = client.get(url(about))
    if not sentence:
        assert not re.search(rf'id="approve-{about.pk}"[^>]*disabled', page.text)
        assert client.post(url(about, "approve"), {"seen": about.content_hash}).status_code == 302
        return
    assert sentence in words(page)
    dialog = client.get(url(about, "reject"), **HTMX)
    assert ' disabled aria-describedby="dialog-never"' in dialog.text
    for name, data in (("approve", {"seen": about.content_hash}),
                       ("reject", {"reason_code": "wait"})):  # fmt: skip
        assert client.post(url(about, name), data).status_code == 403
    about.refresh_from_db()
    assert about.state == "proposed"


def test_an_approver_who_proposed_takes_it_back(as_approver, approver, books):
    note = CreditNote.objects.get(pk=books.note().pk)
    line = factories.line(approver, note, None, 10000, kind="archive")
    assert f'id="take-back-{line.pk}"' in as_approver.get(url(line)).text
    assert as_approver.post(url(line, "take_back")).status_code == 302
