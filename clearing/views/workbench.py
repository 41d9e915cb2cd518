"""The clearing page of one vendor, entity and currency."""

from django.http import Http404


def workbench(request, vendor_id):
    raise Http404


def workbench_sums(request, vendor_id):
    raise Http404


def propose(request, vendor_id):
    raise Http404
