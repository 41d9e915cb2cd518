"""Bodies of edits: only known names, exact numbers; and no body ever reverses a bank payment."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing.light import bodies
from clearing.light.client import LightClient
from tests.light.no_pace import NoPace

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "light-api" / "openapi.json"
BASE = "https://api.light.example"
UUIDS = st.uuids(version=4).map(str)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
AMOUNTS = st.integers(-(2**63), 2**63 - 1)
RATES = st.decimals("0.000001", "999999", places=6).map(lambda value: format(value, "f"))
DIRECTED = st.tuples(AMOUNTS, st.sampled_from("CD")).map(list)
PROPERTIES = st.lists(
    st.fixed_dictionaries(
        {"groupId": UUIDS},
        optional={
            "valueIds": st.lists(UUIDS, max_size=2),
            "inlineValues": st.none() | st.lists(TEXTS, max_size=2),
            "clearingType": st.just("BP"),
        },
    ),
    max_size=2,
)
BY_CONVERSION = {
    bodies._id: UUIDS,
    bodies._text: TEXTS | st.just("BP"),
    bodies._day: st.dates().map(str),
    bodies._currency: st.sampled_from(["EUR", "JPY"]),
    bodies._amount: AMOUNTS,
    bodies._flag: st.booleans(),
    bodies._rate: RATES,
    bodies._directed: DIRECTED,
    bodies._properties: PROPERTIES,
}


def values(fields):
    return st.fixed_dictionaries(
        {}, optional={name: st.none() | BY_CONVERSION[field[1]] for name, field in fields.items()}
    )


def keys(content):
    """Every name in a body, however deep."""
    if isinstance(content, dict):
        return set(content) | {name for value in content.values() for name in keys(value)}
    if isinstance(content, list):
        return {name for value in content for name in keys(value)}
    return set()


@given(note=values(bodies.NOTE), line=values(bodies.LINE), archive=st.booleans(), id=UUIDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_body_of_any_write_carries_a_clearing_of_a_bank_payment(note, line, archive, id):
    """Each write of the client, with anything people may enter."""
    client = LightClient(BASE, key="k", pace=NoPace(), guard=lambda: None)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as light:
        for method in ("POST", "PATCH", "DELETE"):
            light.add(method, re.compile(".*"), json={"id": id})
        client.reverse_clearing(id, id, archive=archive)
        client.update_credit_note(id, bodies.note_body(note))
        client.add_line(id, bodies.line_body(line))
        client.change_line(id, id, bodies.line_body(line))
        client.delete_line(id, id)
        client.create_credit_note_from_invoice(id)
        client.post_credit_note(id)
        client.archive_credit_note(id)
        client.link(id, id, 1)
        client.change_link_amount(id, id, 1)
        client.unlink(id, id)
        sent = [json.loads(call.request.body or "null") for call in light.calls]
    assert len(sent) == 11
    assert [body["clearingType"] for body in sent if "clearingType" in keys(body)] == ["CN"]


@given(values(bodies.NOTE), values(bodies.LINE))
def test_a_body_has_exactly_the_names_that_were_given_and_null_where_nothing_is(note, line):
    for given_, fields, body in (
        (note, bodies.NOTE, bodies.note_body(note)),
        (line, bodies.LINE, bodies.line_body(line)),
    ):
        assert body.keys() == {fields[name][0] for name in given_}
        for name, value in given_.items():
            assert (body[fields[name][0]] is None) == (value is None)


@given(st.from_regex(r"[1-9][0-9]{0,6}(\.[0-9]{0,7}[1-9])?", fullmatch=True))
def test_a_rate_reaches_light_as_the_number_that_was_typed(typed):
    written = json.dumps(bodies.note_body({"local_fx_rate": typed}))
    read = json.loads(written, parse_float=Decimal, parse_int=Decimal)
    assert read == {"localCurrencyFxRateOverride": Decimal(typed)}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (bodies.note_body, {"local_fx_rate": "1.2345678901234567"}),
        (bodies.note_body, {"local_fx_rate": 1.5}),
        (bodies.note_body, {"group_fx_rate": "0"}),
        (bodies.note_body, {"group_fx_rate": "1,5"}),
        (bodies.note_body, {"group_fx_rate": "٣"}),
        (bodies.note_body, {"amount": True}),
        (bodies.note_body, {"amount": 2**63}),
        (bodies.note_body, {"vendor_id": "../x"}),
        (bodies.note_body, {"document_date": "2026-02-30"}),
        (bodies.note_body, {"description": 5}),
        (bodies.line_body, {"net": [1, "X"]}),
        (bodies.line_body, {"net": [1.0, "C"]}),
        (bodies.line_body, {"custom_properties": "all"}),
        (bodies.line_body, {"custom_properties": [{"groupId": "x"}]}),
    ],
)
def test_what_light_could_misread_is_refused_with_a_sentence(fields, wrong):
    with pytest.raises(ValueError, match=r"\.$"):
        fields(wrong)


@pytest.mark.skipif(not DOCUMENT.exists(), reason="Light's OpenAPI document is not here")
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("ExternalUpdateCreditNoteRequestV1Model", bodies.NOTE),
        ("ExternalUpdateCreditNoteLineRequestV1Model", bodies.LINE),
        ("ExternalCreateCreditNoteLineRequestV1Model", bodies.LINE),
    ],
)
def test_the_names_are_those_of_light_s_document_and_null_is_for_what_may_be_null(model, fields):
    properties = json.loads(DOCUMENT.read_text())["components"]["schemas"][model]["properties"]
    assert {name for name, _ in fields.values()} == properties.keys()
    never = {name for name, one in properties.items() if not one.get("nullable")}
    assert never == {bodies.LINE[name][0] for name in bodies.LINE_AMOUNTS if name in fields}


def test_a_name_nobody_knows_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        bodies.note_body({"status": "POSTED"})
