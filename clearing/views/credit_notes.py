"""Credit notes: the list and one note."""

from django.http import Http404


def credit_notes(request):
    raise Http404


def credit_note(request, note_id):
    raise Http404
