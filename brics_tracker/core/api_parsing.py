"""JSON as programs send it: whatever it is, it is read or refused, and no text comes out of it that cannot be written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_LONE = re.compile("[\ud800-\udfff]")


class ReadableJSONParser(JSONParser):
    """Half a character (a lone surrogate) becomes U+FFFD, which its field then refuses by its place."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return _readable(super().parse(stream, media_type, parser_context))
        except RecursionError:
            raise ParseError(_("This JSON lies too deep within itself.")) from None


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_readable(name): _readable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value
