"""The ZIP of an evidence: complete, told by its index, made in slices by any worker."""

import base64
import dataclasses
import hashlib
import io
import subprocess
from datetime import date, timedelta
from html import unescape

import openpyxl
import pypdf
import pytest

from clearing import sampling, sealed, workflow
from clearing.exporting import pdf as engine
from clearing.exporting import xlsx
from clearing.exporting.about import Origin
from clearing.management.commands import worker
from clearing.models import AuditEvent, Evidence, EvidenceFile, Movement
from clearing.queries import month_end
from clearing.queries.evidence import chain, index, population
from clearing.sandbox import pdf
from clearing.sandbox.server import Sandbox
from clearing.services import booking, evidencing, sealing
from clearing.services.evidencing import fetching, making
from tests import factories
from tests.exporting import spreadsheet
from tests.light.conftest import Server, answer, silence
from tests.services.evidence_world import LATER, OCT, October, unpacked

K = Movement.Kind
PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
    "＝1+1", "＋1", "－1", "＠A1", "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://x")', "{=1}", "http://example.com", "internal:Sheet1!A1",
    "<script>alert(1)</script>", "../../../etc/passwd", "C:\\con", "\x07\x1b\ufffe", "",
]  # fmt: skip


@pytest.fixture
def october(db, preparer, approver):
    with Sandbox() as sandbox:
        yield October(sandbox, preparer, approver)


@pytest.fixture
def plain(monkeypatch):
    """Links as web pages, which takes no time."""
    monkeypatch.setattr(engine, "is_possible", lambda: False)


def text_of(file):
    pages = pypdf.PdfReader(io.BytesIO(file)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def sheet(files, name):
    """A sheet of the index as dicts by column."""
    book = openpyxl.load_workbook(io.BytesIO(files["index.xlsx"]))
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def about(files):
    return {row["What"]: row["Value"] for row in sheet(files, "About") if row["What"]}


def test_25_links_of_every_kind_give_a_complete_zip(october, viewer, monkeypatch):
    head = "4711 " + "ab" * 32
    monkeypatch.setattr("clearing.queries.evidence.head", lambda: head)
    kept = [october.made_here(document_number=f"CN-{number}") for number in range(9)]
    for number in range(9, 21):
        october.made_in_light(document_number=f"CN-{number}")
    undone, archived = kept[3][2], kept[7]
    october.made_in_light(document_number="CN-LIGHT")
    october.made_in_light(document_number="CN-LIGHT-TOO")
    october.by_itself(document_number="CN-ITSELF")
    rest = october.note(
        posting_date=OCT,
        document_number="CN-REST",
        status="CLEARED",
        changed_at=factories.NOW - timedelta(days=10),
    )
    october.documents(rest)
    booking.book([rest.id], now=factories.NOW, whole=True)
    october.undone(undone)
    october.undone(archived[2])
    october.archived(archived[0])

    evidence = october.make(october.ask(viewer))
    assert (evidence.state, evidence.problem) == ("ready", "")
    assert (evidence.links_done, evidence.documents_done) == (25, 49)
    files = unpacked(evidence)
    links = sorted(name for name in files if name.startswith("links/"))
    assert len(links) == 25 and all(name.endswith(".pdf") for name in links)
    assert len([name for name in files if name.startswith("documents/")]) == 49

    # Every file is what the index says it is, and every row of the sample leads to its files.
    rows = sheet(files, "Sample")
    assert len(rows) == 25
    for row in rows:
        assert hashlib.sha256(files[row["File of the link"]]).hexdigest() == row["SHA-256"]
        note = files[row["File of the credit note"]]
        assert hashlib.sha256(note).hexdigest() == row["SHA-256, credit note"]
        assert f"Paper of {row['Credit note']}" in text_of(note)
        if row["Credit note"] != "CN-REST":
            assert f"Paper of {row['Invoice']}" in text_of(files[row["File of the invoice"]])
    of = {row["Credit note"]: row for row in rows}
    texts = {number: text_of(files[row["File of the link"]]) for number, row in of.items()}

    here = of["CN-0"]
    assert (here["Proposed by"], here["Approved by"]) == ("Paula Prep", "Anton Appr")
    assert here["Light's answer"] == "Light confirmed it" and here["Cleared"] == 40 and here["Line"]
    for words in (
        "Proposed: Link", "Paula Prep", "agreed on the phone", "Same amount", "Approved: Link",
        "Anton Appr", "Seen: free to use EUR", "Seen: open on the invoice EUR", "yes, by its SHA",
        "Light confirmed it", "The clearing was first seen in Light", str(here["Clearing's id"]),
        "approved: Link", head, here["SHA-256, credit note"],
    ):  # fmt: skip
        assert words in texts["CN-0"].replace("- ", "-"), words
    assert "Later" not in texts["CN-0"]
    assert "Later: the clearing was undone" in texts["CN-3"]
    assert of["CN-3"]["What came later"] == "Undone 9 Nov 2026"
    assert "Later: the credit note was cancelled" in texts["CN-7"]
    assert "Status: Posted → Cancelled" in texts["CN-7"]
    assert of["CN-7"]["What came later"] == "Undone 9 Nov 2026; Cancelled 9 Nov 2026"
    assert "Made directly in Light; no proposal here." in texts["CN-LIGHT"]
    assert "Proposed" not in texts["CN-LIGHT"] and of["CN-LIGHT"]["Line"] is None
    assert "Light cleared this by itself" in texts["CN-ITSELF"]
    assert "By what this was cleared, was not read from Light" in texts["CN-REST"]
    assert all(head in text for text in texts.values())

    told = about(files)
    assert told["Head of the audit trail"] == head and told["Asked for by"] == "Vera View"
    assert told["Seed"] == "482913"

    # Population, control totals and the roll-forward are one figure.
    (rolled,) = month_end.roll_forward(october.books.entity.id, OCT)
    amounts = [row["Cleared"] for row in sheet(files, "Population")]
    assert len(amounts) == 25 and round(sum(amounts) * 100) == rolled.moved[K.CLEARED].amount
    totals = {
        row["What"]: (row["Clearings"], row["Cleared"]) for row in sheet(files, "Control totals")
    }
    assert totals["Made here"] == (9, 360) and totals["By Light itself"] == (1, 40)
    assert totals["Made in Light"] == (14, 560) and totals["Not told by Light"] == (1, 100)
    assert totals["Population"] == (25, 1060) and totals["Difference"] == (None, 0)
    assert totals["Roll-forward: cleared"] == (None, 1060)
    ids = [row["Movement"] for row in sheet(files, "Population")]
    assert sampling.digest(ids) == evidence.digest == told["SHA-256 of the population"]
    last = AuditEvent.objects.first()
    assert last.verb == "made the evidence"
    assert last.details["index_digest"] == hashlib.sha256(files["index.xlsx"]).hexdigest()
    assert unpacked(evidence) == files  # the same every time


def test_a_sample_is_drawn_again_by_its_seed(october, viewer, plain):
    for _n in range(6):
        october.by_itself()
    one, other = (october.ask(viewer, 3) for _n in range(2))
    drawn = [
        list(e.files.filter(kind="link").values_list("movement_id", flat=True))
        for e in (one, other)
    ]
    assert drawn[0] == drawn[1] and len(drawn[0]) == 3
    import random

    ids = population.ids(october.scope())
    assert drawn[0] == sorted(random.Random(482913).sample(sorted(ids), 3))


def test_another_worker_goes_on_where_one_was_killed(october, viewer, plain, monkeypatch):
    for _n in range(3):
        october.by_itself()
    evidence = october.ask(viewer)
    assert october.slice() and october.slice()
    evidence.refresh_from_db()
    assert evidence.documents_done == 2
    assert not october.slice(worker="w2")  # the first has it in hand
    assert october.slice(worker="w2", later=200)  # it was silent for longer than its lease
    assert not october.slice(worker="w1", later=201)
    monkeypatch.setattr(making, "LONGEST", 0)
    october.make(evidence, worker="w2")
    files = unpacked(evidence)
    assert len(files) == 3 + 6 + 1
    assert evidence.bytes == sum(map(len, files.values()))


def test_a_worker_that_comes_back_late_writes_nothing_twice(october, viewer, plain, monkeypatch):
    october.by_itself()
    evidence = october.ask(viewer)
    whole = fetching.fetch

    def overtaken(*args, **options):
        """While the first reads, the second takes over and does the same."""
        monkeypatch.setattr(fetching, "fetch", whole)
        assert october.slice(worker="w2", later=200)
        return whole(*args, **options)

    monkeypatch.setattr(fetching, "fetch", overtaken)
    assert october.slice(worker="w1")
    evidence.refresh_from_db()
    assert (evidence.documents_done, evidence.lease_by) == (1, "w2")


def documents_of(evidence):
    return list(evidence.files.exclude(document_id=None).order_by("position"))


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([answer(404, {"message": "none"})], "Light holds no document for it."),
        ([answer(422, {"message": "odd"})], "Light did not give it: “odd”"),
        ([answer(500, {"message": "down"})], "Light did not give it: “down”"),
        ([answer(403, {"message": "no role"})], "Light does not let us read it: “no role”"),
        ([silence], "Light did not give it"),
        ([answer(200, b"", {"Content-Type": "application/pdf"})], "Light's file is empty."),
        ([answer(200, b"%PDF-" + b"x" * 3000)], "It is larger than 0 MB. Open it in Light."),
    ],
    ids=["404", "422", "500", "403", "silence", "empty", "large"],
)  # fmt: skip
def test_a_document_that_light_does_not_give_is_told_and_stops_nothing(
    october, viewer, plain, settings, steps, words
):
    october.by_itself(document_number="CN-1")
    evidence = october.ask(viewer)
    settings.DOCUMENT_LIMIT = 2000
    server = Server(*steps)
    october.sandbox, was = type("Gone", (), {"url": server.url, "key": "k"}), october.sandbox
    october.client = october.new_client(read_timeout=0.2, total_timeout=0.2)
    october.sandbox = was
    october.make(evidence)
    server.close()
    assert evidence.state == "ready"
    assert all(one.problem.startswith(words) and not one.name for one in documents_of(evidence))
    files = unpacked(evidence)
    (link,) = (unescape(files[name].decode()) for name in files if name.startswith("links/"))
    assert len(files) == 2 and words in link
    assert sheet(files, "Sample")[0]["File of the credit note"].startswith(words)
    assert about(files)["Files that there are not"].startswith("2;")


def test_a_document_that_comes_at_the_second_try_is_taken(october, viewer, plain):
    october.by_itself()
    evidence = october.ask(viewer)
    server = Server(answer(503, {"message": "down"}), answer(200, b"%PDF-1.7 here"))
    real = october.sandbox
    october.sandbox = type("Gone", (), {"url": server.url, "key": "k"})
    october.client = october.new_client()
    october.sandbox = real
    assert october.slice() and october.slice()
    first, second = documents_of(evidence)
    assert (first.tries, first.done_at) == (1, None) and second.name
    assert not october.slice()  # the links wait for the document
    october.make(evidence)
    server.close()
    assert all(one.name and not one.problem for one in documents_of(evidence))


def test_what_is_no_pdf_is_kept_as_bytes(october, viewer, plain):
    note, _invoice, _clearing = october.by_itself(document_number="../../CN=1\x07")
    evil = base64.b64encode(b"<script>alert(1)</script>").decode()
    october.sandbox.act(
        "set_document", id=str(note.id), content_base64=evil, content_type="application/pdf"
    )
    evidence = october.make(october.ask(viewer))
    one, _other = documents_of(evidence)
    assert one.name == "documents/001-credit-note-CN-1.bin"
    assert one.problem == "Light's file is not a PDF. Open it with care."
    assert all(".." not in name and "=" not in name for name in unpacked(evidence))


def test_together_they_do_not_grow_beyond_their_limit(october, viewer, plain, monkeypatch):
    october.by_itself()
    monkeypatch.setattr(fetching, "MOST_BYTES", int(1.5 * len(pdf.build(["Paper of CN-123456"]))))
    evidence = october.make(october.ask(viewer))
    assert [one.problem[:8] for one in documents_of(evidence)] == ["", "Left out"]
    assert evidence.state == "ready"


def test_no_text_becomes_a_formula_or_a_tag(october, viewer, plain):
    for number, payload in enumerate(PAYLOADS):
        october.by_itself(document_number=f"{payload}", vendor_name=payload or str(number))
    evidence = october.make(october.ask(viewer))
    files = unpacked(evidence)
    book = openpyxl.load_workbook(io.BytesIO(files["index.xlsx"]))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    for name, page in files.items():
        assert name.startswith(("links/", "documents/")) or name == "index.xlsx"
        assert b"<script" not in page or not name.endswith(".html")


def test_no_payload_in_any_text_column_of_the_index_is_a_formula(books, viewer, plain):
    note, invoice = books.note(posting_date=OCT), books.invoice()
    factories.clearing(invoice, note, 4000, payment_date=date(2026, 10, 20))
    booking.book([note.id], now=factories.NOW)
    of = population.scope(books.entity.id, OCT, OCT)
    ids = population.ids(of)
    evidence = evidencing.start(
        evidencing.Drawn(
            entity_id=of.entity_id, first=OCT, last=OCT, movements_to=of.upto, size=len(ids),
            digest=sampling.digest(ids), movements=ids, seed="1",
        ),
        by=viewer,
    )  # fmt: skip
    sheets = index.sheets(evidence, workflow.now())
    payloads = [*PAYLOADS, *spreadsheet.PAYLOADS]
    for number, one in enumerate(sheets):
        texts = [column.kind == "text" for column in one.columns]
        rows = [tuple(text if is_text else None for is_text in texts) for text in payloads]
        sheets[number] = dataclasses.replace(one, rows=rows)
    file = io.BytesIO()
    xlsx.write_all(sheets, Origin("=x", workflow.now()), file, title="=1+1")
    pages = spreadsheet.workbook(file.getvalue()).worksheets
    assert len(pages) == len(sheets) + 1
    cells = [cell for page in pages for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    risky = [cell for cell in cells if spreadsheet.is_formula(str(cell.value or ""))]
    assert len(risky) > 1000 and all(cell.quotePrefix for cell in risky)


def test_a_population_that_changed_under_the_sample_fails_with_a_sentence(october, viewer, plain):
    october.by_itself()
    evidence = october.ask(viewer)
    Evidence.objects.filter(pk=evidence.pk).update(digest="another")
    october.make(evidence)
    assert evidence.state == "failed" and "Ask for it again" in evidence.problem


def test_a_population_that_is_not_the_roll_forward_fails(october, viewer, plain):
    from clearing.models import MonthTotal

    october.by_itself()
    evidence = october.ask(viewer)
    MonthTotal.objects.filter(kind=K.CLEARED).update(amount=-4001)
    october.make(evidence)
    assert evidence.state == "failed"
    assert evidence.problem.startswith("The population in EUR is not what the roll-forward")


def test_what_is_booked_later_changes_neither_population_nor_sample(october, viewer, plain):
    _note, _invoice, clearing = october.by_itself()
    evidence = october.ask(viewer)
    october.by_itself()
    clearing.amount = 3000
    clearing.save()
    booking.book([clearing.credit_note_id], now=LATER)
    october.make(evidence)
    files = unpacked(evidence)
    assert [row["Cleared"] for row in sheet(files, "Population")] == [40]
    totals = {row["What"]: row["Cleared"] for row in sheet(files, "Control totals")}
    assert totals["Booked since the sample was drawn"] == 30  # 40 more, 40 taken back, 30 anew
    assert totals["Roll-forward: cleared"] == 70 and totals["Difference"] == 0
    assert sheet(files, "Sample")[0]["What came later"].startswith("Taken back")


def test_what_was_taken_back_before_is_no_part_of_the_population(october, viewer, plain):
    _note, _invoice, clearing = october.by_itself()
    clearing.amount = 3000
    clearing.save()
    booking.book([clearing.credit_note_id], now=LATER)
    assert Movement.objects.filter(kind=K.CLEARED).count() == 3
    evidence = october.make(october.ask(viewer))
    assert (evidence.state, evidence.size) == ("ready", 1)
    (one,) = population.controls(october.scope())
    assert (one.amount, one.rolled, one.difference) == (3000, 3000, 0)


def test_a_mistake_of_ours_ends_it_and_is_not_tried_for_ever(october, viewer, plain, monkeypatch):
    october.by_itself()
    evidence = october.ask(viewer)
    monkeypatch.setattr(index, "sampled", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        october.make(evidence)
    evidence.refresh_from_db()
    assert evidence.state == "failed" and "see the log" in evidence.problem
    assert not october.slice()


def test_old_files_are_deleted_and_what_was_sampled_stays_known(october, viewer, plain, settings):
    october.by_itself()
    evidence = october.make(october.ask(viewer))
    assert not evidencing.tidy(workflow.now())
    settings.EVIDENCE_DAYS = 2
    assert evidencing.tidy(workflow.now() + timedelta(days=3))
    evidence.refresh_from_db()
    assert evidence.state == "deleted"
    assert not EvidenceFile.objects.exclude(content=None).exists()
    assert evidence.files.filter(kind="link").count() == 1


def test_the_worker_makes_it_and_page_and_index_say_that_links_are_no_pdfs(
    october, viewer, plain, client
):
    october.by_itself()
    evidence = october.ask(viewer)
    for _n in range(10):
        worker.step(october.client, "w1", workflow.now())
    evidence.refresh_from_db()
    assert evidence.state == "ready"
    assert "cannot make PDFs" in about(unpacked(evidence))["Links"]
    client.force_login(viewer)
    assert "cannot make PDFs" in client.get(f"/month-end/evidence/{evidence.pk}/").text


def test_a_pdf_that_comes_at_the_second_try_is_taken(october, viewer, monkeypatch):
    for _n in range(2):
        october.by_itself()
    evidence, asked = october.ask(viewer), []

    def slow_once(html, styles):
        asked.append(html)
        if len(asked) == 1:
            raise engine.NoPdf("The PDF was not made within 60 seconds.")
        return b"%PDF-1.7 here"

    monkeypatch.setattr(engine, "is_possible", lambda: True)
    monkeypatch.setattr(engine, "render", slow_once)
    while october.slice():
        pass
    evidence.refresh_from_db()
    assert (evidence.state, evidence.links_done) == ("running", 1), "the index waits, too"
    october.make(evidence)
    assert evidence.state == "ready" and evidence.links_done == 2 and len(asked) == 3
    links = list(evidence.files.filter(kind="link"))
    assert all(one.name.endswith(".pdf") and not one.problem for one in links)
    assert [one.tries for one in links] == [1, 0]
    assert "Links" not in about(unpacked(evidence))


def test_a_link_that_gave_no_pdf_twice_is_named_with_the_reason(
    october, viewer, monkeypatch, client
):
    october.by_itself(document_number="CN-SLOW")
    october.by_itself(document_number="CN-FAST")
    evidence = october.ask(viewer)

    def slow(html, styles):
        if "<h1><bdi>CN-SLOW" in html:
            raise engine.NoPdf("The PDF was not made within 60 seconds.")
        return b"%PDF-1.7 here"

    monkeypatch.setattr(engine, "is_possible", lambda: True)
    monkeypatch.setattr(engine, "render", slow)
    october.make(evidence)
    files = unpacked(evidence)
    (name,) = (name for name in files if name.endswith(".html"))
    reason = (
        "The PDF was not made within 60 seconds. "
        "This is the web page instead. Print it from a browser."
    )
    told = about(files)
    assert told["Link that is no PDF"] == f"{name}: {reason}" and "Links" not in told
    assert told["Files that there are not"].startswith("0;")
    of = {row["File"]: row["Why there is none, or another"] for row in sheet(files, "Files")}
    assert of[name] == reason and "CN-SLOW" in name
    client.force_login(viewer)
    page = client.get(f"/month-end/evidence/{evidence.pk}/").text
    assert page.count(reason) == 1 and "cannot make PDFs" not in page


def test_the_reason_why_there_is_no_pdf(monkeypatch):
    def late(*args, **options):
        raise subprocess.TimeoutExpired("x", 60)

    monkeypatch.setattr(engine, "is_possible", lambda: True)
    monkeypatch.setattr(engine.subprocess, "run", late)
    with pytest.raises(engine.NoPdf, match="not made within 60 seconds"):
        engine.render("x", {})


def test_a_page_that_asks_for_something_outside_gets_nothing():
    page = '<img src="http://127.0.0.1:9/x"><link rel="stylesheet" href="file:///etc/passwd">x'
    assert text_of(engine.render(page, {})) == "x"


def test_every_file_prints_the_head_of_the_chain(october, viewer, plain):
    assert chain.head() == ""
    october.made_here()
    sealing.seal(workflow.now())
    evidence = october.make(october.ask(viewer))
    files = unpacked(evidence)
    assert evidence.head and about(files)["Head of the audit trail"] == evidence.head
    links = [file for name, file in files.items() if name.endswith(".html")]
    assert links and all(evidence.head in file.decode() for file in links)
    seq, digest = evidence.head.split(":")
    assert list(sealed.heads()) == [(int(seq), digest)]
