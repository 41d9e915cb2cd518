"""The review queue and one proposal: what is shown, who decides, what every answer says."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing import balances
from clearing.models import Attempt, Instruction, Seen
from tests import factories

HTMX = {"headers": {"HX-Request": "true"}}
S = Instruction.State


def url(line, name="proposal"):
    key = line.proposal_id if name in {"proposal", "approve_all", "lines_progress"} else line.pk
    return reverse(name, args=[key])


def words(answer):
    """The text of a page, without tags and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("&#x27;", "'")


@pytest.fixture
def line(books, preparer):
    """A line of EUR 40.00 that waits for review."""
    return factories.line(preparer, books.note(), books.invoice(state="IN_DRAFT"))


@pytest.fixture
def as_approver(client, approver):
    client.force_login(approver)
    return client


@pytest.fixture
def as_preparer(client, preparer):
    client.force_login(preparer)
    return client


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
    assert "None of these lines fits any more" in words(dialog)
    assert 'name="line"' not in dialog.text


def test_the_proposer_sees_why_the_button_is_off(as_preparer, line):
    answer = as_preparer.get(url(line))
    assert "You proposed this yourself. A second person has to approve it." in words(answer)
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
    "unknown": ({}, "Light has not confirmed yet. We are still checking."),
    "fallen": ({"outcome": "It was cancelled."}, "It was cancelled."),
    "not_applied": ({"outcome": "Looked for twice."}, "Looked for twice."),
    "needs_person": ({"outcome": "Somebody may have removed it."}, "Needs a decision"),
    "rejected": (
        {"rejected_code": "disputed", "rejected_reason": "call"},
        "Disputed with the vendor – call",
    ),
    "ready": ({}, "Approved, waits to be sent"),
    "sending": ({}, "Sending"),
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
    )  # fmt: skip
    answer = as_approver.get(url(line))
    assert "<details" in answer.text
    assert "no answer; read back instead" in words(answer)


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
    with django_assert_max_num_queries(26):
        assert as_approver.get(url(first)).status_code == 200


@pytest.mark.parametrize("name", ["proposal", "approve_all", "lines_progress", "reject"])
@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_an_unknown_number_is_not_found(as_approver, name, number):
    assert as_approver.get(reverse(name, args=[number])).status_code == 404


# --- deciding -----------------------------------------------------------------------------------
def test_approving_what_was_seen(as_approver, approver, line):
    answer = as_approver.post(url(line, "approve"), {"seen": line.content_hash}, follow=True)
    assert answer.redirect_chain[0][0] == f"{url(line)}#line-{line.pk}"
    line.refresh_from_db()
    assert (line.state, line.approved_by) == (S.READY, approver)
    assert "Approved. It is sent to Light next." in words(answer)


@pytest.mark.parametrize("seen", [None, "", "x", "\x00", "x" * 100_000])
def test_approving_something_else_is_a_conflict(as_approver, line, seen):
    answer = as_approver.post(url(line, "approve"), {} if seen is None else {"seen": seen})
    assert answer.status_code == 409
    assert "changed since you opened the page" in words(answer)
    line.refresh_from_db()
    assert line.state == S.PROPOSED


def test_a_second_click_is_told(as_approver, line):
    as_approver.post(url(line, "approve"), {"seen": line.content_hash})
    answer = as_approver.post(url(line, "approve"), {"seen": line.content_hash})
    assert answer.status_code == 409
    assert "has changed meanwhile" in words(answer)


def test_ones_own_line_is_not_approved(as_approver, approver, books):
    line = factories.line(approver, books.note(), books.invoice())
    answer = as_approver.post(url(line, "approve"), {"seen": line.content_hash})
    assert answer.status_code == 403
    assert "A second person has to approve it" in words(answer)
    line.refresh_from_db()
    assert line.state == S.PROPOSED


def test_taking_back(as_preparer, line):
    answer = as_preparer.post(url(line, "take_back"), follow=True)
    assert "Taken back. Its amounts are free again." in words(answer)
    assert as_preparer.post(url(line, "take_back")).status_code == 409


def test_taking_back_what_another_proposed_is_refused(client, line):
    client.force_login(factories.person("preparer", "other"))
    answer = client.post(url(line, "take_back"))
    assert answer.status_code == 403
    assert "Only the person who proposed" in words(answer)


def test_the_dialog_to_reject(as_approver, line):
    dialog = as_approver.get(url(line, "reject"), **HTMX)
    assert "<html" not in dialog.text
    assert 'id="dialog-title"' in dialog.text
    assert "data-close autofocus" in dialog.text  # the harmless one
    whole = as_approver.get(url(line, "reject"))
    assert "<html" in whole.text
    assert '<h1 id="dialog-title">' in whole.text
    assert "hx-post" not in whole.text


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_rejecting_without_a_reason_keeps_what_was_typed(as_approver, line, extra):
    data = {"reason_code": "other", "reason": ""}
    answer = as_approver.post(url(line, "reject"), data, **extra)
    assert answer.status_code == 422
    assert '<a href="#id_reason">Say in a few words' in answer.text
    assert 'value="other" checked' in answer.text
    data = {"reason_code": "", "reason": "typed <words>"}
    answer = as_approver.post(url(line, "reject"), data, **extra)
    assert '<a href="#id_reason_code">Choose a reason' in answer.text
    assert "typed &lt;words&gt;</textarea>" in answer.text
    line.refresh_from_db()
    assert line.state == S.PROPOSED


def test_rejecting(as_approver, line):
    data = {"reason_code": "other", "reason": "Not \x00this one"}
    answer = as_approver.post(url(line, "reject"), data, **HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"{url(line)}#line-{line.pk}")
    line.refresh_from_db()
    assert (line.state, line.rejected_reason) == (S.REJECTED, "Not this one")
    again = as_approver.post(url(line, "reject"), data, **HTMX)
    assert again.status_code == 409
    assert "has changed meanwhile" in words(again)


def test_megabytes_are_refused_without_an_error_of_ours(as_approver, line):
    data = {"reason_code": "other", "reason": "x" * 2_000_000}
    assert as_approver.post(url(line, "reject"), data).status_code in {400, 413, 422}


# --- several at once -----------------------------------------------------------------------------
@pytest.fixture
def three(books, preparer):
    """Three lines of one proposal: EUR 40.00, 40.00 and 40.00."""
    first = factories.line(preparer, books.note(), books.invoice())
    more = [
        factories.line(
            preparer, books.note(), books.invoice(), in_proposal=first.proposal, position=place
        )
        for place in (1, 2)
    ]
    return [first, *more]


def seen(*lines):
    return {"line": [line.pk for line in lines]} | {
        f"seen_{line.pk}": line.content_hash for line in lines
    }


def states(lines):
    return [Instruction.objects.get(pk=line.pk).state for line in lines]


def test_the_dialog_lists_all_that_wait_or_those_chosen(as_approver, three):
    assert "Approve 3 lines for EUR 120.00?" in words(as_approver.get(url(three[0], "approve_all")))
    chosen = {"chosen": 1, "line": [three[0].pk, three[2].pk, "junk", "\x00"]}
    dialog = as_approver.get(url(three[0], "approve_all"), chosen)
    assert "Approve 2 lines for EUR 80.00?" in words(dialog)
    none = as_approver.get(url(three[0], "approve_all"), {"chosen": 1})
    assert "No line that waits for review was selected." in words(none)


def test_approving_all(as_approver, three):
    answer = as_approver.post(url(three[0], "approve_all"), seen(*three), follow=True)
    assert "3 approved. They are sent to Light next." in words(answer)
    assert states(three) == [S.READY] * 3


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_each_line_has_its_own_result(as_approver, three, extra):
    Instruction.objects.filter(pk=three[1].pk).update(state=S.TAKEN_BACK)
    answer = as_approver.post(url(three[0], "approve_all"), seen(*three), **extra)
    assert answer.status_code == (204 if extra else 302)
    said = words(as_approver.get(url(three[0])))
    assert "2 approved, 1 not: " in said
    assert "it is now “Taken back”" in said
    assert states(three) == [S.READY, S.TAKEN_BACK, S.READY]


def test_where_nothing_was_approved_the_dialog_stays(as_approver, three):
    answer = as_approver.post(url(three[0], "approve_all"), {"line": [three[0].pk]}, **HTMX)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "changed since you opened the page" in words(answer)
    nothing = as_approver.post(url(three[0], "approve_all"), {})
    assert nothing.status_code == 409
    assert "Select at least one line" in words(nothing)


def test_lines_of_another_proposal_cannot_be_smuggled_in(as_approver, three, books, preparer):
    other = factories.line(preparer, books.note(), books.invoice())
    as_approver.post(url(three[0], "approve_all"), seen(other))
    assert states([other]) == [S.PROPOSED]


# --- progress -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "every"),
    [("ready", 2), ("sending", 2), ("unknown", 10), ("needs_person", 0), ("done", 0),
     ("refused", 0)],
)  # fmt: skip
def test_the_page_looks_again_only_while_something_is_under_way(
    as_approver, books, preparer, approver, state, every
):
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state=state
    )
    progress = re.search(r'<div id="progress"[^>]*>', as_approver.get(url(line)).text)[0]
    assert (f"every {every}s" in progress) is bool(every)
    assert ("hx-get" in progress) is bool(every)


def test_progress_counts_what_came_of_each(as_approver, books, preparer, approver):
    first = None
    for state in ("done", "done", "refused", "unknown", "taken_back", "fallen"):
        line = factories.line(
            preparer, books.note(), books.invoice(), approved_by=approver, state=state,
            in_proposal=first.proposal if first else None,
        )  # fmt: skip
        first = first or line
    said = words(as_approver.get(url(first, "lines_progress"), **HTMX))
    assert "2 of 5 in Light, 1 refused, 1 no longer fits, 1 being checked" in said


def test_only_lines_that_moved_are_sent_again(as_approver, three, approver):
    as_approver.post(url(three[0], "approve_all"), seen(three[0]))
    page = as_approver.get(url(three[0])).text
    again = re.search(r'hx-get="([^"]+progress[^"]+)"', page)[1].replace("&amp;", "&")
    quiet = as_approver.get(again, **HTMX)
    assert "hx-swap-oob" not in quiet.text
    Instruction.objects.filter(pk=three[0].pk).update(
        state="done", changed_at=timezone.now() + timedelta(seconds=1)
    )
    moved = as_approver.get(again, **HTMX)
    assert f'id="state-{three[0].pk}" hx-swap-oob="true"' in moved.text
    assert f'id="state-{three[1].pk}"' not in moved.text
    assert '<div id="live" hx-swap-oob="innerHTML">1 of 1 in Light</div>' in moved.text
    assert "<td" not in moved.text  # a cell outside of a table would be dropped by the browser
    assert "every" not in re.search(r'<div id="progress"[^>]*>', moved.text)[0]


def test_amounts_are_written_in_the_readers_format(as_approver, approver, books, preparer):
    from clearing.models import Preference

    Preference.objects.create(user=approver, number_format="de_DE")
    note = books.note(amount=1234567)
    line = factories.line(preparer, note, books.invoice(amount=1234567), 1234567)
    balances.refresh(notes=[note.id])
    assert "EUR 12.345,67" in words(as_approver.get(url(line)))
