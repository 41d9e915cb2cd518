"""Signing in and going back: to our own pages, on this machine, as people of the demo."""

import pytest
from django.urls import reverse

from clearing.models import Preference
from tests import factories


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
