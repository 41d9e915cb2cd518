"""The dialog that posts a draft: what it says, what it refuses, what it starts."""

import re
from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse

from clearing.models import CreditNoteLine, Instruction, Months
from tests import factories
from tests.views.pages import HTMX, words

OCTOBER = date(2026, 10, 31)


def post_url(note):
    return reverse("post_note", args=[note.pk])


def close(books, by, **over):
    fields = {"closed_through": OCTOBER, "vat_filed_through": OCTOBER} | over
    Months.objects.create(
        entity_id=books.entity.pk, changed_at=factories.NOW, changed_by=by, **fields
    )


def seen(client, note):
    return re.search(r'name="seen" value="([^"]+)"', client.get(post_url(note)).text)[1]


def sign_in(client, role):
    client.force_login(factories.person(role, username=f"a-{role}"))


def test_the_post_dialog_says_what_posting_does(as_approver, draft):
    dialog = as_approver.get(post_url(draft), **HTMX)
    said = words(dialog)
    for part in (
        "Post CN-7 to the ledger?", "14 Sep 2026", "in September 2026", "Net EUR 100.00",
        "VAT EUR 19.00", "Gross EUR 119.00", "Linking does not change VAT; posting and archiving "
        "do.", "You can do this alone; it is sent at once.", "Status of CN-7 Draft Posted",
        "Free to use on CN-7 EUR 0.00 EUR 119.00", "Keep the draft", "Post credit note",
        "It cannot be undone, only cancelled",
    ):  # fmt: skip
        assert part in said, part
    assert "data-close autofocus" in dialog.text
    assert 'name="reason"' not in dialog.text


@pytest.mark.parametrize(
    ("role", "alone"), [("preparer", False), ("approver", True), ("controller", True)]
)
@pytest.mark.parametrize("extra", [{}, HTMX])
def test_who_posts_alone_and_who_asks(client, draft, role, alone, extra):
    sign_in(client, role)
    page = words(client.get(post_url(draft)))
    assert ("it is sent at once" in page) is alone
    assert ("A second person has to approve it" in page) is not alone
    answer = client.post(post_url(draft), {"seen": seen(client, draft)}, **extra)
    assert answer.status_code == (204 if extra else 302)
    line = Instruction.objects.get()
    assert (line.kind, line.state) == ("post", "ready" if alone else "proposed")


def test_the_house_may_always_want_two(as_approver, draft):
    with override_settings(SECOND_PERSON_ALWAYS=True):
        assert "alone" not in words(as_approver.get(post_url(draft)))
        as_approver.post(post_url(draft), {"seen": seen(as_approver, draft)})
    assert Instruction.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"vendor_id": None}, "It has no vendor."),
        ({"entity_id": None}, "It has no company entity."),
        ({"currency": ""}, "It has no currency."),
        ({"lines_read_at": None}, "Its lines are being read from Light."),
        ({"status": "POSTED"}, "It is not a draft any more."),
        ({"gone_at": factories.NOW}, "Light no longer shows it."),
    ],
)
def test_each_missing_condition_is_named_with_a_way_to_it(as_approver, draft, over, sentence):
    type(draft).objects.filter(pk=draft.pk).update(**over)
    dialog = as_approver.get(post_url(draft))
    assert sentence in words(dialog)
    assert '<form class="form"' not in dialog.text
    assert 'disabled aria-describedby="dialog-not-yet">Post credit note' in dialog.text
    place = dialog.text.split(sentence)[1].split("</li>")[0]
    assert re.search(r'<a href="/credit-notes/[^"]+">', place)
    answer = as_approver.post(post_url(draft), {"seen": "x"})
    assert answer.status_code == 409
    assert sentence in words(answer)
    assert not Instruction.objects.exists()


def test_a_draft_without_a_line_leads_to_its_edit_page(as_approver, draft):
    CreditNoteLine.objects.all().delete()
    dialog = as_approver.get(post_url(draft))
    assert "It has no line. Add one." in words(dialog)
    assert f'href="{reverse("edit_note", args=[draft.pk])}"' in dialog.text


def test_another_line_leads_to_its_proposal(as_approver, draft, preparer):
    line = factories.line(preparer, draft, None, kind="archive", of_draft=True)
    dialog = as_approver.get(post_url(draft))
    assert "Paula Prep has asked for something else already" in words(dialog)
    assert f'href="{reverse("proposal", args=[line.proposal_id])}"' in dialog.text


def test_lines_that_do_not_add_up_are_warned_of(as_approver, draft):
    type(draft).objects.filter(pk=draft.pk).update(amount=12000)
    said = words(as_approver.get(post_url(draft)))
    assert "Its lines add up to EUR 119.00, but its amount is EUR 120.00." in said


def test_what_changed_since_one_looked_is_not_posted(as_approver, draft):
    looked = seen(as_approver, draft)
    CreditNoteLine.objects.update(gross=12000)
    answer = as_approver.post(post_url(draft), {"seen": looked}, **HTMX)
    assert answer.status_code == 409
    assert "It has changed since you looked at it" in words(answer)
    assert not Instruction.objects.exists()


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({}, "September 2026 is closed and its VAT is filed."),
        ({"vat_filed_through": None}, "September 2026 is closed."),
        ({"closed_through": None}, "The VAT of September 2026 is filed."),
    ],
)
@pytest.mark.parametrize("role", ["preparer", "approver", "controller"])
def test_into_a_closed_month_only_a_controller_posts(
    client, books, draft, controller, role, over, sentence
):
    close(books, controller, **over)
    sign_in(client, role)
    dialog = client.get(post_url(draft))
    assert sentence in words(dialog)
    allowed = role == "controller"
    assert ("only a controller can." not in words(dialog)) is allowed
    assert (' disabled aria-describedby="dialog-never"' not in dialog.text) is allowed
    data = {"seen": seen(client, draft), "reason_code": "came_late", "reason": "Came in November"}
    for extra, status in ((HTMX, 204 if allowed else 409), ({}, 409 if allowed else 403)):
        assert client.post(post_url(draft), data, **extra).status_code == status
    assert [(one.into_closed, one.reason) for one in Instruction.objects.all()] == (
        [(True, "Came in November")] if allowed else []
    )


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "other", "reason": ""}, "reason"),
        ({"reason_code": "came_late", "reason": " "}, "reason"),
    ],
)
def test_a_closed_month_asks_why(client, books, draft, controller, over, field):
    close(books, controller)
    sign_in(client, "controller")
    data = {"seen": seen(client, draft), "reason_code": "came_late", "reason": "typed <words>"}
    answer = client.post(post_url(draft), data | over, **HTMX)
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">' in answer.text
    if field == "reason_code":
        assert "typed &lt;words&gt;</textarea>" in answer.text
    assert not Instruction.objects.exists()
