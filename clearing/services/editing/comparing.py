"""What a person changed, held against what Light shows now: only that is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clearing.light.bodies import LINE_AMOUNTS
from clearing.services.editing.values import RATES, UNSEEN, Values, canonical, same


@dataclass(frozen=True)
class ChangedField:
    """One field that Light shows otherwise than the page did."""

    name: str
    shown: Any
    live: Any
    wanted: Any


class Changed(Exception):
    """Light has changed what the page showed: nothing was sent.

    `live` is what Light shows now, the next `shown`.
    """

    def __init__(self, fields: list[ChangedField], live: Values) -> None:
        super().__init__(_("This was changed in Light meanwhile."))
        self.fields, self.live = fields, live


def differences(shown: Mapping[str, Any], live: Values, wanted: Mapping[str, Any]) -> Values:
    """Those of the wanted values that Light does not show yet.

    Raises Changed where a field of the form is no longer what the page showed, unless it is
    already what is wanted; ValueError where nothing is left to send. A rate that the person left
    alone may move: Light sets it by itself.
    """
    shown, wanted = canonical(shown), canonical(wanted)
    sent: Values = {}
    changed = []
    for name, value in wanted.items():
        if name == UNSEEN:  # Light does not show them: what is entered is sent
            sent[name] = value
            continue
        was, now = shown.get(name), live[name]
        if same(name, now, value) or (name in RATES and same(name, was, value)):
            continue
        if not same(name, was, now):
            changed.append(ChangedField(name, was, now, value))
        sent[name] = value
    if changed:
        raise Changed(changed, live)
    if not sent:
        raise ValueError(_("Nothing was changed."))
    return sent


def check_unchanged(shown: Mapping[str, Any], live: Values) -> None:
    """Raise Changed where Light no longer shows what the page showed."""
    known = {name: value for name, value in canonical(shown).items() if name in live}
    changed = [
        ChangedField(name, value, live[name], None)
        for name, value in known.items()
        if not same(name, value, live[name])
    ]
    if changed:
        raise Changed(changed, live)


def check_amounts_stay(sent: Values) -> None:
    """Raise ValueError where an amount of a line is to be emptied: Light has no such call."""
    if any(name in sent and sent[name] is None for name in LINE_AMOUNTS):
        raise ValueError(
            _("Light keeps the amounts of a line: they can be changed, 0 included, not emptied.")
        )
