"""Whether anything keeps lines from being sent now, what happens next, and who does what."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels
from clearing.models import AuditEvent, Budget, Instruction, Worker
from clearing.models.running import KEY_REFUSED, ROLE_MISSING
from clearing.queries.ages import ALIVE

PATIENCE = timedelta(minutes=1)  # what ends sooner is not worth a banner
SILENT_CALLS = 3  # without an answer, one after the other
S = Instruction.State


@dataclass(frozen=True)
class Stop:
    """Why nothing goes out: a heading, what happens next, and the same within a sentence.

    `by_itself`: nobody has to do anything.
    """

    title: str
    words: str
    short: str
    by_itself: bool = True


def now() -> Stop | None:
    """What stops sending now; one query, one more where the key was refused."""
    return of(_row(), timezone.now())


def _row() -> Any:
    """The budget of the key in use, with the newest heartbeat and whether something waits."""
    beat = Worker.objects.order_by("-beat_at").values("beat_at")[:1]
    long_ago = timezone.now() - PATIENCE
    waits = Instruction.objects.filter(
        state__in=[S.READY, S.SENDING, S.UNKNOWN], changed_at__lt=long_ago
    )
    rows = Budget.objects.annotate(beat_at=Subquery(beat), waits=Exists(waits))
    return rows.order_by("-stopped_at", "-version").first()


def of(row: Any, moment: datetime) -> Stop | None:
    """The most serious of what this row tells; None where sending goes on."""
    if row is None:
        return None
    state = row.state or {}
    if row.stopped_at:
        return _refused(row)
    if row.waits and (row.beat_at is None or row.beat_at < moment - ALIVE):
        return _no_worker(row.beat_at)
    if state.get("day") == moment.astimezone(UTC).date().isoformat() and (
        state.get("day_used", 0) >= settings.LIGHT_REQUESTS_PER_DAY
    ):
        return _used_up(moment)
    if (until := _time(state.get("paused_until"))) and until > moment + PATIENCE / 3:
        return _paused(until)
    silent = row.silent_since is not None and row.silent_since < moment - PATIENCE
    if silent and row.silent_calls >= SILENT_CALLS:
        return _silent(row.silent_since)
    return None


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _refused(row: Any) -> Stop:
    """Light does not accept the key, or not for changes."""
    goes_on = _(
        "Nothing is lost: what is approved waits. We ask Light once a minute, and sending goes on "
        "by itself as soon as Light agrees."
    )
    if row.stopped_because == ROLE_MISSING:
        title = _("Sending is stopped: our key may read in Light, but not change anything")
        who = _(
            "Whoever looks after Light gives the user of our key the role that is missing: "
            "AP_CLERK, or CONTROLLER for what touches the ledger."
        )
    elif row.stopped_because == KEY_REFUSED:
        title = _("Sending is stopped: Light does not accept our key")
        who = _(
            "Whoever looks after this installation checks the key in Light, or puts a new one in "
            "its place and restarts it."
        )
    else:
        title, who = _("Sending is stopped"), _(row.stopped_because)
    words = " ".join(part for part in (_since(), who, goes_on) if part)
    short = _("Sending is stopped, because Light does not accept our key.")
    return Stop(title, words, short, by_itself=False)


def _since() -> str:
    """Since when: the first stop after sending last went on."""
    events = AuditEvent.objects.filter(verb__in=["sending stopped", "sending goes on"])
    first = None
    for verb, at in events.order_by("-id").values_list("verb", "at")[:100]:
        if verb == "sending goes on":
            break
        first = at
    return _("Since %(time)s.") % {"time": labels.time_of(first)} if first else ""


def _no_worker(beat_at: datetime | None) -> Stop:
    heard = ""
    if beat_at:
        heard = _("The last one was heard of at %(time)s.") % {"time": labels.time_of(beat_at)}
    words = _(
        "So nothing is sent or checked, and Light is not read. Whoever looks after this "
        "installation starts “manage.py worker”. Nothing is lost: what is approved waits."
    )
    return Stop(
        _("No worker is running"), f"{heard} {words}".strip(), _("No worker is running."), False
    )


def _used_up(moment: datetime) -> Stop:
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until = labels.time_of(midnight + timedelta(days=1))
    return Stop(
        _("Today’s requests to Light are used up"),
        _(
            "What is approved waits and goes out by itself after %(time)s, when Light begins to "
            "count anew. There is nothing to do. Until then the pages show the copy as it is."
        )
        % {"time": until},
        _("Today’s requests to Light are used up until %(time)s.") % {"time": until},
    )


def _paused(until: datetime) -> Stop:
    at = labels.time_of(until)
    return Stop(
        _("Light has asked us to wait until %(time)s") % {"time": at},
        _(
            "It gets more requests with this key than it allows, from here or from elsewhere. "
            "What is approved waits and goes out by itself then. There is nothing to do."
        ),
        _("Light has asked us to wait until %(time)s.") % {"time": at},
    )


def _silent(since: datetime) -> Stop:
    at = labels.time_of(since)
    return Stop(
        _("Light has not answered since %(time)s") % {"time": at},
        _(
            "We try again by ourselves. What is approved waits; what was on its way is checked as "
            "soon as Light answers. There is nothing to do here; the pages show the copy as it is."
        ),
        _("Light has not answered since %(time)s.") % {"time": at},
    )
