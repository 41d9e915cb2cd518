"""What must be set before anything starts outside the demo."""

from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from clearing import nights
from lightui import demo

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def problems() -> list[str]:
    """Return one sentence for each setting that forbids a start; empty in the demo."""
    if settings.DEMO:
        hosts = {host.strip("[]") for host in settings.ALLOWED_HOSTS}
        if not hosts <= LOOPBACK or urlsplit(settings.LIGHT_API_URL).hostname not in LOOPBACK:
            return ["The demo answers on this machine only, and never speaks to Light: unset DEMO."]
        return []
    found = []
    limits = settings.EXEMPT_UNDER
    if not isinstance(limits, dict) or any(type(limit) is not int for limit in limits.values()):
        found.append('EXEMPT_UNDER must be whole numbers by currency, like {"EUR": 5000}.')
    zones = settings.ENTITY_TIME_ZONES
    if not isinstance(zones, dict) or not set(map(str, zones.values())) <= available_timezones():
        found.append('ENTITY_TIME_ZONES must be zones by entity, like {"JP": "Asia/Tokyo"}.')
    try:
        nights.hours(settings.ROTATION_HOURS)
    except ValueError:
        found.append("ROTATION_HOURS must be two different hours of the day, like 22-06.")
    if not all(
        0 <= number <= 120 for number in (settings.HISTORY_MONTHS, settings.ROTATION_MONTHS)
    ):
        found.append("HISTORY_MONTHS and ROTATION_MONTHS must be 0 to 120.")
    if len(settings.SECRET_KEY) < 32 or demo.stored_secret() == settings.SECRET_KEY:
        found.append("Set SECRET_KEY to a long random text of your own.")
    if not settings.LIGHT_API_KEY or settings.LIGHT_API_KEY == demo.KEY:
        found.append("Set LIGHT_API_KEY (or LIGHT_API_KEY_FILE) to the key of your Light company.")
    url = urlsplit(settings.LIGHT_API_URL)
    if not url.hostname:
        found.append("Set LIGHT_API_URL to the address of Light's API, beginning with https://.")
    elif url.scheme != "https" and url.hostname not in LOOPBACK:
        found.append("LIGHT_API_URL must begin with https://, or the key could be overheard.")
    elif url.hostname in LOOPBACK and not settings.DEBUG:
        found.append("LIGHT_API_URL points at this machine: that is the demo's. Set Light's own.")
    return found


@register()
def check_start(app_configs: object, **kwargs: object) -> list[Error]:
    return [Error(sentence, id="lightui.E001") for sentence in problems()]


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every sentence of `problems`."""
    if found := problems():
        raise ImproperlyConfigured(" ".join(found))
