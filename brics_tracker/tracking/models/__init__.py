"""The spine: items, milestones, updates, evidence, statuses, documents, citations, relations."""

from brics_tracker.core.clock import today

from .bulk import BulkEdit, BulkEditRow
from .care import DistinctPair, ItemMerge, ItemSplit, LikelyDuplicate
from .conversation import Comment, ReviewRequest, Watch
from .documents import Citation, Document, Passage
from .evidence import Evidence, EvidenceFile
from .items import ROOMS, ReferenceCounter, Relation, StatusChange, TrackedItem
from .judging import BulkReview, BulkReviewRow
from .milestones import DueDateChange, Milestone
from .updates import MilestoneClaim, ReviewReturn, Update

__all__ = [
    "ROOMS", "BulkEdit", "BulkEditRow", "BulkReview", "BulkReviewRow",
    "Citation", "Comment", "DistinctPair", "Document", "DueDateChange", "Evidence", "EvidenceFile",
    "ItemMerge", "ItemSplit", "LikelyDuplicate", "Milestone", "MilestoneClaim", "Passage",
    "ReferenceCounter", "Relation", "ReviewRequest", "ReviewReturn", "StatusChange", "TrackedItem", "Update", "Watch",
    "today",
]  # fmt: skip
