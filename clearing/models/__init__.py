"""Tables: the copy of Light's books, our proposals, the audit trail."""

from clearing.models.audit import AuditEvent
from clearing.models.editing import Edit
from clearing.models.house import Acknowledged, Months, NotDuplicate
from clearing.models.mirror import (
    Balance,
    Clearing,
    Company,
    CreditNote,
    CreditNoteLine,
    Entity,
    InvoicePayable,
    LedgerAccount,
    Link,
    Seen,
    Vendor,
)
from clearing.models.person import Draft, Preference, number_format
from clearing.models.proposal import Attempt, Instruction, Proposal
from clearing.models.running import Budget, SyncMark, SyncRun, Worker
from clearing.models.suspicion import Looked, Suspicion

__all__ = [
    "Acknowledged",
    "Attempt",
    "AuditEvent",
    "Balance",
    "Budget",
    "Clearing",
    "Company",
    "CreditNote",
    "CreditNoteLine",
    "Draft",
    "Edit",
    "Entity",
    "Instruction",
    "InvoicePayable",
    "LedgerAccount",
    "Link",
    "Looked",
    "Months",
    "NotDuplicate",
    "Preference",
    "Proposal",
    "Seen",
    "Suspicion",
    "SyncMark",
    "SyncRun",
    "Vendor",
    "Worker",
    "number_format",
]
