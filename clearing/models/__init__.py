"""Tables: the copy of Light's books, our proposals, the audit trail."""

from clearing.models.audit import AuditEvent, AuditSeal
from clearing.models.decision import Decision
from clearing.models.difference import Difference
from clearing.models.editing import Edit
from clearing.models.evidence import Evidence, EvidenceFile
from clearing.models.house import Acknowledged, Known, Months, NotDuplicate
from clearing.models.mirror import (
    Balance,
    Clearing,
    CreditNote,
    CreditNoteLine,
    InvoicePayable,
    Link,
    Seen,
)
from clearing.models.movement import MonthTotal, Movement
from clearing.models.paper import (
    Accepted,
    LedgerFigure,
    MonthEnd,
    Paper,
    PaperRow,
    Reopening,
    Signature,
)
from clearing.models.person import Draft, Preference, number_format
from clearing.models.proposal import Attempt, Instruction, Proposal
from clearing.models.reference import Company, Entity, LedgerAccount, Vendor
from clearing.models.running import Budget, HistoryReading, SyncMark, SyncRun, Worker
from clearing.models.suggesting import (
    Batch,
    Citation,
    Declined,
    Outlook,
    Plan,
    PlanGroup,
    PlanLine,
)
from clearing.models.suspicion import Looked, Suspicion

__all__ = [
    "Accepted",
    "Acknowledged",
    "Attempt",
    "AuditEvent",
    "AuditSeal",
    "Balance",
    "Batch",
    "Budget",
    "Citation",
    "Clearing",
    "Company",
    "CreditNote",
    "CreditNoteLine",
    "Decision",
    "Declined",
    "Difference",
    "Draft",
    "Edit",
    "Entity",
    "Evidence",
    "EvidenceFile",
    "HistoryReading",
    "Instruction",
    "InvoicePayable",
    "Known",
    "LedgerAccount",
    "LedgerFigure",
    "Link",
    "Looked",
    "MonthEnd",
    "MonthTotal",
    "Months",
    "Movement",
    "NotDuplicate",
    "Outlook",
    "Paper",
    "PaperRow",
    "Plan",
    "PlanGroup",
    "PlanLine",
    "Preference",
    "Proposal",
    "Reopening",
    "Seen",
    "Signature",
    "Suspicion",
    "SyncMark",
    "SyncRun",
    "Vendor",
    "Worker",
    "number_format",
]
