"""The review queue and one proposal."""

from django.http import Http404


def proposals(request):
    raise Http404


def proposal(request, proposal_id):
    raise Http404


def approve(request, line_id):
    raise Http404


def approve_all(request, proposal_id):
    raise Http404


def reject(request, line_id):
    raise Http404


def take_back(request, line_id):
    raise Http404


def lines_progress(request, proposal_id):
    raise Http404
