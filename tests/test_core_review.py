"""What a second look at the core found: each case once went wrong."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from clearing import money, roles, workflow
from clearing.models import Balance, Instruction, InvoicePayable, Link, Preference
from clearing.services import changing, proposing, reviewing
from clearing.services.proposing import Problems, Wanted
from lightui import checks, demo
from tests import factories

WRONG = {"reason_code": "wrong_amount", "reason": ""}


def pair(note, invoice):
    return {"credit_note_id": note.id, "invoice_payable_id": invoice.id}


def approve(line, by):
    reviewing.approve(line, seen_hash=line.content_hash, by=by)


@pytest.fixture
def second_person():
    with override_settings(SECOND_PERSON_ALWAYS=True):
        yield


# --- proposing and changing -----------------------------------------------------------------
@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
def test_a_pair_that_has_cleared_without_a_link_is_not_proposed_again(books, preparer):
    """Light may allocate by itself; such a pair counts as cleared, so a line would count 0."""
    note, invoice = books.note(status="PARTIALLY_CLEARED"), books.invoice(amount=20000)
    factories.clearing(invoice, note, 1000)
    with pytest.raises(Problems) as problems:
        proposing.propose(
            vendor_id=books.vendor.id, entity_id=books.entity.id, currency="EUR", by=preparer,
            wanted=[Wanted(note.id, invoice.id, 9000)],
        )  # fmt: skip
    assert "cleared each other" in problems.value.cells[note.id, invoice.id]


def test_a_link_is_not_raised_on_an_invoice_that_cannot_be_used(books, preparer):
    note, invoice = books.note(), books.invoice(state="DECLINED")
    factories.link(note, invoice, 4000)
    with pytest.raises(workflow.Conflict, match="declined"):
        changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=preparer)
    lowered = changing.change_amount(**pair(note, invoice), amount=3000, **WRONG, by=preparer)
    assert lowered.state == "ready"


def test_the_most_that_a_link_can_have_is_the_smaller_of_both(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT", amount=5000)
    factories.link(note, invoice, 4000)
    with pytest.raises(ValueError, match=r"At most EUR 50\.00"):
        changing.change_amount(**pair(note, invoice), amount=99999, **WRONG, by=preparer)


def test_what_is_not_known_is_not_called_too_little(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT", outstanding_balance=None)
    factories.link(note, invoice, 4000)
    with pytest.raises(ValueError, match="not read from Light yet"):
        changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=preparer)


def test_cancelling_a_note_that_the_copy_does_not_hold_is_a_conflict(books, preparer):
    gone = books.invoice().id
    with pytest.raises(workflow.Conflict):
        changing.archive(credit_note_id=gone, reason_code="duplicate", reason="", by=preparer)


# --- reviewing ------------------------------------------------------------------------------
def test_the_first_line_approved_is_not_dropped_for_another_proposed_one(books, preparer, approver):
    """Light took 10.00 elsewhere: one of two lines still fits, and it is the one approved first."""
    note = books.note()
    lines = [
        factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 5000) for _ in range(2)
    ]
    factories.link(note, books.invoice(state="IN_DRAFT"), 1000)
    approve(lines[0], approver)
    with pytest.raises(workflow.Conflict, match="Not enough of the credit note"):
        approve(lines[1], approver)
    assert [line.state for line in lines] == ["ready", "fallen"]


def test_lowering_a_link_needs_no_cover(books, preparer, approver, second_person):
    note, invoice = books.note(), books.invoice(state="DECLINED")
    factories.link(note, invoice, 9000)
    factories.link(note, books.invoice(state="IN_DRAFT"), 9000)
    line = changing.change_amount(**pair(note, invoice), amount=1000, **WRONG, by=preparer)
    approve(line, approver)
    assert line.state == "ready"


@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
def test_a_balance_that_is_being_read_does_not_drop_a_line(books, preparer, approver):
    note, invoice = books.note(status="PARTIALLY_CLEARED"), books.invoice(state="IN_DRAFT")
    line = factories.line(preparer, note, invoice)
    other = books.invoice(payments_read_at=None)
    factories.balances.refresh(notes=[note.id])
    with pytest.raises(workflow.Conflict, match="not known right now"):
        approve(line, approver)
    assert line.state == "proposed"
    InvoicePayable.objects.filter(pk=other.id).update(payments_read_at=factories.NOW)
    factories.balances.refresh(notes=[note.id])
    approve(line, approver)
    assert line.state == "ready"


def ask(kind, note, invoice, by):
    if kind == "unlink":
        return changing.remove(**pair(note, invoice), **WRONG, by=by)
    return changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=by)


@pytest.mark.parametrize("kind", ["unlink", "amend"])
@pytest.mark.parametrize(
    "became", [{"amount": 2000}, {"fate": "removed", "gone_at": factories.NOW}, {"fate": "cleared"}]
)
def test_a_change_falls_when_its_link_is_another(
    books, preparer, approver, second_person, kind, became
):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    link = factories.link(note, invoice, 4000)
    line = ask(kind, note, invoice, preparer)
    Link.objects.filter(pk=link.pk).update(**became)
    with pytest.raises(workflow.Conflict):
        approve(line, approver)
    assert line.state == "fallen"


@pytest.mark.parametrize("status", ["CLEARED", "PARTIALLY_CLEARED", "ARCHIVED", "ODD"])
def test_cancelling_falls_when_the_note_is_used_up(books, preparer, approver, status):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    type(note).objects.filter(pk=note.pk).update(status=status)
    with pytest.raises(workflow.Conflict):
        approve(line, approver)
    assert line.state == "fallen"


def test_cancelling_falls_when_the_note_was_linked_meanwhile(books, preparer, approver):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    factories.link(note, books.invoice(state="IN_DRAFT"), 100)
    with pytest.raises(workflow.Conflict, match="still linked"):
        approve(line, approver)
    assert line.state == "fallen"


def test_cancelling_survives_its_own_line(books, preparer, approver):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    approve(line, approver)
    assert line.state == "ready"


def test_the_loser_sees_what_the_line_is_now(books, preparer, approver):
    line = factories.line(preparer, books.note(), books.invoice())
    same = Instruction.objects.get(pk=line.pk)
    reviewing.take_back(line, by=preparer)
    with pytest.raises(workflow.Conflict):
        workflow.advance(same, "approve", now=factories.NOW, by=approver)
    assert same.state == "taken_back"


def test_a_conflict_leaves_the_callers_transaction_whole(books, preparer):
    """The unique index refuses inside a savepoint, or PostgreSQL would refuse all that follows."""
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    twin = Instruction.objects.get(pk=line.pk)
    twin.pk = None
    with transaction.atomic():
        with pytest.raises(workflow.Conflict):
            workflow.begin([twin], now=factories.NOW, by=preparer)
        assert Balance.objects.get(pk=note.id).available == 6000


def test_no_rule_lets_one_person_raise_or_lower_to_nothing(books, preparer):
    note, invoice = books.note(), books.invoice()
    for amount, previous in ((5000, 4000), (4000, 4000), (None, 4000), (4000, None), (0, 4000)):
        with pytest.raises((IntegrityError, workflow.Conflict)), transaction.atomic():
            factories.line(
                preparer, note, invoice, amount, kind="amend", previous_amount=previous,
                exempt="one_person_lowers",
            )  # fmt: skip
    assert not Instruction.objects.exists()


def test_who_is_preparer_and_approver_still_needs_another(books):
    both = factories.person("preparer")
    both.groups.add(factories.Group.objects.get(name="approver"))
    line = factories.line(both, books.note(), books.invoice())
    with pytest.raises(roles.NotAllowed):
        approve(line, both)


# --- money ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("currency", "places"),
    [("RSD", 2), ("LBP", 2), ("IQD", 3), ("ALL", 2), ("UGX", 0), ("KRW", 0), ("CLF", 4), ("X", 2)],
)
def test_the_smallest_unit_is_that_of_iso_4217(currency, places):
    """CLDR says how many decimals people like to see: RSD 0. In the books it has two."""
    assert money.decimals(currency) == places


@pytest.mark.parametrize(("typed", "locale"), [("0,123", "en_US"), ("0.123", "de_DE")])
def test_a_decimal_sign_of_another_format_is_not_taken_for_grouping(typed, locale):
    with pytest.raises(ValueError, match="like"):
        money.parse(typed, "KWD" if locale == "en_US" else "JPY", locale)


# --- signing in, going back -----------------------------------------------------------------
@pytest.mark.parametrize(
    "back",
    ["foo", "logout", "https://evil.example/", "//evil.example", "/\\evil.example", "\x00",
     "/\r\nX", "javascript:alert(1)", "///evil.example", "http:evil.example"],
)  # fmt: skip
def test_the_way_back_is_a_path_of_ours(client, db, back):
    answer = client.post(reverse("theme"), {"theme": "dark", "next": back})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


@pytest.fixture
def in_demo(settings, viewer):
    settings.DEMO = True


@pytest.mark.parametrize(
    ("there", "status"),
    [
        ({}, 302),
        ({"HTTP_HOST": "localhost:8000"}, 302),
        ({"REMOTE_ADDR": "10.0.0.5"}, 404),
        ({"HTTP_HOST": "testserver"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ({"HTTP_X_REAL_IP": "203.0.113.9"}, 404),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, 404),
    ],
)
def test_the_demo_signs_in_on_this_machine_only(client, in_demo, there, status):
    there = {"HTTP_HOST": "127.0.0.1:8000"} | there
    answer = client.post(reverse("demo_sign_in"), {"role": "viewer"}, **there)
    assert answer.status_code == status
    assert ("_auth_user_id" in client.session) == (status == 302)


@pytest.mark.parametrize("role", ["\x00", "root", "", "x" * 5000])
def test_the_demo_has_no_other_people(client, in_demo, role):
    factories.person(username="root", is_superuser=True)
    answer = client.post(reverse("demo_sign_in"), {"role": role}, HTTP_HOST="127.0.0.1")
    assert answer.status_code == 404


def test_outside_the_demo_nobody_signs_in_by_role(client, viewer):
    answer = client.post(reverse("demo_sign_in"), {"role": "viewer"}, HTTP_HOST="127.0.0.1")
    assert answer.status_code == 404


def test_settings_saved_twice_at_once_are_saved(client, viewer, monkeypatch):
    """The second click finds no row when it begins, and one when it writes."""
    client.force_login(viewer)
    first = Preference.objects.filter

    def late(*args, **kwargs):
        found = list(first(*args, **kwargs))
        Preference.objects.get_or_create(user=viewer)
        return type("Found", (), {"first": lambda self: found[0] if found else None})()

    monkeypatch.setattr(Preference.objects, "filter", late)
    answer = client.post(reverse("preferences"), {"number_format": "de_DE"})
    assert answer.status_code == 302
    assert Preference.objects.get(user=viewer).number_format == "de_DE"


def test_an_expired_session_comes_back_to_the_page_not_to_its_part(client, db):
    line = {"line_id": 7}
    here = {"headers": {"hx-request": "true", "hx-current-url": "http://testserver/proposals/3/"}}
    answer = client.post(reverse("approve", kwargs=line), **here)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/?next=/proposals/3/"
    for url in ("http://evil.example/x", "http://testserver//evil.example/", "nonsense"):
        answer = client.get(
            reverse("proposals"), headers={"hx-request": "true", "hx-current-url": url}
        )
        assert "evil" not in answer["HX-Redirect"]


def test_a_form_sent_after_the_session_ended_does_not_come_back_to_a_405(client, db):
    answer = client.post(reverse("approve", kwargs={"line_id": 7}))
    assert answer["Location"] == "/login/"
    answer = client.get(reverse("proposals"))
    assert answer["Location"] == "/login/?next=/proposals/"


def test_pages_are_in_one_language(client, viewer):
    client.force_login(viewer)
    english = client.get(reverse("preferences"), headers={"accept-language": "en"})
    german = client.get(reverse("preferences"), headers={"accept-language": "de"})
    assert _words(english) == _words(german)


def _words(answer):
    return [line for line in answer.text.splitlines() if "csrf" not in line.lower()]


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 5000, "0", "9223372036854775808"])
def test_a_number_that_no_row_has_is_not_found(client, approver, number):
    client.force_login(approver)
    for path in (f"/proposals/{number}/", f"/proposals/{number}/progress/"):
        assert client.get(path).status_code == 404
    for step in ("approve", "reject", "take-back", "settle", "deal"):
        assert client.post(f"/lines/{number}/{step}/").status_code in {403, 404}


# --- how it starts --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DEMO": True, "LIGHT_API_URL": "https://api.light.inc"}, "demo"),
        ({"DEMO": True, "ALLOWED_HOSTS": ["books.example"]}, "this machine only"),
        ({"EXEMPT_UNDER": {"EUR": "5000"}}, "EXEMPT_UNDER"),
        ({"EXEMPT_UNDER": {"EUR": 50.5}}, "EXEMPT_UNDER"),
        ({"EXEMPT_UNDER": ["EUR"]}, "EXEMPT_UNDER"),
        ({"ENTITY_TIME_ZONES": {"JP": "Tokyo"}}, "ENTITY_TIME_ZONES"),
        ({"ENTITY_TIME_ZONES": "Asia/Tokyo"}, "ENTITY_TIME_ZONES"),
        ({"EXEMPT_UNDER": {"EUR": True}}, "EXEMPT_UNDER"),
    ],
)
def test_it_does_not_start_on(settings, changed, words):
    fine = {"SECRET_KEY": "s" * 50, "LIGHT_API_KEY": "k", "LIGHT_API_URL": "https://l.example"}
    for name, value in (fine | {"ALLOWED_HOSTS": ["localhost"]} | changed).items():
        setattr(settings, name, value)
    assert any(words in sentence for sentence in checks.problems())


@pytest.fixture
def clean_environment(monkeypatch):
    environment = {}
    monkeypatch.setattr(demo.os, "environ", environment)
    return environment


def test_the_demo_uses_nothing_of_a_real_installation(clean_environment, tmp_path):
    clean_environment |= {
        "DATABASE_URL_FILE": "/run/secrets/db", "LIGHT_API_URL_FILE": "/x", "DEMO_FILE": "/y",
        "EXEMPT_UNDER": '{"EUR": 1000000}', "BEHIND_PROXY": "1", "PATH": "/bin",
    }  # fmt: skip
    demo.prepare_environment(["--data", str(tmp_path)])
    assert not [name for name in clean_environment if name.endswith("_FILE")]
    assert not {"EXEMPT_UNDER", "BEHIND_PROXY"} & clean_environment.keys()
    assert clean_environment["PATH"] == "/bin"


def test_a_fresh_demo_deletes_its_own_files_only(clean_environment, tmp_path):
    ours = ["lightui.sqlite3", "lightui.sqlite3-wal", "light.sqlite3-shm", "secret"]
    others = ["secrets.env", "secret-plans.txt", "lightui.sqlite3.backup"]
    for name in ours + others:
        (tmp_path / name).write_text("x")
    demo.prepare_environment(["--data", str(tmp_path), "--reset", "--port", "0"])
    assert {path.name for path in tmp_path.iterdir()} == {"secret", *others}
    assert (tmp_path / "secret").read_text() != "x"


def test_a_demo_that_runs_is_not_reset(clean_environment, tmp_path):
    (tmp_path / "lightui.sqlite3").write_text("x")
    with demo.socket.socket() as running:
        running.bind(("127.0.0.1", 0))
        running.listen()
        port = str(running.getsockname()[1])
        with pytest.raises(SystemExit, match="in use"):
            demo.prepare_environment(["--data", str(tmp_path), "--reset", "--port", port])
    assert (tmp_path / "lightui.sqlite3").exists()
