"""Evidence on the pages: the population, the form, how far it is, and the ZIP."""

import io
import re
import zipfile
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing.models import AuditEvent, Evidence, EvidenceFile
from clearing.queries.evidence import choosing, population
from clearing.services import booking
from tests import factories
from tests.factories import NOW
from tests.views.pages import HTMX, words

OCT = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def cleared(books, number, *, invoice=None, amount=4000, **over):
    """A clearing of 20 October that Light has made by itself."""
    note = books.note(document_number=number, posting_date=OCT, **over)
    one = invoice or books.invoice(invoice_number=f"INV-{number}")
    factories.clearing(one, note, amount, payment_date=date(2026, 10, 20))
    booking.book([note.id], now=NOW)
    return note


@pytest.fixture
def october(books):
    return [cleared(books, f"CN-{n}") for n in range(5)]


def asked(books, **over):
    return {"entity": str(books.entity.id), "from": "2026-10", "to": "2026-10"} | over


def ask(client, books, **over):
    return client.post(reverse("new_evidence"), asked(books, **over))


def test_the_population_stands_beside_the_roll_forward(seen, books, october):
    page = seen.get(reverse("new_evidence"), asked(books))
    assert page.status_code == 200
    said = words(page)
    assert said.count("EUR 200.00") == 3  # by Light itself, all of it, the roll-forward
    assert "agrees" in said and 'name="n" value="5"' in page.text


def test_the_last_month_that_is_over_is_meant_where_nobody_says_which(seen, books, october):
    assert "dated in October 2026" in words(seen.get(reverse("new_evidence")))


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ({"from": "2026-13"}, "has to be a month like 2026-10"),
        ({"from": "\x00２０２６-10"}, "has to be a month like 2026-10"),
        ({"from": "2026-10", "to": "2026-09"}, "ends before it begins"),
        ({"from": "1999-01", "to": "2026-10"}, "has at most 36 months"),
        ({"entity": "what"}, "does not know “what”"),
    ],
)
def test_a_period_that_nobody_understands_gives_a_notice_and_as_a_form_a_422(
    seen, books, october, query, notice
):
    page = seen.get(reverse("new_evidence"), asked(books) | query)
    assert page.status_code == 200 and notice in words(page)
    answer = ask(seen, books, n="2", seed="1", **query)
    assert answer.status_code == 422 and notice in words(answer)
    assert not Evidence.objects.exists()


def test_a_viewer_asks_for_a_sample_by_chance(seen, books, october, viewer):
    answer = ask(seen, books, how="chance", n="3", seed="007")
    one = Evidence.objects.get()
    assert answer["Location"] == reverse("one_evidence", args=[one.pk])
    assert (one.size, one.links_total, one.documents_total, one.seed) == (5, 3, 6, "007")
    event = AuditEvent.objects.first()
    assert (event.verb, event.by_id, event.details["evidence"]) == (
        "asked for evidence", viewer.pk, one.pk,
    )  # fmt: skip
    page = seen.get(answer["Location"])
    assert "0 of 3 links, 0 of 6 documents" in words(page) and 'hx-trigger="every 2s"' in page.text
    part = seen.get(answer["Location"], **HTMX)
    assert part.text.lstrip().startswith('<div id="evidence"') and "<html" not in part.text
    assert "3 of 5 by chance, seed 007" in words(seen.get(reverse("evidence")))


@pytest.mark.parametrize(
    ("typed", "words_"),
    [
        ({"n": "0"}, "Enter a number from 1 to 5."),
        ({"n": "6"}, "Enter a number from 1 to 5."),
        ({"n": "１"}, "Enter a number from 1 to 5."),
        ({"n": "1e1"}, "Enter a number from 1 to 5."),
        ({"n": "9" * 5000}, "Enter a number from 1 to 5."),
        ({"seed": "-1"}, "Enter a number of at most 18 digits"),
        ({"seed": "1" * 19}, "Enter a number of at most 18 digits"),
        ({"how": "numbers", "numbers": " \n\x00\n"}, "Paste 1 to 200 numbers"),
        ({"how": "numbers", "numbers": "CN-1\nCN-99\n=1+1"}, "“CN-99” names no credit note"),
        ({"how": "numbers", "numbers": "\n".join(map(str, range(201)))}, "Paste 1 to 200"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_lost(
    seen, books, october, typed, words_
):
    answer = ask(seen, books, **{"how": "chance", "n": "2", "seed": "5"} | typed)
    assert answer.status_code == 422 and not Evidence.objects.exists()
    said = words(answer)
    assert said.count(words_) == 2  # above the form and at the field
    assert 'aria-invalid="true"' in answer.text
    for number in typed.get("numbers", "").replace("\x00", "").split():
        assert number in answer.text


def test_one_person_has_two_under_way_and_all_together_six(
    seen, books, october, viewer, preparer, approver, client
):
    def asks(**over):
        return ask(client, books, **{"how": "chance", "n": "2", "seed": "5"} | over)

    assert [asks().status_code for _n in range(3)] == [302, 302, 409]
    refused = asks(seed="77", n="3")
    assert "2 of your evidences are still being made. Wait until one of" in words(refused)
    assert 'value="77"' in refused.text and 'name="n" value="3"' in refused.text
    assert Evidence.objects.count() == 2
    for person in (preparer, approver):
        client.force_login(person)
        assert [asks().status_code for _n in range(2)] == [302, 302]
    client.force_login(factories.person("controller"))
    refused = asks()
    assert refused.status_code == 409 and Evidence.objects.count() == 6
    assert "6 evidences are still being made" in words(refused)
    Evidence.objects.filter(asked_by=viewer).update(state="failed")
    assert asks().status_code == 302
    assert AuditEvent.objects.filter(verb="asked for evidence").count() == 7


def test_pasted_numbers_name_credit_notes_and_invoices(seen, books, october):
    numbers = "cn-1\r\nINV-CN-2,\r\nCN-1\r\n" + str(october[3].pk)
    ask(seen, books, how="numbers", numbers=numbers)
    one = Evidence.objects.get()
    assert one.seed == "" and one.numbers == ["cn-1", "INV-CN-2", "CN-1", str(october[3].pk)]
    links = one.files.filter(kind=EvidenceFile.Kind.LINK)
    of = {row.pk: row.credit_note_id for row in population.standing(_scope(books))}
    assert {of[link.movement_id] for link in links} == {october[n].pk for n in (1, 2, 3)}


def _scope(books):
    return population.scope(books.entity.id, OCT, OCT)


def test_a_number_of_two_documents_asks_which_one(seen, books, october):
    other = cleared(books, "CN-1", vendor_name="Another vendor")
    answer = ask(seen, books, how="numbers", numbers="CN-1")
    assert answer.status_code == 422
    assert "“CN-1” names 2 documents. Paste the id of one instead" in words(answer)
    assert f"Another vendor: {other.pk}" in words(answer)
    assert ask(seen, books, how="numbers", numbers=str(other.pk)).status_code == 302


def test_every_clearing_of_a_document_is_taken(books):
    invoice = books.invoice(invoice_number="INV-7")
    for number in ("CN-1", "CN-2"):
        cleared(books, number, invoice=invoice)
    chosen, problems = choosing.choose(_scope(books), ["INV-7"])
    assert len(chosen) == 2 and not problems


def test_where_nothing_was_cleared_there_is_nothing_to_sample(seen, books):
    page = seen.get(reverse("new_evidence"), asked(books))
    assert "Nothing was cleared in this period." in words(page) and 'name="n"' not in page.text
    assert ask(seen, books, n="1", seed="1").status_code == 422


def test_a_population_that_is_too_large_asks_for_fewer_months(seen, books, october, monkeypatch):
    monkeypatch.setattr(population, "MOST", 4)
    assert "Choose fewer months" in words(seen.get(reverse("new_evidence"), asked(books)))
    assert ask(seen, books, n="1", seed="1").status_code == 422


def test_the_zip_is_handed_out_once_it_is_ready(seen, viewer):
    one = factories.evidence(viewer)
    page = seen.get(reverse("one_evidence", args=[one.pk]))
    url = reverse("download_evidence", args=[one.pk])
    assert f'href="{url}"' in page.text and "data-announce" in page.text
    assert "every 2s" not in page.text
    answer = seen.get(url)
    assert answer["Content-Type"] == "application/zip" and answer.streaming
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{one.pk}.zip"'
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert packed.read(f"evidence-{one.pk}/index.xlsx") == b"index"


@pytest.mark.parametrize("state", ["running", "failed", "deleted"])
def test_without_a_zip_the_way_leads_to_its_page(seen, viewer, state):
    one = factories.evidence(viewer, state=state, problem="Because.")
    page = reverse("one_evidence", args=[one.pk])
    assert seen.get(reverse("download_evidence", args=[one.pk]))["Location"] == page
    said = seen.get(page)
    assert said.status_code == 200 and "Download" not in said.text
    if state == "failed":
        assert "Because." in said.text
    if state != "running":
        again = re.search(r'href="(/month-end/evidence/new/[^"]+)"', said.text)[1]
        assert "seed=7" in again


def test_the_pages_need_as_many_queries_for_many_links(seen, books, viewer):
    def queries():
        one = Evidence.objects.latest("pk")
        found = []
        for url in (reverse("one_evidence", args=[one.pk]), reverse("evidence"),
                    reverse("new_evidence")):  # fmt: skip
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert seen.get(url).status_code == 200
            found.append(len(captured))
        return found

    for number in range(2):
        cleared(books, f"CN-{number}")
    ask(seen, books, n="2", seed="1")
    few = queries()
    for number in range(2, 12):
        cleared(books, f"CN-{number}")
    ask(seen, books, n="12", seed="1")
    assert queries() == few and max(few) <= 14
