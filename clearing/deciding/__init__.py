"""What to do with an instruction, given what Light shows. Pure: no database, no network, no clock.

The worker (services.sending) and a simulator run the same lines: `not_approved` and
`before_sending` before a byte leaves, `after_answer` on Light's answer, `settle` and `verify` on
what reading shows afterwards.
"""

from clearing.deciding.after import Answer, Body, after_answer
from clearing.deciding.before import before_sending, not_approved
from clearing.deciding.drafts import DraftLine, digest
from clearing.deciding.facts import (
    Adopt,
    Approval,
    Ask,
    CannotConfirm,
    Content,
    Done,
    Fall,
    Invoice,
    LinkSeen,
    LookAgain,
    NotApplied,
    Note,
    Observation,
    Payment,
    PutBack,
    Refused,
    Rules,
    Send,
    Unknown,
    Wait,
)
from clearing.deciding.moves import once_undone
from clearing.deciding.settling import settle, verify

__all__ = [
    "Adopt",
    "Answer",
    "Approval",
    "Ask",
    "Body",
    "CannotConfirm",
    "Content",
    "Done",
    "DraftLine",
    "Fall",
    "Invoice",
    "LinkSeen",
    "LookAgain",
    "NotApplied",
    "Note",
    "Observation",
    "Payment",
    "PutBack",
    "Refused",
    "Rules",
    "Send",
    "Unknown",
    "Wait",
    "after_answer",
    "before_sending",
    "digest",
    "not_approved",
    "once_undone",
    "settle",
    "verify",
]
