"""Your Light: what is known, who says so, and the trial that a controller proposes."""

import pytest
from django.urls import reverse

from clearing import known, questions
from clearing.models import Instruction, Known
from clearing.services import learning
from clearing.services.learning.saying import see
from clearing.workflow import now
from tests import factories
from tests.views.pages import HTMX, words

URL = "/your-light/"
PARTLY = questions.PARTLY


@pytest.fixture
def as_controller(client, controller):
    client.force_login(controller)
    return client


@pytest.fixture
def pair(books):
    """A partly used credit note and a draft invoice: what a trial may link."""
    return books.note(status="PARTIALLY_CLEARED"), books.invoice(state="IN_DRAFT", amount=6000)


def answer(client, extra=None, **over):
    data = {"question": PARTLY, "answer": "yes", "reason": "Light's support said so", "seen": "0"}
    return client.post(URL, data | over, **(extra or {}))


def try_url(question=PARTLY):
    return reverse("try_light", args=[question])


def propose(client, pair, extra=None, **over):
    data = {"target": f"{pair[0].pk}:{pair[1].pk}", "amount": "10.00", "reason": "to know"}
    return client.post(try_url(), data | over, **(extra or {}))


def test_nothing_is_known_at_first(as_controller):
    said = words(as_controller.get(URL))
    assert said.count("Not known yet") == len(questions.QUESTIONS)
    assert "Until then: No, only one that is wholly unused." in said
    assert "Only a person can say it: ask Light, or look it up there." in said


def test_every_page_leads_there(as_controller, books):
    assert f'<a href="{URL}">Your Light</a>' in as_controller.get("/vendors/").text


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_controller_answers(as_controller, extra):
    response = answer(as_controller, extra)
    assert response.status_code == (204 if extra else 302)
    said = words(as_controller.get(URL))
    assert "Yes, its rest can be used Set by Carla Cont on" in said
    assert "Light's support said so" in said
    assert known.answers().partly_linkable


def test_an_answer_is_taken_back_and_its_history_stays(as_controller):
    answer(as_controller)
    seen = Known.objects.latest("pk").pk
    answer(as_controller, answer="", reason="It was another company", seen=seen)
    said = words(as_controller.get(URL))
    assert "2 answers so far" in said
    assert "Taken back by Carla Cont" in said and "It was another company" in said
    assert not known.answers().partly_linkable


@pytest.mark.parametrize(
    ("over", "status", "sentence"),
    [
        ({"answer": "perhaps"}, 422, "Choose one of the answers."),
        ({"reason": ""}, 422, "Say in a few words how you know."),
        ({"seen": "99"}, 409, "Somebody was faster"),
        ({"answer": ""}, 409, "Nothing was changed"),
        ({"question": "weather"}, 404, ""),
    ],
)
def test_what_cannot_be_kept_is_said(as_controller, over, status, sentence):
    response = answer(as_controller, HTMX, **over)
    assert response.status_code == status
    assert sentence in words(response)
    if status == 422:  # what was typed stays
        assert "selected" in response.text or over == {"answer": "perhaps"}
    assert not Known.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "preparer", "approver"])
def test_others_read_and_are_told_why_they_cannot_answer(client, role, pair):
    client.force_login(factories.person(role))
    page = client.get(URL)
    assert "Only a controller can say how your Light behaves, or try it out." in words(page)
    assert answer(client).status_code == 403
    assert propose(client, pair).status_code == 403
    assert not Known.objects.exists() and not Instruction.objects.exists()


def test_what_was_seen_names_both_documents(as_controller, pair, preparer, approver):
    line = factories.line(preparer, *pair, approved_by=approver, state="done")
    see(PARTLY, "yes", at=now(), line=line)
    page = as_controller.get(URL)
    said = words(page)
    assert "Yes, its rest can be used Seen on" in said
    for document in pair:
        assert f"<bdi>{document}</bdi></a>" in page.text


def test_what_is_seen_against_a_person_stands_on_top(as_controller):
    answer(as_controller)
    see(PARTLY, "no", at=now())
    said = words(as_controller.get(URL))
    assert "Light does something else than was said" in said
    assert "Said: “Yes, its rest can be used”. Seen: “No, only one that is wholly unused”." in said
    assert said.index("something else") < said.index("Open questions about Light")


def test_few_queries_whatever_was_said(as_controller, controller, django_assert_max_num_queries):
    for code, asked in questions.QUESTIONS.items():
        for one in asked.answers:
            learning.say(question=code, answer=one, reason="so", by=controller)
    with django_assert_max_num_queries(14):
        as_controller.get(URL)


# --- what is told apart -----------------------------------------------------------------------
def test_rests_are_told_apart_per_currency(as_controller, books, pair):
    books.note(amount=4000, status="PARTIALLY_CLEARED", currency="USD")
    books.note(amount=30000)
    vendor = reverse("vendor", args=[books.vendor.pk])
    bench = f"/vendors/{books.vendor.pk}/clearing/?entity={books.entity.pk}&currency=EUR"
    told = "Usable if your Light allows it: EUR 100.00 in 1 credit note"
    assert told in words(as_controller.get(URL))
    assert f"{told}, USD 40.00 in 1 credit note" in words(as_controller.get(vendor))
    page = words(as_controller.get(bench))
    assert told in page and "USD 40.00" not in page
    assert "Credit free to use EUR 300.00" in page


@pytest.mark.parametrize(("said", "apart"), [("yes", False), ("no", True)])
def test_an_answer_opens_or_closes_what_was_told_apart(as_controller, books, pair, said, apart):
    answer(as_controller, answer=said)
    while learning.look(now()):
        pass
    page = words(as_controller.get(reverse("vendor", args=[books.vendor.pk])))
    assert "if your Light allows it" not in page
    assert ("Your Light does not link the rest of partly used credit notes:" in page) is apart


# --- the trial --------------------------------------------------------------------------------
def test_the_dialog_offers_pairs_the_smallest_first(as_controller, books, pair):
    small = books.note(amount=500, status="PARTIALLY_CLEARED")
    books.note(amount=7777), books.invoice()  # whole, and posted: they would not show it
    response = as_controller.get(try_url(), **HTMX)
    offered = [one["key"] for one in response.context["pairs"]]
    assert offered == [f"{small.pk}:{pair[1].pk}", f"{pair[0].pk}:{pair[1].pk}"]
    assert f"{pair[0]} → {pair[1]}, at most EUR 60.00" in words(response)


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_controller_proposes_the_trial(as_controller, client, pair, approver, extra):
    response = propose(as_controller, pair, extra)
    assert response.status_code == (204 if extra else 302)
    line = Instruction.objects.get()
    assert (line.trial, line.amount, line.state) == (PARTLY, 1000, "proposed")
    assert "A trial is under way" in words(as_controller.get(URL))
    client.force_login(approver)
    page = words(client.get(reverse("proposal", args=[line.proposal_id])))
    assert "tries out with this line: Does Light link a credit note that is partly used" in page
    assert "Nothing suggested these two" not in page


def test_without_an_amount_as_much_as_fits(as_controller, pair):
    propose(as_controller, pair, amount="")
    assert Instruction.objects.get().amount == 6000


@pytest.mark.parametrize(
    ("over", "status", "sentence"),
    [
        ({"target": "x"}, 422, "Choose a credit note and an invoice from the list."),
        ({"amount": "ten"}, 422, ""),
        ({"amount": "999.00"}, 422, "is open, not EUR 999.00"),
        ({"amount": "70.00"}, 422, "is open, not EUR 70.00"),
        ({"amount": "0"}, 422, "more than 0"),
        ({"reason": ""}, 422, "Say in a few words"),
    ],
)
def test_what_does_not_fit_is_said_and_loses_nothing(as_controller, pair, over, status, sentence):
    response = propose(as_controller, pair, HTMX, **over)
    assert response.status_code == status
    assert sentence in words(response)
    if "amount" in over:
        assert f'value="{over["amount"]}"' in response.text
    assert not Instruction.objects.exists()


def test_two_that_would_not_show_it_are_no_trial(as_controller, books, pair):
    response = propose(as_controller, (books.note(), pair[1]), HTMX)
    assert response.status_code == 409
    assert "their link would not show it" in words(response)


def test_nothing_to_try_with_is_said(as_controller):
    assert "No two documents that could show it are open now" in words(as_controller.get(try_url()))


def test_a_question_that_no_link_answers(as_controller):
    said = words(as_controller.get(try_url(questions.NUMBER)))
    assert "No link of ours can find this out." in said
    assert as_controller.get("/your-light/weather/trial/").status_code == 404


def test_the_totals_of_the_list_name_rests_apart(as_controller, books, pair):
    books.note(amount=30000)
    said = words(as_controller.get("/credit-notes/"))
    assert "EUR 300.00 of EUR 400.00 ; besides EUR 100.00 left of partly used ones" in said
    assert "partly used ones" not in words(as_controller.get("/invoice-payables/"))
