"""Dialogs that ask for a change in Light: remove, change amount, cancel."""

from django.http import Http404


def remove_link(request, note_id, invoice_id):
    raise Http404


def change_amount(request, note_id, invoice_id):
    raise Http404


def archive(request, note_id):
    raise Http404
