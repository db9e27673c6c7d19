"""The spine: items, milestones, updates, evidence, statuses, documents, citations, relations."""

from brics_tracker.core.clock import today

from .bulk import BulkEdit, BulkEditRow
from .documents import Citation, Document, Passage
from .evidence import Evidence, EvidenceFile
from .items import ROOMS, ReferenceCounter, Relation, StatusChange, TrackedItem
from .milestones import DueDateChange, Milestone
from .updates import MilestoneClaim, ReviewReturn, Update

__all__ = [
    "ROOMS", "BulkEdit", "BulkEditRow",
    "Citation", "Document", "DueDateChange", "Evidence", "EvidenceFile", "Milestone", "MilestoneClaim", "Passage",
    "ReferenceCounter", "Relation", "ReviewReturn", "StatusChange", "TrackedItem", "Update", "today",
]  # fmt: skip
