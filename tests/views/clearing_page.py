"""The clearing page of one vendor as one person uses it."""

import re

from django.urls import reverse

from clearing.forms import cell_name

HTMX = {"HX-Request": "true"}


class Page:
    """One clearing page as one person uses it."""

    def __init__(self, client, books):
        self.client, self.vendor = client, books.vendor
        self.query = f"?entity={books.entity.id}&currency=EUR"

    def url(self, name="workbench"):
        return reverse(name, args=[self.vendor.id]) + self.query

    def get(self, more=""):
        return self.client.get(self.url() + more)

    def post(self, name, fields, **headers):
        return self.client.post(self.url(name), fields, headers=headers)


def cell(note, invoice):
    return cell_name((note.id, invoice.id))


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def value(response, name):
    """The value of one amount field; None where there is no such field."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', response.content.decode())
    return found and found[1]
