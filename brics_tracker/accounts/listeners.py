"""What accounts does when the floor below, or the way in, tells of something."""

from typing import Any

from django.contrib.auth import user_logged_in, user_login_failed
from django.dispatch import receiver

from brics_tracker.core.audit import record_event
from brics_tracker.core.choices import Act
from brics_tracker.core.history import save_with_links
from brics_tracker.core.models import Theme
from brics_tracker.core.signals import theme_merged

from .models import Grant, User


@receiver(theme_merged, dispatch_uid="accounts.move_grants")
def move_grants(source: Theme, target: Theme, by: Any, **kwargs: Any) -> None:
    """Grants within a merged theme hold within the one that took it over."""
    for grant in Grant.objects.filter(themes=source).prefetch_related("themes", "members"):
        themes = [target, *(theme for theme in grant.themes.all() if theme not in (source, target))]
        reason = f"{source.code} merged into {target.code}"
        save_with_links(grant, by=by, links={"themes": themes, "members": list(grant.members.all())}, reason=reason)


@receiver(user_logged_in, dispatch_uid="accounts.record_sign_in")
def record_sign_in(user: User, **kwargs: Any) -> None:
    """Whichever way someone came in."""
    record_event(Act.SIGNED_IN, by=user, thing=user)


@receiver(user_login_failed, dispatch_uid="accounts.record_failed_sign_in")
def record_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Of an account that there is. What was typed for none may be a password in the wrong field: it is not kept."""
    typed = next((str(credentials[name]) for name in ("email", "username", "login") if credentials.get(name)), "")
    user = User.objects.filter(email=typed.strip().lower()).first()
    if user is not None:
        record_event(Act.SIGN_IN_FAILED, by=None, thing=user)
