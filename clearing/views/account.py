"""What belongs to one person: theme, number format, demo sign-in."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clearing import money
from clearing.models import Preference
from clearing.views.access import clean_text, done
from clearing.views.context import THEMES
from clearing.workflow import RIGHTS
from lightui.checks import LOOPBACK

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or automatic in a cookie, and go back to where one was."""
    chosen = request.POST.get("theme", "auto")
    back = clean_text(request.POST.get("next")) or "/"
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    response = redirect(back)
    response.set_cookie(
        "theme",
        chosen if chosen in THEMES else "auto",
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo's person of a role; exists in the demo and on this machine only."""
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    if not settings.DEMO or host not in LOOPBACK or request.META["REMOTE_ADDR"] not in LOOPBACK:
        raise Http404
    role = request.POST.get("role", "")
    person = get_user_model().objects.filter(username=role, is_active=True).first()
    if role not in RIGHTS or person is None:
        raise Http404
    login(request, person, backend=BACKEND)
    back = clean_text(request.POST.get("next"))
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if back and safe else "today")


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


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """A person's own settings; everybody who is signed in has them."""
    me = cast(User, request.user)
    mine = Preference.objects.filter(user=me).first() or Preference(user=me)
    form = PreferenceForm(request.POST or None, instance=mine)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        form.save()
        return done(request, to=request.path, message=_("Your settings are saved."))
    status = 422 if form.is_bound else 200
    return render(request, "clearing/account/preferences.html", context, status=status)
