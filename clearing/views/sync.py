"""The age of the copy, and reading Light again."""

from django.http import Http404


def sync(request):
    raise Http404


def sync_now(request):
    raise Http404


def sync_progress(request):
    raise Http404
