"""How an endpoint writes: what is sent is read by field, done once, and answered as it stands afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from .api_views import RowView
from .api_writes import Conflict, WriteThrottle, digest_of, key_of
from .once import UsedKey, once
from .rows import Row

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


# Which action answers a method.
Methods = dict[str, Any]


class TextField(serializers.CharField):
    """Text that is sent as text: a number is refused, for what it would be in writing (`1e999`: "inf") nobody sent."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Body(serializers.Serializer[Any]):
    """Refuses a name that it does not know, so that nothing is left out unnoticed."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in sorted(unknown)})
        read: dict[str, Any] = super().to_internal_value(data)
        return read


class WritingRows(RowView):
    """Rows that can be made and changed. Whoever may not see a thing gets 404; whoever may not do this, 403; only
    then is it asked for its key and version (400, 428), and what is sent is read (400 by field)."""

    throttle_classes = (WriteThrottle,)

    @property
    def writer(self) -> User:
        """Who writes: somebody, as the rules of access have found before."""
        return cast("User", self.request.user)

    def body(self) -> dict[str, Any]:
        """What was sent, read by field; 400 with the messages by field."""
        kind = self.bodies[self.action]
        body = kind(data=self.request.data)
        if self.action == "partial_update":
            for field in body.fields.values():  # not `partial`, which would leave out parts of what lies inside too
                field.required = False
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def row_of(self, made: models.Model) -> Row:
        """The row of one thing as it stands; 404 where it is gone, or hidden from this person by now."""
        found = self.rows(type(made)._default_manager.filter(pk=made.pk)[:1])
        if not found:
            raise Http404
        return found[0]

    def write_once(self, make: Callable[[], models.Model], *, status: int = 200) -> Response:
        """Do it, or find that this same request did it before; the row as it stands, either way."""
        key, told = key_of(self.request), digest_of(self.request)
        try:
            made = once(self.writer, key, make, told=told)
        except UsedKey as used:
            raise Conflict(" ".join(used.messages)) from used
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        return self.answer_row(self.row_of(made), status)
