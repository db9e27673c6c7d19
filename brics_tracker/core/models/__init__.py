"""Countries, organisations, themes; jobs and the files they make; deliveries; catalogue entries; the audit trail; abstract bases."""

from .audit import AuditEvent, AuditSeal, SealedPart
from .base import Timed, Versioned
from .catalogue import CatalogueEntry, IdempotencyKey
from .countries import Member, MembershipSpell
from .deliveries import Delivery
from .exports import ExportFile
from .jobs import Job
from .organisations import Organisation
from .themes import Theme

__all__ = [
    "AuditEvent",
    "AuditSeal",
    "CatalogueEntry",
    "Delivery",
    "ExportFile",
    "IdempotencyKey",
    "Job",
    "Member",
    "MembershipSpell",
    "Organisation",
    "SealedPart",
    "Theme",
    "Timed",
    "Versioned",
]
