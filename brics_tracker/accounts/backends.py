"""How people are authenticated: allauth's by mail address, and only who is active and no system actor."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class GrantBackend(AuthenticationBackend):
    """Rights come from grants (User.has_perm), so this backend answers only who someone is."""

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.is_active and not user.is_system)

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        """allauth would tell a deactivated person so; here a shut account answers like an unknown one."""
