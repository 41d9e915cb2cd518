"""What belongs to one person: theme, number format, demo sign-in."""

from django.http import Http404


def theme(request):
    raise Http404


def demo_sign_in(request):
    raise Http404


def preferences(request):
    raise Http404
