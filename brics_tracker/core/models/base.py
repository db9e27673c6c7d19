"""Abstract bases: Timed and Versioned."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Timed(models.Model):
    """Knows when it was made and last changed (UTC)."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """Counts its accepted edits; a form that carries an older number is refused, never merged silently."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True
