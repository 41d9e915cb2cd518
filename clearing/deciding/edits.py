"""What became of an edit of a draft: decided by what Light shows, never by time.

Facts are plain JSON under Light's names, as the body that was sent:
{"status", "updated_at", "note": {...}, "lines": {id: {...}}} of a credit note, and
{"drafts": {id: {"amount", "currency"}}} of a vendor's drafts, where one was to be created.
"""

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _

from clearing.deciding.facts import Ask, Done, LookAgain, NotApplied
from clearing.deciding.settling import LOOKS

Facts = Mapping[str, Any]
Shown = Literal["done", "absent", "other", "unclear"]
# Light answers null here with a value of its own, so what it shows afterwards proves nothing.
OWN_DEFAULT = frozenset({"areLinesWithTax", "documentNumber"})


def shown(kind: str, before: Facts, body: Facts, live: Facts | None, *, line_id: str = "") -> Shown:
    """done: as asked · absent: as before · other: neither, or reading cannot tell.

    `before` is what Light showed just before the call; `live` None: Light no longer shows it.
    """
    if live is None:
        return "other"
    if kind == "change_note":
        return _changed(before["note"], body, live["note"], as_before=_untouched(before, live))
    if kind == "add_line":
        return _exactly_one(_new_lines(before, live), body)
    if kind == "change_line":
        line = live["lines"].get(line_id)
        if line is None:
            return "other"
        return _changed(before["lines"][line_id], body, line, as_before=False)
    if kind == "delete_line":
        return "absent" if line_id in live["lines"] else "done"
    if kind == "create":
        new = _new_drafts(before, live)
        return _exactly_one(list(new.values()), before["wanted"])
    raise ValueError(f"There is no edit {kind}.")


def fits(body: Facts, seen: Facts) -> bool:
    """Whether nothing that Light shows of a document contradicts what was sent."""
    return all(seen[name] == body[name] for name in _visible(body, seen))


def created(before: Facts, live: Facts) -> str:
    """The id of the one draft that was created; "" unless it is exactly one."""
    new = _new_drafts(before, live)
    ours = [id for id, draft in new.items() if fits(before["wanted"], draft)]
    return ours[0] if len(ours) == 1 else ""


def settle(
    found: Shown, *, absent_looks: int, quarantine_over: bool
) -> Done | NotApplied | Ask | LookAgain:
    """What to do with an unclear edit; absent counts after the quarantine only, and twice.

    `found` "unclear": Light answered, but with nothing that can be read; asking again is no help.
    """
    if found == "done":
        return Done()
    if found == "other":
        return Ask(
            _("Light shows neither what was asked for nor what was there before; somebody may have "
              "changed it too. Look in Light.")
        )  # fmt: skip
    if not quarantine_over:
        return LookAgain(0)
    if found == "unclear":
        return Ask(_("What Light shows of it cannot be read. Look in Light."))
    if absent_looks + 1 < LOOKS:
        return LookAgain(absent_looks + 1)
    return NotApplied(_("Light did not take it: it was looked for twice and is not there."))


def _changed(was: Facts, body: Facts, now: Facts, *, as_before: bool) -> Shown:
    """By content; where the contract shows nothing of what was sent, by `as_before` alone."""
    names = _visible(body, now)
    if not names:
        return "absent" if as_before else "other"
    if all(now[name] == body[name] for name in names):
        return "done"
    return "absent" if all(now[name] == was.get(name) for name in names) else "other"


def _visible(body: Facts, seen: Facts) -> list[str]:
    """The names of a body whose effect can be read."""
    return [
        name
        for name, value in body.items()
        if name in seen and not (value is None and name in OWN_DEFAULT)
    ]


def _untouched(before: Facts, live: Facts) -> bool:
    return bool(before["updated_at"]) and before["updated_at"] == live["updated_at"]


def _new_lines(before: Facts, live: Facts) -> list[Facts]:
    return [line for id, line in live["lines"].items() if id not in before["lines"]]


def _new_drafts(before: Facts, live: Facts) -> dict[str, Facts]:
    return {id: draft for id, draft in live["drafts"].items() if id not in before["drafts"]}


def _exactly_one(new: list[Facts], wanted: Facts) -> Shown:
    """One that fits among the new ones is ours; new ones that do not fit may be."""
    if not new:
        return "absent"
    return "done" if sum(fits(wanted, one) for one in new) == 1 else "other"
