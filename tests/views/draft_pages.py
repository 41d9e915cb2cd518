"""A draft's page with Light behind it, as a browser has both."""

from django.urls import reverse

from tests.views.browser_forms import fields
from tests.views.pages import HTMX


class Page:
    """The edit page of one draft, as a browser has it."""

    def __init__(self, client, drafts):
        self.client, self.drafts = client, drafts
        self.url = reverse("edit_note", args=[drafts.id])
        self.data = fields(client.get(self.url), self.url)

    def save(self, *, htmx=False, **typed):
        answer = self.client.post(self.url, self.data | typed, **(HTMX if htmx else {}))
        if answer.status_code != 302:
            self.data = fields(answer, self.url) or self.data
        return answer
