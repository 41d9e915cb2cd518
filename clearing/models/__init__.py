"""Tables: the copy of Light's books, our proposals, the audit trail."""

from clearing.models.audit import AuditEvent
from clearing.models.mirror import (
    Balance,
    Clearing,
    Company,
    CreditNote,
    Entity,
    InvoicePayable,
    Link,
    Seen,
    Vendor,
)
from clearing.models.person import Draft, Preference, number_format
from clearing.models.proposal import Attempt, Instruction, Proposal
from clearing.models.running import Budget, SyncMark, SyncRun, Worker

__all__ = [
    "Attempt",
    "AuditEvent",
    "Balance",
    "Budget",
    "Clearing",
    "Company",
    "CreditNote",
    "Draft",
    "Entity",
    "Instruction",
    "InvoicePayable",
    "Link",
    "Preference",
    "Proposal",
    "Seen",
    "SyncMark",
    "SyncRun",
    "Vendor",
    "Worker",
    "number_format",
]
