"""Who may call the API: readers read; people in their browser, and programs with a token for it, write."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from . import access
from .choices import TokenScope
from .models import ApiToken


class ApiPermission(BasePermission):
    """The door: which rows a person sees, and what they may do with each, the apps' access rules decide."""

    def has_permission(self, request: Request, view: Any) -> bool:
        # A method that the view does not have goes on, to be answered as that (405), not as a lack of rights.
        if request.method in SAFE_METHODS or not hasattr(view, str(request.method).lower()):
            return access.may_read(request.user)
        if isinstance(request.auth, ApiToken) and request.auth.scope != TokenScope.WRITE:
            self.message = _("This token is for reading. Make one that may write on your account page.")
            return False
        return bool(request.user.is_authenticated)
