"""Questions Light's documents leave open, each with the answer we take until told otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any


class ExistingPair(StrEnum):
    """POST on a pair that is already linked."""

    REFUSE = "refuse"
    REPLACE = "replace"
    ADD = "add"


class LinkOnPosted(StrEnum):
    """POST on an invoice that is already in the ledger; NOTHING says yes and does nothing."""

    CLEAR = "clear"
    REFUSE = "refuse"
    NOTHING = "nothing"


class DeleteLinkOfPosted(StrEnum):
    """DELETE of a link whose invoice is in the ledger; ALLOW reverses the clearing."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Ids(StrEnum):
    """Which ids a link, a clearing or the list of accounting documents shows."""

    EXTERNAL = "external"
    ACCOUNTING = "accounting"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Switches:
    """How this sandbox answers; see each field's comment for what it decides."""

    existing_pair: ExistingPair = ExistingPair.REFUSE
    partially_cleared_linkable: bool = False  # may a PARTIALLY_CLEARED note be linked
    link_on_posted: LinkOnPosted = LinkOnPosted.CLEAR
    delete_link_of_posted: DeleteLinkOfPosted = DeleteLinkOfPosted.REFUSE
    ids_in_links: Ids = Ids.EXTERNAL  # also in payments: document of a CN entry, invoice
    ids_in_documents_list: Ids = Ids.EXTERNAL  # ids of GET …/accounting-documents
    lines_in_list: bool = False  # of credit notes; otherwise only the detail shows them
    posted_link_listed: bool = False  # still listed after its invoice was posted
    link_touches_updated_at: bool = True  # of both documents
    link_reduces_outstanding: bool = False  # before the invoice is posted
    link_lowers_scheduled_payment: bool = False
    honour_links: bool = True  # False: posting an invoice ignores its links
    auto_allocation: bool = False  # posting takes unlinked notes too; on in the command
    refuse_cn_adjust_filter: bool = False  # cnToBeAdjustedAccDocType answers 400
    key_valid: bool = True  # False: 401, as after the key was revoked
    key_may_write: bool = True  # False: 403 on everything but GET

    def changed(self, changes: dict[str, Any]) -> Switches:
        """With these fields set; a ValueError names a field or value that does not exist."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"There is no switch {name}.")
            if known[name] is bool and not isinstance(value, bool):
                raise ValueError(f"{name} is true or false.")
        return replace(self, **{name: known[name](value) for name, value in changes.items()})
