"""The audit trail: what is put on record beside the changes, where all of it is read, and how it is sealed.

Changes are recorded by core/history.py; `record_event` and `record_fetch` add what changes nothing.
"""

from .events import record_event, record_fetch

__all__ = ["record_event", "record_fetch"]
