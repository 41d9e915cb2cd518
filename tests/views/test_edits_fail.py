"""Light refuses, is silent or breaks on the calls that a page waits for: edits and documents.

The person keeps what was typed, reads Light's or better words, and Light is never called twice.
"""

import re

import pytest
from django.urls import reverse

from clearing import gateway, workflow
from clearing.models import Budget, Edit
from clearing.sandbox.server import Sandbox
from clearing.services import editing
from tests.light_books import StoryBooks, uid
from tests.views.house import SETTINGS, House, form_of
from tests.views.pages import words

pytestmark = pytest.mark.same_on_each

WRITE = {"method": "POST|PATCH|DELETE"}
TYPED = "Typed by a person"


@pytest.fixture
def house(db, settings):
    books = StoryBooks()
    with Sandbox(books.dataset()) as sandbox:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = sandbox.url, sandbox.key
        for name, value in SETTINGS.items():
            setattr(settings, name, value)
        one = House(sandbox, books)
        one.sync()
        yield one


class Call:
    """One call that a page makes: its address, its form, and whether Light did it."""

    def __init__(self, house, kind):
        self.house, self.kind = house, kind
        self.draft, self.invoice = house.books.draft_note, house.books.eur_two
        self.line_id = self.draft["lines"][0]["id"]
        args = {
            "change_note": ("edit_note", [self.draft["id"]]),
            "add_line": ("add_line", [self.draft["id"]]),
            "change_line": ("change_line", [self.draft["id"], self.line_id]),
            "delete_line": ("delete_line", [self.draft["id"], self.line_id]),
            "create": ("create_credit_note", [self.invoice["id"]]),
        }[kind]
        self.url = reverse(args[0], args=args[1])
        self.client = house.as_("preparer")
        self.form = form_of(self.client.get(self.url).text, self.url)
        if "description" in self.form:
            self.form["description"] = TYPED
        if kind == "add_line":
            self.form["gross"] = self.form["net"] = "12.00"

    def send(self):
        return self.client.post(self.url, self.form)

    @property
    def happened(self):
        """Whether Light did it; looked up in Light."""
        note = self.house.in_light(self.draft)
        return {
            "change_note": note["description"] == TYPED,
            "add_line": len(note["lines"]) == 2,
            "change_line": any(one["description"] == TYPED for one in note["lines"]),
            "delete_line": note["lines"] == [],
            "create": len(self.house.light.books.all("credit_note")) == 4,
        }[self.kind]

    def settle(self):
        """What the worker does about an unclear edit."""
        client = gateway.client(retries=0)
        while editing.settle_one(client, now=workflow.now()):
            pass

    def pages(self, *, most=3):
        """The pages that show the draft or its invoice answer; `most`: so many of them."""
        for url in [
            reverse("credit_note", args=[self.draft["id"]]),
            reverse("edit_note", args=[self.draft["id"]]),
            reverse("invoice_payable", args=[self.invoice["id"]]),
            reverse("drafts"), reverse("exceptions"), reverse("activity"), reverse("today"),
        ][:most]:  # fmt: skip
            assert self.client.get(url).status_code == 200, url


EDITS = ["change_note", "add_line", "change_line", "delete_line", "create"]
NO, AWAY = "Light said no: “", "Light cannot be reached now"
# The fault at the write: the edit's state, the statuses of the answer, what it says.
FAILS = {
    "401": ({"status": 401}, "refused", {422, 503}, NO),
    "403": ({"status": 403}, "refused", {422, 503}, NO),
    "404": ({"status": 404}, "refused", {422}, NO),
    "409": ({"status": 409}, "refused", {409, 422}, NO),
    "422": ({"status": 422}, "refused", {422}, NO),
    "429": ({"status": 429, "headers": {"Retry-After": "30"}}, "not_applied", {503}, "try again"),
    "500": ({"status": 500}, "unknown", {200, 302}, "not confirmed"),
    "500 and done": ({"status": 500, "when": "after"}, "done", {302}, ""),
    "timeout, done late": ({"kind": "stall", "seconds": 1}, "unknown", {200, 302}, "not confirmed"),
    "cut off and done": ({"kind": "drop", "when": "after"}, "done", {302}, ""),
}


@pytest.mark.parametrize("kind", EDITS)
def test_what_each_call_does_when_nothing_fails(house, kind):
    """The ground that the failures below stand on."""
    call = Call(house, kind)
    assert not call.happened
    answer = call.send()
    assert answer.status_code == 302, words(answer)
    assert call.happened
    assert (Edit.objects.get().state, len(house.writes)) == ("done", 1)
    call.pages(most=7)


@pytest.mark.parametrize("fail", FAILS)
@pytest.mark.parametrize("kind", EDITS)
def test_a_write_that_fails(house, kind, fail):
    fault, state, statuses, sentence = FAILS[fail]
    call = Call(house, kind)
    house.light.faults.add(**fault, **WRITE)
    answer = call.send()
    assert Edit.objects.get().state == state
    assert answer.status_code in statuses
    shown = call.client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert sentence in words(shown)
    if "description" in call.form and answer.status_code != 302:
        assert TYPED in shown.text, "what was typed is lost"
    call.pages(most=7 if state == "unknown" else 2)
    if fail.endswith("late"):
        house.wait_for(lambda: call.happened)
    call.settle()
    assert call.happened == ("done" in fail)
    if state == "unknown":
        assert Edit.objects.get().state == ("done" if call.happened else "not_applied")
    assert len(house.writes) == 1


READS = {
    "401": ({"status": 401}, 503, "Light does not let us in"),
    "403": ({"status": 403}, 503, "Light does not let us in"),
    "404": ({"status": 404}, 422, NO),
    "429": ({"status": 429, "headers": {"Retry-After": "30"}}, 503, AWAY),
    "500": ({"status": 500, "times": 9}, 503, AWAY),
    "timeout": ({"kind": "stall", "seconds": 1, "times": 9}, 503, AWAY),
    "a web page": ({"kind": "html", "times": 9}, 503, AWAY),
}


@pytest.mark.parametrize("kind", EDITS)
def test_the_look_before_it_fails_and_nothing_is_sent(house, kind):
    call = Call(house, kind)
    for fail, (fault, status, sentence) in READS.items():
        Budget.objects.all().delete()  # a pause after a 429 is another test's
        house.light.faults.add(**fault, method="GET")
        answer = call.send()
        house.light.faults.clear()
        assert (answer.status_code, house.writes) == (status, []), fail
        assert sentence in words(answer), fail
        assert "Nothing was changed in Light" in words(answer), fail
        if "description" in call.form:
            assert TYPED in answer.text, fail
    assert not call.happened
    assert not Edit.objects.exists()
    call.pages()


@pytest.mark.parametrize("kind", ["change_note", "add_line", "change_line", "delete_line"])
def test_a_draft_that_somebody_posted_meanwhile_is_not_edited(house, kind):
    """The copy still says draft; Light says posted."""
    call = Call(house, kind)
    house.light.act("post_credit_note", creditNote=call.draft["id"])
    answer = call.send()
    assert answer.status_code == 409
    assert "draft" in words(answer)
    assert house.writes == [] and not Edit.objects.exists()
    house.sync()
    page = call.client.get(reverse("edit_note", args=[call.draft["id"]]), follow=True)
    assert "Only a draft can be changed." in words(page)
    assert re.search(r"<fieldset[^>]* disabled", page.text)


# --- documents ----------------------------------------------------------------------------------
DOCUMENTS = {
    "401": ({"status": 401}, {502, 503}, "Light"),
    "403": ({"status": 403}, {502, 503}, "Light"),
    "404": ({"status": 404}, {404}, "Light holds no PDF"),
    "409": ({"status": 409}, {502, 503}, "Light"),
    "422": ({"status": 422}, {502, 503}, "Light"),
    "429": ({"status": 429, "headers": {"Retry-After": "30"}}, {503}, "Light"),
    "500": ({"status": 500, "times": 9}, {502, 503}, "Light"),
    "timeout": ({"kind": "stall", "seconds": 1, "times": 9}, {502, 503, 504}, "Light"),
    "cut off": ({"kind": "drop", "times": 9}, {502, 503}, "Light"),
}


@pytest.mark.parametrize("name", ["credit_note_document", "invoice_document"])
def test_a_document_that_does_not_come(house, name):
    about = house.books.eur_note if name == "credit_note_document" else house.books.eur_two
    client = house.as_("approver")
    for fail, (fault, statuses, sentence) in DOCUMENTS.items():
        Budget.objects.all().delete()  # a pause after a 429 is another test's
        house.light.faults.add(**fault)
        answer = client.get(reverse(name, args=[uid(about)]))
        house.light.faults.clear()
        assert answer.status_code in statuses, fail
        assert sentence in words(answer), fail
        assert answer["Content-Type"].startswith("text/html"), fail
