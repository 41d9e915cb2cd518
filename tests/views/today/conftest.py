"""Today on that Monday, as a preparer sees it."""

import re

import pytest
import time_machine
from django.urls import reverse

from tests.views.today.monday import MONDAY


@pytest.fixture(autouse=True)
def monday_morning():
    """Sessions are made at that moment, too."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def look(client, preparer):
    """The page's text without its tags, as a preparer sees it."""

    def get(by=preparer):
        client.force_login(by)
        answer = client.get(reverse("today"))
        assert answer.status_code == 200
        main = answer.content.decode().split("<main")[1].split("</main>")[0]
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")
        return re.sub(r" ([.,;])", r"\1", text)

    return get


@pytest.fixture
def html(client, preparer):
    def get(by=preparer):
        client.force_login(by)
        return client.get(reverse("today")).content.decode()

    return get
