"""How old the copy of Light is, and how its reading goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import workflow
from clearing.models import SyncRun, Worker

ALIVE = timedelta(minutes=1)  # a worker that was not heard of for longer is not running
LAST_RUNS = 10


@dataclass(frozen=True)
class Age:
    """The age of the copy, in words; `at` is when the reading of its lists began."""

    text: str
    as_of: str
    stale: bool
    at: datetime | None
    words: str = ""  # "3 minutes old"


def data_age() -> Age:
    """How old the copy is: it is as old as the beginning of the last reading of all lists."""
    at = (
        SyncRun.objects.filter(lists_done_at__isnull=False)
        .values_list("started_at", flat=True)
        .first()
    )
    if at is None:
        return Age(_("Nothing read from Light yet"), "", False, None)
    age = max(timezone.now() - at, timedelta(0))
    return Age(
        text=_("Copy from Light, %(age)s") % {"age": _words(age)},
        as_of=_("As of %(time)s") % {"time": _time(at, age)},
        stale=age.total_seconds() > settings.STALE_AFTER,
        at=at,
        words=_words(age),
    )


def _words(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute old")
    if minutes < 120:
        return ngettext("%(n)d minute old", "%(n)d minutes old", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return _("%(n)d hours old") % {"n": hours}
    return _("%(n)d days old") % {"n": hours // 24}


def _time(at: datetime, age: timedelta) -> str:
    """14:32 UTC; with the day where it was not today."""
    local = timezone.localtime(at)
    clock = f"{local:%H:%M} {local.tzname()}"
    if age < timedelta(hours=12):
        return clock
    return f"{local.day} {local:%b %Y}, {clock}"


@dataclass(frozen=True)
class Reading:
    """What the page about reading Light shows."""

    running: SyncRun | None
    last: list[SyncRun]
    worker_alive: bool
    adjusts_checked: bool | None  # None: Light was not asked yet

    @property
    def progress(self) -> str:
        """Where the running sync is, as a sentence."""
        run = self.running
        if run is None:
            return ""
        if run.lists_done_at:
            return _("%(done)d of %(total)d details read") % {
                "done": run.details_done,
                "total": run.details_total,
            }
        return ngettext(
            "Reading the lists: %(n)d document so far",
            "Reading the lists: %(n)d documents so far",
            run.documents,
        ) % {"n": run.documents}


def reading() -> Reading:
    """The running sync, the last ones, and who does the work."""
    runs = list(SyncRun.objects.all()[: LAST_RUNS + 1])
    running = next((run for run in runs if run.state == SyncRun.State.RUNNING), None)
    asked = next((run.adjusts_checked for run in runs if run.adjusts_checked is not None), None)
    return Reading(
        running=running,
        last=[run for run in runs if run is not running][:LAST_RUNS],
        worker_alive=Worker.objects.filter(beat_at__gte=workflow.now() - ALIVE).exists(),
        adjusts_checked=asked,
    )
