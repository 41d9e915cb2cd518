"""Pages of plans: asking for one, how far it is, its totals and filters; with and without htmx."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing import matching
from clearing.models import Batch, Plan, Proposal
from clearing.services import planning
from clearing.services.planning import handing_in, making
from tests import factories
from tests.services.plan_world import World, run
from tests.views.pages import HTMX, words

PLANS = reverse("plans")


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def seen(client, world):
    client.force_login(world.preparer)
    return client


def address(plan, name="plan"):
    return reverse(name, args=[plan.pk])


# --- asking -----------------------------------------------------------------------------------
def test_a_form_starts_a_plan_and_leads_to_it(seen, world):
    answer = seen.post(
        PLANS, {"entity": str(world.entity.id), "currency": "eur", "strength": "2",
                "vendor": [str(one.id) for one in world.vendors[:2]]},
    )  # fmt: skip
    plan = Plan.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, address(plan))
    wish = planning.Wish.of(plan.scope)
    assert wish.vendors == {one.id for one in world.vendors[:2]}
    assert (wish.entity_id, wish.currency, wish.mine, wish.strength) == (
        world.entity.id, "EUR", False, matching.LIKELY,
    )  # fmt: skip
    said = words(seen.get(PLANS))
    assert "V0 and 1 more · Acme GmbH · EUR · likely or certain" in said
    assert "Waiting for the worker" in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"currency": "EURO"}, "“Currency” does not know “EURO”"),
        ({"entity": "nobody"}, "“Company entity” does not know “nobody”"),
        ({"strength": "9"}, "“Suggestions” does not know “9”"),
        ({"mine": "1"}, "None of these vendors is yours"),
    ],
)
def test_what_is_not_understood_starts_nothing(seen, given, sentence):
    answer = seen.post(PLANS, given)
    assert answer.status_code == 422 and sentence in words(answer)
    assert 'role="alert"' in answer.text and not Plan.objects.exists()


def test_too_many_vendors_are_refused(seen, monkeypatch):
    monkeypatch.setattr("clearing.services.planning.wishing.MOST_VENDORS", 0)
    answer = seen.post(PLANS, {"vendor": "00000000-0000-0000-0000-000000000001"})
    assert answer.status_code == 422 and "at most 0 vendors" in words(answer)


def test_vendors_are_found_by_name_and_those_chosen_stay(seen, world):
    chosen = str(world.vendors[0].id)
    for answer in (
        seen.get(PLANS, {"q": "v1", "vendor": chosen}, **HTMX),
        seen.post(PLANS, {"q": "v1", "vendor": chosen, "find": "vendors", "currency": "EUR"}),
    ):
        assert answer.status_code == 200 and "V1" in words(answer)
        assert f'value="{chosen}" checked' in answer.text
        assert f'value="{world.vendors[1].id}">' in answer.text
    assert not Plan.objects.exists()
    assert "Nothing found" in words(seen.get(PLANS, {"q": "zz\x00"}, **HTMX))


def test_an_address_fills_the_form(seen, world):
    answer = seen.get(PLANS, {"vendor": str(world.vendors[2].id), "currency": "EUR", "mine": "1"})
    assert "V2" in words(answer) and 'value="EUR" selected' in answer.text
    assert 'name="mine" value="1" checked' in answer.text


def test_bad_input_is_never_an_error(seen, world):
    plan = world.plan()
    for query in ({"page": "junk"}, {"status": "\x00"}, {"with": "what"}, {"currency": "1€2"}):
        assert seen.get(address(plan), query).status_code == 200
        assert seen.get(PLANS, query).status_code == 200
    assert seen.get(PLANS, {"vendor": ["x", "\x00"], "entity": "\x00"}).status_code == 200
    assert seen.get(address(plan).replace(str(plan.pk), "999")).status_code == 404


# --- how far it is ----------------------------------------------------------------------------
def test_a_plan_under_way_asks_again_and_says_its_end_once(seen, world, monkeypatch):
    monkeypatch.setattr(making, "LONGEST", 0)
    monkeypatch.setattr("clearing.services.grouping.streaming.CREDITS", 1)
    plan = world.start()
    planning.make(factories.NOW, worker="w")
    answer = seen.get(address(plan))
    assert "1 of 3 vendor accounts, 1 link suggested" in words(answer)
    assert 'max="3" value="1"' in answer.text and 'hx-trigger="every 2s"' in answer.text
    assert "data-announce" not in answer.text
    run("w")
    fragment = seen.get(address(plan), **HTMX)
    assert "<html" not in fragment.text and 'hx-trigger="every 2s"' not in fragment.text
    assert "The plan is ready: 3 vendor accounts, 3 links suggested." in words(fragment)


def test_a_plan_that_failed_or_was_discarded_says_so(seen, world):
    plan = world.start()
    Plan.objects.update(problem="It went wrong.", **{"state": "failed"})
    assert "It went wrong." in words(seen.get(address(plan)))
    assert seen.post(address(plan, "discard_plan")).status_code == 302
    assert "This plan was discarded" in words(seen.get(address(plan)))
    answer = seen.post(address(plan, "discard_plan"), **HTMX)
    assert answer.status_code == 409 and "discarded already" in words(answer)


def test_a_plan_without_a_suggestion_says_so(seen, world):
    assert "No suggestion" in words(seen.get(address(world.plan(currency="CHF"))))


def test_discarding_is_confirmed_by_a_dialog_or_a_page(seen, world):
    url = address(world.plan(), "discard_plan")
    assert "<html" not in seen.get(url, **HTMX).text
    assert "Discard plan" in words(seen.get(url)) and Plan.objects.get().state == "ready"
    assert seen.post(url, **HTMX)["HX-Redirect"] == PLANS


# --- totals and filters ----------------------------------------------------------------------
def test_totals_by_currency_and_strength_are_of_what_is_open(seen, world):
    world.pair(world.vendors[0], "US77112", amount=500, currency="USD")
    plan = world.plan()
    said = words(seen.get(address(plan)))
    assert "Propose 3 vendors for EUR 300.00 and USD 5.00" in said
    group = plan.groups.get(currency="USD")
    planning.skip(group, by=world.preparer, now=factories.NOW)
    said = words(seen.get(address(plan)))
    assert "Propose 3 vendors for EUR 300.00" in said and "USD 5.00" in said
    assert "Take in again" in said


def test_each_line_says_why(seen, world):
    said = words(seen.get(address(world.plan())))
    assert "PDF page 1 says “zu Rechnung INV04711”. Same amount" in said


def test_filters_show_a_part_of_the_vendors(seen, world):
    world.pair(world.vendors[0], "US77112", amount=500, currency="USD")
    plan = world.plan()
    planning.skip(plan.groups.filter(currency="EUR")[0], by=world.preparer, now=factories.NOW)
    for query, count in (
        ({}, 4), ({"status": "open"}, 3), ({"status": "skipped"}, 1), ({"status": "proposed"}, 0),
        ({"currency": "USD"}, 1), ({"with": "possible"}, 0), ({"with": "certain"}, 4),
        ({"status": "open", "currency": "EUR"}, 2),
    ):  # fmt: skip
        answer = seen.get(address(plan), query)
        assert answer.text.count('id="group-') == count, query
    assert "No vendor of this plan matches" in words(answer := seen.get(
        address(plan), {"with": "likely", "currency": "CHF"}
    ))  # fmt: skip
    assert 'hx-select="#results"' in answer.text


def test_a_page_needs_few_queries_whatever_the_plan(seen, world, monkeypatch):
    factories.synced()
    for n in range(3, 30):
        world.vendor(n)
    plan = world.plan()
    with CaptureQueriesContext(connection) as captured:
        answer = seen.get(address(plan))
    assert answer.text.count('id="group-') == 20
    assert "20 vendor accounts of 30" in words(answer)
    assert len(captured) <= 15, "\n".join(query["sql"][:150] for query in captured)
    after = seen.get(answer.context["listing"].next_url)
    assert after.text.count('id="group-') == 10


# --- all of them at once ----------------------------------------------------------------------
def test_all_are_proposed_after_a_confirmation_and_once(seen, world):
    plan = world.plan()
    url = address(plan, "propose_plan")
    said = words(seen.get(url))
    assert "Propose 3 vendors for EUR 300.00?" in said and "Note to the approver" in said
    given = {"seen": planning.seen_of(plan), "note": "Autumn"}
    answer = seen.post(url, given, **HTMX)
    batch = Batch.objects.get()
    assert answer["HX-Redirect"] == reverse("batch", args=[batch.pk])
    assert batch.note == "Autumn" and batch.proposals.count() == 3
    again = seen.post(url, given, **HTMX)
    assert again.status_code == 409 and "Nothing of this plan is open" in words(again)
    assert Proposal.objects.count() == 3
    said = words(seen.get(address(plan)))
    assert "3 vendors proposed" in said and "Nothing of this plan is open any more." in said


def test_what_could_not_be_proposed_is_shown_first(seen, world):
    plan = world.plan()
    factories.CreditNote.objects.filter(vendor_id=world.vendors[1].id).update(status="ARCHIVED")
    given = {"seen": planning.seen_of(plan)}
    said = words(seen.post(address(plan, "propose_plan"), given, follow=True))
    assert "Some could not be proposed; each says why." in said
    assert "2 vendors proposed" in said and "1 could not be proposed" in said
    assert "None of its lines can be proposed any more." in said
    assert "cancelled in Light" in said


def test_many_are_proposed_by_the_worker_with_progress(seen, world, monkeypatch):
    monkeypatch.setattr(handing_in, "AT_ONCE", 1)
    monkeypatch.setattr(handing_in, "LONGEST", 0)
    plan = world.plan()
    given = {"seen": planning.seen_of(plan)}
    said = words(seen.post(address(plan, "propose_plan"), given, follow=True))
    assert "The worker proposes them now" in said and "3 to go" in said
    planning.hand_in()
    answer = seen.get(address(plan), **HTMX)
    assert "1 vendor account proposed or tried, 2 to go" in words(answer)
    assert 'hx-trigger="every 2s"' in answer.text
    while planning.hand_in():
        pass
    assert 'hx-trigger="every 2s"' not in seen.get(address(plan)).text


def test_a_note_that_is_too_long_is_told_at_its_field(seen, world):
    plan = world.plan()
    given = {"seen": planning.seen_of(plan), "note": "x" * 2001}
    answer = seen.post(address(plan, "propose_plan"), given, **HTMX)
    assert answer.status_code == 422 and "Shorten the note" in words(answer)
    assert 'href="#id_reason"' in answer.text and not Batch.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "approver", "controller"])
def test_others_see_a_plan_and_read_why_they_cannot_use_it(client, world, role):
    plan = world.plan()
    client.force_login(factories.person(role, "other"))
    answer = client.get(address(plan))
    assert "Only a preparer can do this." in words(answer)
    assert '<input class="amount"' not in answer.text and "Drop" not in words(answer)
    assert client.post(address(plan, "propose_plan")).status_code == 403
    assert "Only a preparer can do this." in words(client.get(PLANS))
