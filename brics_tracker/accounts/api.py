"""Who may call the API: whoever may read the register."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from . import access


class ReadPermission(BasePermission):
    """Reading, for everyone who may read what is published; which rows, the querysets decide."""

    def has_permission(self, request: Request, view: Any) -> bool:
        # A method that the view does not have goes on, to be answered as that (405), not as a lack of rights.
        reads = request.method in SAFE_METHODS or not hasattr(view, str(request.method).lower())
        return reads and access.may_read(request.user)
