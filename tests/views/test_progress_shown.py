"""A page follows the sending of the lines that it shows, and gets none of other pages."""

from django.urls import reverse

from clearing.queries import review
from tests import factories
from tests.views.pages import HTMX


def test_only_the_lines_of_the_page_come_back(as_approver, books, preparer, approver, monkeypatch):
    monkeypatch.setattr(review, "SIZE", 2)
    note = books.note()
    proposal = factories.proposal(preparer, note)
    lines = [
        factories.line(preparer, books.note(), books.invoice(), approved_by=approver,
                       in_proposal=proposal)
        for _ in range(3)
    ]  # fmt: skip
    page = as_approver.get(reverse("proposal", args=[proposal.pk])).text
    first, second, other = (line.pk for line in lines)
    assert f'id="shown" name="shown" value="{first},{second}"' in page
    assert 'hx-include="#shown"' in page
    since = {"since": "2000-01-01T00:00:00+00:00"}
    here = reverse("lines_progress", args=[proposal.pk])
    answer = as_approver.get(here, since | {"shown": f"{first},{second}"}, **HTMX).text
    assert f'id="state-{first}"' in answer and f'id="state-{second}"' in answer
    assert f'id="state-{other}"' not in answer and 'id="states"' in answer
    elsewhere = as_approver.get(here, since | {"shown": "0"}, **HTMX).text
    assert 'id="states"' in elsewhere and 'id="state-' not in elsewhere
    assert f'id="state-{other}"' in as_approver.get(here, since, **HTMX).text
