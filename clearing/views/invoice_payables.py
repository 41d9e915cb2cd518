"""Invoices: the list and one invoice."""

from django.http import Http404


def invoice_payables(request):
    raise Http404


def invoice_payable(request, invoice_id):
    raise Http404
