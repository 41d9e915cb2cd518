"""What belongs to one person: theme, number format, demo sign-in."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clearing import money
from clearing.models import Preference
from clearing.roles import RIGHTS
from clearing.views.access import done, way_back
from clearing.views.context import THEMES
from lightui.checks import LOOPBACK

BACKEND = "django.contrib.auth.backends.ModelBackend"
DEMO_PEOPLE = (*RIGHTS, "approver-2")  # usernames; all but the second approver's are roles
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or automatic in a cookie, and go back to where one was."""
    chosen = request.POST.get("theme", "auto")
    response = HttpResponseRedirect(way_back(request, reverse("today")))
    response.set_cookie(
        "theme",
        chosen if chosen in THEMES else "auto",
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


def is_local(request: HttpRequest) -> bool:
    """Whether this request was made on this machine, and not passed on by a proxy here."""
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    passed_on = any(name in request.META for name in PROXY_HEADERS)
    return host in LOOPBACK and request.META["REMOTE_ADDR"] in LOOPBACK and not passed_on


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people; exists in the demo and on this machine only."""
    username = request.POST.get("role", "")
    if not settings.DEMO or not is_local(request) or username not in DEMO_PEOPLE:
        raise Http404
    person = get_user_model().objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Http404
    login(request, person, backend=BACKEND)
    return HttpResponseRedirect(way_back(request, reverse("today")))


class PreferenceForm(forms.ModelForm):
    """How one person reads and types numbers."""

    number_format = forms.ChoiceField(
        label=gettext_lazy("Number format"),
        choices=[
            (name, f"{money.plain(123456789, 'EUR', name)}  ({name})")
            for name in money.NUMBER_FORMATS
        ],
    )

    class Meta:
        model = Preference
        fields = ["number_format", "shortcuts"]
        labels = {"shortcuts": gettext_lazy("Keyboard shortcuts")}


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """A person's own settings; everybody who is signed in has them."""
    me = cast(User, request.user)
    if request.method == "POST":
        mine, _new = Preference.objects.get_or_create(user=me)
    else:
        mine = Preference.objects.filter(user=me).first() or Preference(user=me)
    form = PreferenceForm(request.POST or None, instance=mine)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        form.save()
        return done(request, to=request.path, message=_("Your settings are saved."))
    status = 422 if form.is_bound else 200
    return render(request, "clearing/account/preferences.html", context, status=status)
