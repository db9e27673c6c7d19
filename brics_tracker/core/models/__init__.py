"""Countries, organisations, themes; jobs; catalogue entries; abstract bases."""

from .base import Timed, Versioned
from .catalogue import CatalogueEntry, IdempotencyKey
from .countries import Member, MembershipSpell
from .jobs import Job
from .organisations import Organisation
from .themes import Theme

__all__ = [
    "CatalogueEntry",
    "IdempotencyKey",
    "Job",
    "Member",
    "MembershipSpell",
    "Organisation",
    "Theme",
    "Timed",
    "Versioned",
]
