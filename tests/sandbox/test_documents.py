"""The paper of a document: printed, replaced, large, dressed up, or not there."""

from __future__ import annotations

import base64
import io

import pypdf
import pytest

from clearing.sandbox import records
from clearing.sandbox.server import Sandbox

from .conftest import ENTITY, VENDOR, Light, invoice, note

PAGE = b"<!doctype html><script>document.title = 'ran'</script>"


def path_of(record):
    noun = "credit-notes" if "businessPartnerId" in record else "invoice-payables"
    return f"/v1/{noun}/{record['id']}/document"


def encoded(content):
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("make", [note, invoice])
def test_another_file_takes_the_papers_place_and_goes_again(open_light, make):
    one, other = make(_pdf=["As it came in"]), make(_pdf=["Another"])
    notes = [one, other] if make is note else []
    light = open_light(notes, [] if notes else [one, other])
    light.sandbox.act(
        "set_document", id=one["id"], content_base64=encoded(PAGE), content_type="application/pdf"
    )
    answer = light("GET", path_of(one))
    assert (answer.content, answer.headers["Content-Type"]) == (PAGE, "application/pdf")
    assert light("GET", path_of(other)).content.startswith(b"%PDF-")
    light.sandbox.act("remove_document", id=one["id"])
    assert light("GET", path_of(one)).status_code == 404
    assert light("GET", path_of(other)).status_code == 200


def test_a_paper_comes_where_there_was_none(open_light):
    credit = note(_pdf=None)
    light = open_light([credit])
    assert light("GET", path_of(credit)).status_code == 404
    light.sandbox.act("set_document", id=credit["id"])
    answer = light("GET", path_of(credit))
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 1


def test_a_large_paper_has_its_size_and_can_still_be_read(open_light):
    credit, size = note(_pdf=["CR-1"]), 3 * 1024 * 1024 + 17
    light = open_light([credit])
    light.sandbox.act("set_document", id=credit["id"], size=size)
    answer = light("GET", path_of(credit))
    assert int(answer.headers["Content-Length"]) == len(answer.content) == size
    assert "CR-1" in pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert light.status(credit) == "POSTED"  # the connection goes on


def test_a_token_whose_paper_went_away_is_404(open_light):
    credit = note(_pdf=["CR-1"])
    light = open_light([credit])
    there = light("GET", path_of(credit), allow_redirects=False).headers["Location"]
    light.sandbox.act("remove_document", id=credit["id"])
    assert light.session.get(there, timeout=5).status_code == 404


def test_it_outlives_a_restart_and_goes_with_its_document(tmp_path):
    credit = note(_pdf=["CR-1"])
    data = records.dataset(entities=[ENTITY], vendors=[VENDOR], credit_notes=[credit])
    path = str(tmp_path / "books.sqlite3")
    with Sandbox(data, store=path) as sandbox:
        sandbox.act("set_document", id=credit["id"], content_base64=encoded(PAGE))
    with Sandbox(store=path) as sandbox:
        assert Light(sandbox)("GET", path_of(credit)).content == PAGE
        sandbox.act("remove", id=credit["id"])
        assert sandbox.books.all("file") == []


@pytest.mark.parametrize(
    "given",
    [
        {"content_base64": "no base64!"},
        {"size": -1},
        {"size": 2**40},
        {"content_type": "text/html\r\nX-Evil: 1"},
        {"colour": "red"},
    ],
)
def test_a_file_that_cannot_be_is_refused(open_light, given):
    credit = note()
    light = open_light([credit])
    body = {"as": "Ida", "action": "set_document", "id": credit["id"], **given}
    assert light("POST", "/admin/act", json=body).status_code == 400
    assert light.sandbox.books.all("file") == []


def test_an_unknown_document_has_no_paper(open_light):
    light = open_light()
    for action in ("set_document", "remove_document"):
        body = {"as": "Ida", "action": action, "id": note()["id"]}
        assert light("POST", "/admin/act", json=body).status_code == 404


def test_the_list_of_acts_does_not_keep_the_content(open_light):
    credit = note()
    light = open_light([credit])
    light.sandbox.act("set_document", id=credit["id"], content_base64=encoded(b"x" * 90_000))
    (act,) = light.get("/admin/books")["acts"]
    assert len(act["given"]["content_base64"]) < 100 and act["given"]["id"] == credit["id"]
