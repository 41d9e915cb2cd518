"""What Light answers to a change of a draft's head, and what the person is told."""

import re

import pytest
from django.urls import reverse

from clearing.models import CreditNote, Edit
from tests import factories
from tests.views.browser_forms import fields
from tests.views.pages import HTMX, words


def test_lights_no_stands_at_the_top_and_everything_stays(form, drafts):
    other = drafts.draft()
    taken = CreditNote.objects.get(pk=other).document_number
    answer = form.save(document_number=taken, description="typed")
    assert answer.status_code == 422
    assert "Light said no: “" in words(answer) and taken in words(answer)
    assert form.data["description"] == "typed"
    assert Edit.objects.get().state == "refused"


@pytest.mark.parametrize("htmx", [False, True])
def test_light_that_is_down_is_said_and_everything_stays(form, drafts, settings, htmx):
    settings.LIGHT_API_URL = "http://127.0.0.1:9"
    answer = form.save(description="typed", htmx=htmx)
    assert answer.status_code == (422 if htmx else 503)  # htmx swaps no 503 in
    assert "Light cannot be reached now" in words(answer)
    assert form.data["description"] == "typed"
    assert not Edit.objects.exists()


def test_a_key_that_is_refused_is_said(form, drafts, settings):
    settings.LIGHT_API_KEY = "wrong"
    answer = form.save(description="typed")
    assert answer.status_code == 503 and "does not let us in: “" in words(answer)
    assert form.data["description"] == "typed"


def test_without_a_clear_answer_the_form_is_locked_until_it_is_settled(form, drafts):
    drafts.sandbox.faults.add(status=500, method="PATCH")
    answer = form.save(description="typed")
    assert answer.status_code == 200
    said = words(answer)
    checking = r"Light has not confirmed yet\. We are checking and will tell you by \d\d:\d\d UTC\."
    assert re.search(checking, said)
    assert "Please do not change it in Light yourself" in said
    assert "typed" in answer.text and "disabled" in answer.text
    assert len(drafts.writes) == 1
    assert Edit.objects.get().state == "unknown"
    # Asked again while it is held: nothing; afterwards the page comes anew.
    wait = form.client.get(form.url, {"wait": "1"}, **HTMX)
    assert (wait.status_code, wait.headers.get("HX-Refresh")) == (204, None)
    drafts.sandbox.faults.clear()
    drafts.settle_late()
    assert Edit.objects.get().state == "not_applied"
    assert form.client.get(form.url, {"wait": "1"}, **HTMX)["HX-Refresh"] == "true"
    after = words(form.client.get(form.url))
    assert "The last change is not in Light" in after and "typed" in after


def test_a_note_that_is_no_draft_says_why_and_cannot_be_edited(as_preparer, drafts):
    CreditNote.objects.filter(pk=drafts.id).update(status="POSTED")
    url = reverse("edit_note", args=[drafts.id])
    answer = as_preparer.get(url)
    assert "It is not a draft any more" in words(answer)
    assert fields(answer, url).keys() == {"shown"}  # all else is disabled
    assert "Add a line" not in answer.text


def test_a_draft_that_was_posted_meanwhile_is_not_changed(form, drafts):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), status="POSTED")
    answer = form.save(description="typed")
    assert answer.status_code == 409 and "not a draft any more" in words(answer)
    assert drafts.writes == []


@pytest.mark.parametrize("token", ["", "junk", None])
def test_a_form_without_what_was_shown_changes_nothing(form, drafts, token):
    data = form.data | {"description": "typed", "shown": token or ""}
    answer = form.client.post(form.url, data)
    assert answer.status_code == 409 and drafts.writes == []
    assert "too old or incomplete" in words(answer)


def test_what_was_shown_of_another_draft_is_refused(form, drafts):
    other = drafts.draft()
    theirs = fields(form.client.get(reverse("edit_note", args=[other])),
                    reverse("edit_note", args=[other]))  # fmt: skip
    answer = form.save(shown=theirs["shown"], description="typed")
    assert answer.status_code == 409 and drafts.writes == []


def test_who_may_not_edit_sees_the_form_and_why(client, drafts, viewer):
    client.force_login(viewer)
    url = reverse("edit_note", args=[drafts.id])
    answer = client.get(url)
    assert "Only a preparer can change a draft" in words(answer)
    assert fields(answer, url).keys() == {"shown"}
    assert client.post(url, {"description": "x"}).status_code == 403
    assert drafts.writes == []


def test_saved_by_htmx_only_the_head_comes_back(form, drafts):
    answer = form.save(description="typed", htmx=True)
    assert answer.status_code == 200 and "Saved in Light" in words(answer)
    assert "<html" not in answer.text and form.data["description"] == "typed"
    assert form.save(document_number="GS-9", htmx=True)["HX-Redirect"] == form.url


def test_the_lines_total_fills_the_amount_and_sends_nothing(form, drafts):
    answer = form.save(use_total="98.00", description="typed")
    assert answer.status_code == 200 and drafts.writes == []
    assert (form.data["amount"], form.data["description"]) == ("98.00", "typed")


def test_the_page_takes_few_queries(as_preparer, drafts, django_assert_max_num_queries):
    factories.synced()
    with django_assert_max_num_queries(20):
        as_preparer.get(reverse("edit_note", args=[drafts.id]))


def test_by_htmx_the_lines_lose_their_buttons_too_while_it_is_held(form, drafts):
    drafts.sandbox.faults.add(status=500, method="PATCH")
    answer = form.save(description="typed", htmx=True)
    assert 'id="draft-lines"' in answer.text and "Add a line" not in answer.text
    assert "Returned pallets" in answer.text
