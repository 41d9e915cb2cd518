"""What to do with an instruction, given what Light shows. Pure: no database, no network, no clock.

The worker (services.sending) and the simulator (tests.simulation) run the same lines: `decide`
says what to do next with a line, `after_answer` what Light's answer to its call means.
"""

from clearing.deciding.after import Answer, Body, after_answer
from clearing.deciding.before import before_sending, not_approved
from clearing.deciding.decide import (
    Action,
    Line,
    Look,
    cannot_read,
    decide,
    lease_ended,
    quarantine,
    time_to_send,
)
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
    "Action",
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
    "Line",
    "LinkSeen",
    "Look",
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
    "cannot_read",
    "decide",
    "digest",
    "lease_ended",
    "not_approved",
    "once_undone",
    "quarantine",
    "settle",
    "time_to_send",
    "verify",
]
