"""The language of the eye: a status is a disc that fills, proof is a square; shape and word before colour."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_RING = '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6"/>'
_FULL = '<circle cx="8" cy="8" r="7.3" fill="currentColor"/>'
_DISCS = {
    "hollow": _RING,
    "quarter": _RING + '<path d="M8 8V1.5A6.5 6.5 0 0 1 14.5 8Z" fill="currentColor"/>',
    "half": _RING + '<path d="M8 1.5A6.5 6.5 0 0 1 8 14.5Z" fill="currentColor"/>',
    "three-quarters": _RING + '<path d="M8 8V1.5A6.5 6.5 0 1 1 1.5 8Z" fill="currentColor"/>',
    "tick": _FULL + '<path d="M4.9 8.2l2.2 2.2 4-4.4" fill="none" stroke="var(--paper)" stroke-width="1.7"/>',
    "pause": _RING + '<path d="M6.2 5.2v5.6M9.8 5.2v5.6" fill="none" stroke="currentColor" stroke-width="1.7"/>',
    "cross": _RING + '<path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" fill="none" stroke="currentColor" stroke-width="1.7"/>',
    "onward": _RING + '<path d="M4.6 8h6.4M8.4 5.4L11 8l-2.6 2.6" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "stop": _RING + '<rect x="5.4" y="5.4" width="5.2" height="5.2" fill="currentColor"/>',
    "clock": _RING + '<path d="M8 4.4V8l2.6 1.8" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "dot": '<circle cx="8" cy="8" r="3" fill="currentColor"/>',
}  # fmt: skip
# Within one kind of item no two statuses share a shape; a test holds every status of workflow.py against it.
STATUS_DISCS = {
    "proposed": "hollow",
    "discussion": "quarter",
    "negotiation": "quarter",
    "agreed": "half",
    "implementing": "three-quarters",
    "implemented": "tick",
    "stalled": "pause",
    "rejected": "cross",
    "superseded": "onward",
    "established": "three-quarters",
    "operating": "tick",
    "dormant": "pause",
    "wound_up": "stop",
    "scheduled": "clock",
    "under_way": "three-quarters",
    "completed": "tick",
    "cancelled": "cross",
}
_SQUARE = '<rect x="2.8" y="2.8" width="10.4" height="10.4" rx="1.5" '
_SQUARES = {
    "claimed": _SQUARE + 'fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2 1.6"/>',
    "documented": _SQUARE + 'fill="none" stroke="currentColor" stroke-width="1.4"/>'
    '<path d="M5.5 6.4h5M5.5 9.4h5" fill="none" stroke="currentColor" stroke-width="1.3"/>',
    "verified": _SQUARE + 'fill="currentColor"/>'
    '<path d="M5.2 8.2l2 2 3.7-4.2" fill="none" stroke="var(--paper)" stroke-width="1.6"/>',
}


def _mark(name: str, drawing: str) -> SafeString:
    """A drawing of 16 by 16 that says nothing to a screen reader: the word beside it does."""
    # Only the constants above come here.
    return format_html('<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', name, mark_safe(drawing))  # noqa: S308


def disc(status: str) -> SafeString:
    """The disc of a status; a dot for what is no status."""
    return _mark("disc", _DISCS[STATUS_DISCS.get(status, "dot")])


def square(proof: str) -> SafeString:
    """The square of a level of proof."""
    return _mark("square", _SQUARES[proof])
