"""One vendor of a plan on the page: amounts, drop, skip, propose; with and without htmx."""

import pytest
from django.urls import reverse

from clearing.models import Instruction, PlanGroup, Proposal
from tests.services.plan_world import World
from tests.views.pages import HTMX, words


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def group(world):
    return world.plan().groups.first()


@pytest.fixture
def seen(client, world):
    client.force_login(world.preparer)
    return client


def change(client, group, how=HTMX, **given):
    line = group.rows.first()
    url = reverse("change_plan_line", args=[line.pk])
    return client.post(url, {"seen": line.amount} | given, **how)


def test_an_amount_is_changed_in_place_with_the_totals(seen, group):
    answer = change(seen, group, amount="40.00")
    said = words(answer)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert 'value="40.00"' in answer.text and "suggested: EUR 100.00" in said
    assert 'id="plan-totals" hx-swap-oob="true"' in answer.text
    assert "Propose 3 vendors for EUR 240.00" in said


def test_a_line_is_dropped_and_restored(seen, group):
    answer = change(seen, group, amount="100.00", drop="1")
    assert "Dropped" in words(answer) and "All links dropped" in words(answer)
    assert "Propose 2 vendors for EUR 200.00" in words(answer)
    assert 'name="restore"' in answer.text and "data-select" in answer.text
    answer = change(seen, group, restore="1")
    assert 'value="100.00"' in answer.text and "suggested:" not in words(answer)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Enter an amount"),
        ("12x", "Write the amount like"),
        ("-5", "without a sign"),
        ("0", "Enter more than 0"),
        ("9" * 80, "larger than any invoice"),
        ("100.01", "Only EUR 100.00 of"),
        ("\x00", "Enter an amount"),
    ],
)
def test_an_amount_that_is_not_right_is_kept_with_its_sentence(seen, group, amount, sentence):
    for how in (HTMX, {}):
        answer = change(seen, group, how, amount=amount)
        assert answer.status_code == 422 and sentence in words(answer)
        assert 'role="alert"' in answer.text and 'aria-invalid="true"' in answer.text
        assert ("<html" in answer.text) == (how == {})
    assert group.rows.first().amount == 10000


def test_somebody_was_faster(seen, group):
    change(seen, group, amount="40.00")
    answer = change(seen, group, seen="10000", amount="50.00")
    assert answer.status_code == 409 and "changed since you looked" in words(answer)
    assert 'value="40.00"' in answer.text
    assert change(seen, group, seen="junk", amount="50.00").status_code == 409


def test_without_javascript_one_comes_back_to_the_same_place(seen, group):
    back = f"{reverse('plan', args=[group.plan_id])}?status=open"
    answer = change(seen, group, {}, amount="40.00", next=back)
    assert (answer.status_code, answer["Location"]) == (302, f"{back}#group-{group.pk}")
    answer = change(seen, group, {}, amount="50.00", next="https://elsewhere.example/")
    assert answer["Location"] == f"/plans/{group.plan_id}/#group-{group.pk}"


def test_a_vendor_is_skipped_and_taken_in_again(seen, group):
    url = reverse("skip_group", args=[group.pk])
    answer = seen.post(url, **HTMX)
    assert "Skipped" in words(answer) and "Take in again" in words(answer)
    assert "Propose 2 vendors for EUR 200.00" in words(answer)
    answer = seen.post(url, {"take_in": "1"}, **HTMX)
    assert "Propose 3 vendors for EUR 300.00" in words(answer)


def test_one_vendor_is_proposed_once_on_a_double_click(seen, group):
    url, given = reverse("propose_group", args=[group.pk]), {"seen": str(group.version)}
    answer = seen.post(url, given, **HTMX)
    proposal = Proposal.objects.get()
    assert f'href="{reverse("proposal", args=[proposal.pk])}"' in answer.text
    assert "autofocus" in answer.text  # on its first line, so that j goes on from there
    again = seen.post(url, given, **HTMX)
    assert again.status_code == 409 and "proposed already" in words(again)
    assert Instruction.objects.count() == 1


def test_what_was_not_seen_is_not_proposed(seen, group):
    change(seen, group, amount="40.00")
    for given in ({"seen": "0"}, {}):
        answer = seen.post(reverse("propose_group", args=[group.pk]), given)
        assert answer.status_code == 409 and "<html" in answer.text
    assert not Proposal.objects.exists()


def test_more_lines_than_a_part_of_the_page_shows_are_on_a_page_of_their_own(seen, world):
    for n in range(12):
        world.pair(world.vendors[0], f"INV88{n:02}5", amount=100 + n)
    group = PlanGroup.objects.get(plan=world.plan(), vendor_id=world.vendors[0].id)
    part = seen.get(reverse("plan", args=[group.plan_id]))
    assert "5 more links of this vendor" in words(part)
    url = reverse("plan_group", args=[group.pk])
    whole = seen.get(url)
    assert whole.text.count('id="line-') == 13 and 'name="whole"' in whole.text
    assert change(seen, group, whole="1", amount="1.00").text.count('id="line-') == 13


@pytest.mark.parametrize("name", ["plan_group", "skip_group", "propose_group", "change_plan_line"])
def test_what_is_not_there_is_not_found(seen, name):
    verb = seen.get if name == "plan_group" else seen.post
    assert verb(reverse(name, args=[99])).status_code == 404
