"""What credit notes cite: their texts by pass, their PDFs one at a time, gently."""

from datetime import timedelta

import pytest

from clearing import pdf_text
from clearing.light.errors import LightDenied, LightPaused, LightUnavailable
from clearing.models import Citation, CreditNote, CreditNoteLine, Looked
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import citing
from clearing.services.citing import papers, texts
from tests import factories
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, paths, read_all, sync

pytestmark = pytest.mark.django_db
NOW = factories.NOW
Pdf = Citation.Pdf


@pytest.fixture
def world():
    return World()


def note(**over):
    fields = {"document_number": "GS-900", "status": "POSTED", "description": "x"}
    return factories.credit_note(None, None, **fields | over)


def look(now=NOW):
    steps = 0
    while citing.look(now):
        steps += 1
        assert steps < 100
    return steps


def keys(one):
    return Citation.objects.get(pk=one.pk).keys.split()


# --- texts -----------------------------------------------------------------------------------
def test_every_place_the_best_first():
    one = note(
        description="Gutschrift GS-900 zu Rechnung 4711-22", document_number="GS-900",
        document_name="Gutschrift_GS-900_RE-4713.pdf",
    )  # fmt: skip
    factories.note_line(one, description="Preiskorrektur Rg. 4712")
    look()
    row = Citation.objects.get(pk=one.pk)
    assert row.in_texts == [
        ["471122", "description", 0, "GS-900 zu Rechnung 4711-22"],
        ["4712", "line", 0, "Preiskorrektur Rg. 4712"],
        ["RE4713", "file", 0, "Gutschrift GS-900 RE-4713"],
        ["4713", "file", 0, "Gutschrift GS-900 RE-4713"],
    ]
    assert row.keys == "471122 4712 RE4713 4713"
    assert (row.pdf, row.not_before, row.looked_at) == (Pdf.WANTED, NOW + texts.SOON, NOW)


def test_a_number_made_of_an_invoices_cites_it():
    one = note(document_number="INV-0481-CN")
    look()
    assert keys(one) == ["INV0481", "INV481"]


def test_without_a_file_no_paper_is_wanted():
    one = note(document_name="")
    look()
    assert Citation.objects.get(pk=one.pk).pdf == Pdf.NONE
    closed = note(status="CLEARED", description="Rechnung 4711")
    look(NOW + timedelta(minutes=1))
    assert not Citation.objects.filter(pk=closed.pk).exists()


def test_changed_texts_are_looked_at_again_and_others_are_not(django_assert_max_num_queries):
    one, other = note(description="Rechnung 4711"), note(description="Rechnung 4712")
    look()
    later = NOW + timedelta(minutes=10)
    CreditNote.objects.filter(pk=one.pk).update(description="Rechnung 4799", changed_at=later)
    assert not citing.look(NOW + timedelta(seconds=5))  # a pass has just ended
    look(later)
    assert (keys(one), keys(other)) == (["4799"], ["4712"])
    assert Citation.objects.get(pk=other.pk).looked_at == NOW
    with django_assert_max_num_queries(3):
        assert not citing.look(later + timedelta(seconds=1))


def test_lines_that_are_read_later_are_looked_at():
    one = note(description="nothing")
    look()
    later = NOW + timedelta(minutes=10)
    CreditNoteLine.objects.create(
        id=factories.uuid.uuid4(), credit_note_id=one.pk, description="zu INV-0481"
    )
    CreditNote.objects.filter(pk=one.pk).update(lines_read_at=later)
    look(later)
    assert keys(one) == ["INV0481", "INV481"]


def test_the_lines_of_a_note_that_names_nothing_are_read(world):
    silent = world.note(description="Goodwill", lines=[
        records.credit_note_line(description="Nachlass zu R-9227")
    ])  # fmt: skip
    told = world.note(description="Rechnung 4711")
    with world.open() as sandbox:
        light = start(sandbox)
        read_all(light, later=60)
        asked = paths(sandbox)
    assert f"GET /v1/credit-notes/{silent}" in asked
    assert f"GET /v1/credit-notes/{told}" not in asked
    look(NOW + timedelta(days=400))
    assert keys(CreditNote.objects.get(pk=silent)) == ["R9227", "9227"]


def test_a_number_that_light_tells_later_is_no_reference():
    one = note(description="Gutschrift INV-0900", document_number="")
    look()
    assert keys(one) == ["INV0900", "INV900"]
    CreditNote.objects.filter(pk=one.pk).update(document_number="INV-0900")
    look(NOW + timedelta(minutes=1))
    assert keys(one) == []


def test_slices_and_other_rules(monkeypatch):
    monkeypatch.setattr(texts, "SLICE", 2)
    several = [note(description=f"Rechnung 47{n}0") for n in range(5)]
    assert look() == 4  # begun, and three slices
    assert [keys(one) for one in several] == [[f"47{n}0"] for n in range(5)]
    monkeypatch.setattr(texts, "RULES", "2")
    assert look() == 4 and Looked.objects.get(pk=texts.KIND).rules == "2"


def test_of_two_workers_one_wins(monkeypatch):
    note(description="Rechnung 4711")
    citing.look(NOW)
    before = Looked.objects.get(pk=texts.KIND)
    assert citing.look(NOW)
    assert not texts._slice(before, NOW)


# --- papers ----------------------------------------------------------------------------------
def printed(*lines):
    return {"documentName": "Gutschrift.pdf", "_pdf": list(lines)}


def read(light, now=NOW):
    """Read every PDF that is due; how many."""
    done = 0
    while citing.read_one(light, now=now):
        done += 1
        assert done < 50
    return done


def start(sandbox: Sandbox):
    light = client(sandbox)
    sync(light)
    CreditNote.objects.update(changed_at=NOW)
    look()
    return light


def test_a_pdf_is_read_once(world):
    id = world.note(description="Goodwill", **printed("Gutschrift", "zu Rechnung 4711-22"))
    with world.open() as sandbox:
        light = start(sandbox)
        assert read(light) == 1
        row = Citation.objects.get(pk=id)
        assert row.in_pdf == [["471122", "pdf", 1, "zu Rechnung 4711-22"]]
        assert (row.keys, row.pdf, row.not_before) == ("471122", Pdf.READ, None)
        assert row.document_name == "Gutschrift.pdf"
        later = NOW + timedelta(hours=1)
        CreditNote.objects.update(changed_at=later, description="Rechnung 4700")
        look(later)
        assert read(light, later) == 0 and keys(row) == ["4700", "471122"]
        CreditNote.objects.update(changed_at=later, document_name="Other.pdf")
        look(later + timedelta(hours=1))
        assert read(light, later + timedelta(hours=2)) == 1
        assert paths(sandbox).count(f"GET /v1/credit-notes/{id}/document") == 2


def test_what_became_of_papers(world, settings):
    settings.PDF_TEXT_LIMIT = 20_000
    picture = world.note(**printed(""))
    none = world.note(documentName="Gutschrift.pdf")
    large = world.note(**printed("x" * 30_000))
    used = world.note(status="CLEARED", **printed("Rechnung 4711"))
    with world.open() as sandbox:
        light = start(sandbox)
        read(light)
        asked = paths(sandbox)
    states = dict(Citation.objects.values_list("credit_note_id", "pdf"))
    assert {str(id): state for id, state in states.items()} == {
        picture: Pdf.NO_TEXT, none: Pdf.NONE, large: Pdf.TOO_LARGE,
    }  # fmt: skip
    assert f"GET /v1/credit-notes/{used}/document" not in asked
    assert not Citation.objects.exclude(not_before=None).exists()


class Away:
    """A client whose document call ends like this."""

    def __init__(self, error):
        self.error = error

    def document_of_credit_note(self, id):
        raise self.error


@pytest.mark.parametrize(
    "error, later",
    [
        (LightPaused(3), timedelta(0)),
        (LightUnavailable("Light is not available (503)."), papers.WAIT * 10),
        (LightDenied("The key lacks a role."), papers.WAIT * 10),
    ],
)
def test_light_that_is_away_costs_no_try(error, later):
    one = note(document_name="a.pdf")
    look()
    with pytest.raises(type(error)):
        citing.read_one(Away(error), now=NOW)
    row = Citation.objects.get(pk=one.pk)
    assert (row.pdf, row.tries, row.not_before) == (Pdf.WANTED, 0, NOW + later)


def test_a_busy_machine_tries_again_and_then_gives_up(monkeypatch):
    one = note(document_name="a.pdf")
    look()
    text = pdf_text.Text(pdf_text.NOT_NOW, [])
    monkeypatch.setattr(papers, "_text", lambda *_: text)
    waits, now = [], NOW
    while citing.read_one(None, now=now):
        row = Citation.objects.get(pk=one.pk)
        if row.not_before is None:
            break
        waits.append((row.not_before - now) / papers.WAIT)
        now = row.not_before
    assert (waits, row.pdf) == ([1, 4, 16, 64], Pdf.UNREADABLE)


def test_a_note_that_is_used_up_waits_and_a_closed_one_is_left_alone(monkeypatch):
    monkeypatch.setattr(papers, "_text", lambda *_: pytest.fail("asked"))
    used, closed = note(document_name="a.pdf"), note(document_name="b.pdf")
    look()
    used_up = papers.Balance.objects.filter(document_id=used.pk)
    used_up.update(available=0)
    CreditNote.objects.filter(pk=closed.pk).update(status="ARCHIVED")
    assert read(None) == 2
    assert Citation.objects.get(pk=used.pk).not_before == NOW + papers.LATER
    assert Citation.objects.get(pk=closed.pk).not_before is None


def test_no_pdf_is_read_where_the_limit_is_zero(settings):
    settings.PDF_TEXT_LIMIT = 0
    note(document_name="a.pdf")
    look()
    assert not citing.read_one(None, now=NOW)


def test_who_lost_the_claim_writes_nothing(monkeypatch):
    one = note(document_name="a.pdf")
    look()

    def slow(*_):
        Citation.objects.filter(pk=one.pk).update(not_before=NOW + timedelta(hours=9))
        return pdf_text.Text(pdf_text.READ, [("4711", 1, "Rechnung 4711")])

    monkeypatch.setattr(papers, "_text", slow)
    citing.read_one(None, now=NOW)
    assert Citation.objects.get(pk=one.pk).in_pdf == []


def test_no_text_of_a_document_is_logged(world, caplog):
    world.note(description="Secret 4711-22", **printed("Hidden words, Rechnung 4711-22"))
    with caplog.at_level("DEBUG"), world.open() as sandbox:
        read(start(sandbox))
    assert "Secret" not in caplog.text and "Hidden" not in caplog.text
