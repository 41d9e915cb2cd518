"""What is decided about lines, one by one and several at once, and how far they are."""

import re
from datetime import timedelta

import pytest

from clearing import balances
from clearing.models import Instruction
from tests import factories
from tests.views.pages import HTMX, url, words

pytestmark = pytest.mark.usefixtures("monday")

S = Instruction.State


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
    assert (answer.status_code, "dialog-done" in answer["HX-Trigger"]) == (200, True)
    assert f'id="state-{line.pk}" hx-swap-oob="true"' in answer.text
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
    said = factories.suggested(4000)
    first = factories.line(preparer, books.note(), books.invoice(), suggestion=said)
    more = [
        factories.line(
            preparer, books.note(), books.invoice(), in_proposal=first.proposal, position=place,
            suggestion=said,
        )
        for place in (1, 2)
    ]  # fmt: skip
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
    assert re.findall(r'id="([^"]+)" hx-swap-oob', quiet.text) == ["stopped"]
    later = Instruction.objects.get(pk=three[0].pk).changed_at + timedelta(seconds=1)
    Instruction.objects.filter(pk=three[0].pk).update(state="done", changed_at=later)
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
