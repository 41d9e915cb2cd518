"""Vendors: the list and one vendor."""

from django.http import Http404


def vendors(request):
    raise Http404


def vendor(request, vendor_id):
    raise Http404
