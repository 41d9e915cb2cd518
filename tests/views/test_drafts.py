"""The draft queue: drafts by what they lack, save and next, posting several."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from clearing.models import CreditNoteLine, Edit, Instruction, Months
from tests import factories
from tests.views.browser_forms import fields
from tests.views.pages import HTMX, words

QUEUE = "/drafts/"


@pytest.fixture
def make(books):
    """A draft of EUR 119.00 with one line that agrees, unless told otherwise."""

    def make(number, *, lines=(11900,), vendor=True, entity=True, **over):
        fields = {"status": "DRAFT", "amount": 11900, "lines_read_at": factories.NOW}
        note = factories.credit_note(
            books.vendor if vendor else None, books.entity if entity else None,
            document_number=number, **fields | over,
        )  # fmt: skip
        for position, gross in enumerate(lines):
            CreditNoteLine.objects.create(
                id=uuid4(), credit_note_id=note.id, position=position, description="Pallets",
                net=gross, net_side="C", tax=0, tax_side="C", gross=gross, gross_side="C",
            )  # fmt: skip
        return note

    return make


def groups(answer):
    """The groups of the queue with their counts."""
    return {one.words: one.count for one in answer.context["queue"].groups}


def numbers(answer):
    return [row.number for row in answer.context["queue"].rows]


def test_each_draft_stands_in_the_groups_of_what_it_lacks(as_preparer, make, preparer):
    make("NO-VENDOR", vendor=False)
    make("NO-ENTITY", entity=False, amount=200)
    make("NO-LINE", lines=(), amount=300)
    make("NO-CURRENCY", currency="", amount=11900)
    make("NO-AMOUNT", amount=None)
    make("DIFFER", lines=(5000, 5000), amount=401)
    make("UNREAD", lines=(), lines_read_at=None, amount=500)
    held = make("HELD", amount=10000, lines=(4000, 6000))
    Edit.objects.create(
        kind="change_note", state="unknown", credit_note_id=held.id, asked_by=preparer,
        asked_at=factories.NOW, sent_at=factories.NOW, changed_at=factories.NOW,
    )  # fmt: skip
    make("COMPLETE", amount=700, lines=(700,))
    make("POSTED", status="POSTED", amount=800)
    make("GONE", gone_at=factories.NOW, amount=900)
    answer = as_preparer.get(QUEUE)
    assert groups(answer) == {
        "No vendor": 1, "No company entity": 1, "No line": 1, "No currency": 1, "No amount": 1,
        "Lines and amount differ": 2, "Lines being read": 1, "Being checked": 1,
        "Complete: ready to post": 1,
    }  # fmt: skip
    for group, found in {
        "no_vendor": ["NO-VENDOR"], "no_line": ["NO-LINE"], "unread": ["UNREAD"],
        "differ": ["NO-ENTITY", "DIFFER"], "checking": ["HELD"], "complete": ["COMPLETE"],
    }.items():  # fmt: skip
        shown = as_preparer.get(QUEUE, {"group": group})
        assert sorted(numbers(shown)) == sorted(found)


def test_extremes_of_light_add_up_exactly(as_preparer, make):
    big = 2**63 - 1
    make("HUGE", lines=(big, big), amount=big)
    make("LOW", lines=(-(2**63),), amount=1)
    assert groups(as_preparer.get(QUEUE))["Lines and amount differ"] == 2


def test_possible_duplicates_are_a_group(as_preparer, make):
    make("GS-1")
    make("gs 1")
    make("OTHER", amount=500, lines=(500,))
    answer = as_preparer.get(QUEUE, {"group": "duplicate"})
    assert sorted(numbers(answer)) == ["GS-1", "gs 1"]
    assert groups(answer)["Complete: ready to post"] == 1


def test_a_draft_stands_beside_the_list_with_form_and_pdf(as_preparer, make):
    first = make("FIRST", vendor=False, document_day=date(2026, 1, 1))
    second = make("SECOND", vendor=False, document_day=date(2026, 1, 2))
    for given, shown in (({}, first), ({"note": str(second.id)}, second)):
        text = as_preparer.get(QUEUE, given).text
        assert reverse("edit_note", args=[shown.id]) in text
        assert reverse("credit_note_document", args=[shown.id]) in text
        assert "Save and next" in text


def test_filters_stand_in_the_address(as_preparer, make, books):
    other = factories.entity(name="Acme SAS")
    make("HERE", vendor=False)
    make("THERE", vendor=False, entity_id=other.id)
    answer = as_preparer.get(QUEUE, {"entity": str(other.id), "group": "no_vendor"})
    assert numbers(answer) == ["THERE"] and "Entity: Acme SAS" in words(answer)
    assert f"entity={other.id}" in answer.context["queue"].rows[0].url
    odd = as_preparer.get(QUEUE, {"entity": "junk", "group": "odd", "note": "x", "page": "y"})
    assert odd.status_code == 200 and "does not know" in words(odd)
    none = as_preparer.get(QUEUE, {"vendor": str(uuid4())})
    assert "No draft matches these filters" in words(none)


def test_it_is_a_page_whoever_asks(as_preparer, make):
    make("ONE")
    assert "<h1" in as_preparer.get(QUEUE, **HTMX).text


def test_an_empty_queue_says_what_it_is(as_preparer, db):
    assert "No drafts" in words(as_preparer.get(QUEUE))


def test_it_takes_few_queries_whatever_its_size(as_preparer, make, django_assert_max_num_queries):
    factories.synced()
    for number in range(60):
        make(f"D-{number}", amount=1000 + number, lines=(1000 + number,))
    as_preparer.get(QUEUE)
    with django_assert_max_num_queries(20):
        answer = as_preparer.get(QUEUE)
    assert len(numbers(answer)) == 50
    assert len(numbers(as_preparer.get(answer.context["queue"].next_url))) == 10


# --- save and next -----------------------------------------------------------------------------
def test_save_and_next_leads_through_the_group(as_preparer, drafts):
    """Three drafts without a description are no group; without a vendor they are."""
    ids = [drafts.draft(businessPartnerId=None, amount=n, documentDate=f"2026-01-0{n}")
           for n in (1, 2, 3)]  # fmt: skip
    page = as_preparer.get(QUEUE, {"group": "no_vendor"})
    url = reverse("edit_note", args=[ids[0]])
    vendor = str(drafts.vendors[0].id)
    data = fields(page, url) | {"vendor_id": vendor, "then": "next"}
    answer = as_preparer.post(url, data)
    assert answer.url == f"{QUEUE}?group=no_vendor&note={ids[1]}"
    page = as_preparer.get(answer.url)
    assert "2 left of “No vendor”" in words(page)
    # By htmx the same place, as another address of the page one is on.
    url = reverse("edit_note", args=[ids[1]])
    data = fields(page, url) | {"vendor_id": vendor, "then": "next"}
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{answer.url}"}
    answer = as_preparer.post(url, data, headers=htmx)
    assert answer["HX-Redirect"] == f"{QUEUE}?group=no_vendor&note={ids[2]}"
    url = reverse("edit_note", args=[ids[2]])
    data = fields(as_preparer.get(answer["HX-Redirect"]), url) | {"vendor_id": vendor}
    answer = as_preparer.post(url, data | {"then": "next"})
    assert "That was the last one of “No vendor”" in words(as_preparer.get(answer.url))


def test_a_draft_that_was_only_looked_at_is_passed_over(as_preparer, drafts):
    ids = [drafts.draft(businessPartnerId=None, documentDate=f"2026-01-0{n}") for n in (1, 2)]
    page = as_preparer.get(QUEUE, {"group": "no_vendor"})
    url = reverse("edit_note", args=[ids[0]])
    answer = as_preparer.post(url, fields(page, url) | {"then": "next"})
    assert str(ids[1]) in answer.url and drafts.writes == []


# --- post several -------------------------------------------------------------------------------
def test_posting_is_confirmed_with_month_and_amounts_of_each(as_preparer, make):
    fine, lacking = make("FINE"), make("LACKING", vendor=False, amount=1, lines=(1,))
    dialog = as_preparer.get("/drafts/post/", {"note": [str(fine.id), str(lacking.id)]}, **HTMX)
    said = words(dialog)
    assert "Post 1 credit note to the ledger?" in said and "September 2026" in said
    assert "EUR 119.00" in said and "Posted once a second person approves" in said
    assert "Is left out. It has no vendor" in said


def test_each_has_its_own_result(client, make, approver):
    """An approver posts alone; what changed since it was looked at is left as it is."""
    client.force_login(approver)
    fine, changed = make("FINE"), make("CHANGED", amount=500, lines=(500,))
    asked = {"note": [str(fine.id), str(changed.id)]}
    dialog = client.get("/drafts/post/", asked)
    assert "Posted; sent to Light at once" in words(dialog)
    seen = [row["seen"] for row in dialog.context["fitting"]]
    changed.description = "Something else"
    changed.save()
    answer = client.post("/drafts/post/", {"seen": seen, "next": "/drafts/"}, follow=True)
    said = words(answer)
    assert "1 asked for" in said and "1 skipped" in said
    assert "It has changed since you looked at it" in said
    line = Instruction.objects.get()
    assert (line.kind, line.state, line.credit_note_id) == ("post", "ready", fine.id)


@pytest.mark.parametrize(
    ("role", "posted"), [("preparer", False), ("approver", False), ("controller", True)]
)
def test_a_closed_month_is_for_a_controller_with_a_reason(
    client, make, books, controller, role, posted
):
    person = controller if role == "controller" else factories.person(role)
    client.force_login(person)
    note = make("CLOSED")
    Months.objects.create(
        entity_id=books.entity.id, closed_through=date(2026, 9, 30), changed_at=factories.NOW,
        changed_by=controller,
    )  # fmt: skip
    dialog = client.get("/drafts/post/", {"note": str(note.id)})
    assert "September 2026 is closed" in words(dialog)
    assert ("only a controller can" in words(dialog)) is not posted
    seen = dialog.context["rows"][0]["seen"]
    bare = client.post("/drafts/post/", {"seen": seen}, follow=True)
    assert not Instruction.objects.exists() and "1 skipped" in words(bare)
    given = {"seen": seen, "reason_code": "came_late", "reason": "It came late"}
    client.post("/drafts/post/", given)
    assert Instruction.objects.filter(into_closed=True).exists() is posted


def test_without_a_reason_a_closed_month_asks_for_one(client, make, books, controller):
    client.force_login(controller)
    note = make("CLOSED")
    Months.objects.create(
        entity_id=books.entity.id, closed_through=date(2026, 9, 30), changed_at=factories.NOW,
        changed_by=controller,
    )  # fmt: skip
    dialog = client.get("/drafts/post/", {"note": str(note.id)})
    seen = dialog.context["rows"][0]["seen"]
    answer = client.post("/drafts/post/", {"seen": seen, "reason": ""})
    assert answer.status_code == 422 and "Choose a reason" in words(answer)


def test_nothing_selected_is_said(as_preparer, db):
    assert "Select complete drafts" in words(as_preparer.get("/drafts/post/"))
    assert as_preparer.post("/drafts/post/", {"seen": "junk"}).status_code == 422


def test_a_possible_duplicate_leads_to_the_comparison(as_preparer, make):
    one, other = make("GS-1"), make("gs 1")
    for url in (f"{QUEUE}?note={one.id}", reverse("edit_note", args=[one.id])):
        answer = as_preparer.get(url)
        assert "May be the same as gs 1" in words(answer)
        assert str(other.id) in answer.text
