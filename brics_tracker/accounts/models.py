"""People and what they may do: User and Grant."""

from itertools import chain, count
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from brics_tracker.core.history import Records
from brics_tracker.core.models import Member, Theme, Timed, Versioned

from .choices import Opening, Role, TokenScope
from .querysets import SavedViewQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who signs in by mail address; without a password nobody can sign in as them yet."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.handle = user.handle or self.free_handle(user.name, user.email)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def free_handle(self, name: str, email: str) -> str:
        """By which a person of this name can be mentioned, as nobody else is yet: ana-souza, or ana-souza-2."""
        wanted = slugify(name)[:32].strip("-_") or slugify(email.partition("@")[0])[:32].strip("-_") or "person"
        wanted = wanted.replace("_", "-")
        taken = set(self.filter(handle__startswith=wanted).values_list("handle", flat=True))
        return next(each for each in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if each not in taken)

    def system(self) -> "User":
        """The marked actor in whose name the catalogue and generated data are entered; nobody can sign in as it."""
        fields = {"name": "Catalogue", "is_system": True, "is_active": False}
        user, _made = self.get_or_create(email="catalogue@localhost", defaults=fields)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox ships no types for its tokens
    """A person, known by mail address. Rights come from grants alone; there is no superuser flag."""

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("As it stands beside what you write."))
    handle = models.CharField(
        _("handle"), max_length=40, blank=True, editable=False,
        help_text=_("By which others mention the person, as in @ana-souza."),
    )  # fmt: skip
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_system = models.BooleanField(
        _("system actor"), default=False, editable=False, help_text=_("Acts for the catalogue; cannot sign in.")
    )
    language = models.CharField(_("language"), max_length=10, blank=True, choices=settings.LANGUAGES)
    date_joined = models.DateTimeField(_("invited"), default=timezone.now, editable=False)

    objects = UserManager()
    # A handle is given once: nothing of it is ever to be told.
    history = Records(excluded_fields=["password", "last_login", "handle"])

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_address"),
            models.UniqueConstraint(fields=["handle"], condition=~models.Q(handle=""), name="one_user_per_handle"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_superuser(self) -> bool:
        """There is none: what someone may do is in their grants."""
        return False

    @property
    def is_staff(self) -> bool:
        """Django's name for "may enter the administration": asks the grants (one query, then cached)."""
        from . import access

        return access.is_administrator(self)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.has_perm("", obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm("")


class Grant(models.Model):
    """A role, everywhere or within themes and/or members (or-ed inside each, and-ed between)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=15, choices=Role.choices)
    themes = models.ManyToManyField(
        Theme, blank=True, related_name="+", verbose_name=_("within themes"), help_text=_("Empty: all themes.")
    )
    members = models.ManyToManyField(
        Member, blank=True, related_name="+", verbose_name=_("within members"), help_text=_("Empty: all members.")
    )
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("granted"), auto_now_add=True)
    history = Records(m2m_fields=[themes, members])

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["user__name", "role"]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Draft(models.Model):
    """What someone is typing in a form that they have not sent; nobody else's to see, nobody else's to discard."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts", verbose_name=_("person"))
    address = models.CharField(_("form"), max_length=300, help_text=_("The path that the form is sent to."))
    page = models.CharField(_("page"), max_length=300, help_text=_("The path of the page that it was typed on."))
    sitting = models.CharField(
        _("sitting"), max_length=32, blank=True, help_text=_("Which opening of the form it was typed in.")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    fields = models.JSONField(
        _("fields"), default=dict, help_text=_("By name; of boxes, by name=value, true or false.")
    )
    updated_at = models.DateTimeField(_("last typed"), auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["user", "address", "sitting"], name="one_draft_per_sitting")]

    def __str__(self) -> str:
        return self.title or self.address


class SavedView(Timed, Versioned):
    """A list as someone wants it again: its filter, order and columns under a name; what it shows is each viewer's own."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("owner"), editable=False)
    list = models.CharField(_("list"), max_length=40, editable=False, help_text=_("As proposals or meetings."))
    name = models.CharField(_("name"), max_length=80, help_text=_("What you find it by; 1 to 80 characters."))
    query = models.CharField(
        _("filter"), max_length=2000, blank=True, editable=False, help_text=_("As it stands in the list's address.")
    )
    columns = models.CharField(
        _("columns"), max_length=600, blank=True, editable=False, help_text=_("Keys with commas, in their order.")
    )
    sort = models.CharField(
        _("order"), max_length=40, blank=True, editable=False, help_text=_("A column, with a minus from last to first.")
    )
    shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Everyone signed in finds it; each sees in it what they may see.")
    )
    default_for = models.CharField(
        _("default for"), max_length=15, blank=True, choices=Role.choices,
        help_text=_("The list opens with it for people of this role who chose nothing else."),
    )  # fmt: skip

    objects = SavedViewQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["list", Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "list", Lower("name"), name="one_view_per_name",
                violation_error_message=_("You have a view of this name on this list. Choose another name."),
            ),
            models.UniqueConstraint(
                fields=["list", "default_for"], condition=~models.Q(default_for=""), name="one_default_view_per_role"
            ),
            models.CheckConstraint(
                condition=models.Q(default_for="") | models.Q(shared=True), name="default_view_is_shared"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ListSetting(models.Model):
    """How a person keeps a list: its columns, the rows on a page, what it opens with. Theirs alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="list_settings", verbose_name=_("person"))
    list = models.CharField(_("list"), max_length=40)
    columns = models.CharField(
        _("columns"), max_length=600, blank=True, help_text=_("Keys with commas; empty: the list's usual ones.")
    )
    page_size = models.PositiveSmallIntegerField(_("rows on a page"), null=True, blank=True)
    opens_with = models.CharField(_("opens with"), max_length=10, choices=Opening.choices, default=Opening.ROLE)
    default_view = models.ForeignKey(
        SavedView, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("default view")
    )

    class Meta:
        verbose_name = _("list setting")
        verbose_name_plural = _("list settings")
        constraints = [models.UniqueConstraint(fields=["user", "list"], name="one_setting_per_list")]

    def __str__(self) -> str:
        return self.list


class KeptFile(models.Model):
    """A file that someone chose in a form that was not saved: nobody else's to see, given back with the form."""

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_files", verbose_name=_("person"))
    address = models.CharField(_("form"), max_length=300, help_text=_("The path that the form is sent to."))
    field = models.CharField(_("part of the form"), max_length=40, blank=True)
    file = models.FileField(_("file"), upload_to="kept", max_length=200)
    name = models.CharField(_("name"), max_length=200, help_text=_("As its author called it; never used on the disk."))
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    media_type = models.CharField(_("type"), max_length=100, help_text=_("By content, not by name."))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("kept"), auto_now_add=True)
    used_at = models.DateTimeField(_("saved with its form"), null=True, blank=True)

    class Meta:
        verbose_name = _("kept file")
        verbose_name_plural = _("kept files")
        ordering = ["pk"]
        indexes = [models.Index(fields=["user", "address"], name="kept_file_of_a_form")]

    def __str__(self) -> str:
        return self.name


class ApiToken(AbstractAuthToken):
    """Lets a program act in its owner's name, within its scope. Only a digest is kept: the token is shown once."""

    # An ordinary key of its own, so that addresses and forms never carry the digest.
    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="auth_token_set")
    name = models.CharField(_("name"), max_length=60, help_text=_("What uses it, as in “weekly dashboard”."))
    scope = models.CharField(_("scope"), max_length=5, choices=TokenScope.choices, default=TokenScope.READ)

    objects: ClassVar[models.Manager["ApiToken"]] = models.Manager()
    history = Records(excluded_fields=["digest", "token_key"])

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_token_per_name",
                violation_error_message=_("You have a token of this name. Revoke it first, or choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()


class BrowserSession(AbstractBaseSession):
    """A browser in which someone is signed in: Django's session row, which here says whose it is and where.

    Written by accounts.sessions.store from what the session holds; a visitor's has no user.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="browser_sessions", editable=False)
    signed_in_at = models.DateTimeField(_("signed in"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    address = models.GenericIPAddressField(_("network address"), null=True, editable=False)
    browser = models.CharField(_("browser"), max_length=200, editable=False)

    class Meta:
        verbose_name = _("browser session")
        verbose_name_plural = _("browser sessions")


# Models of a package of this app, which Django looks for here.
from .notices.models import Notice, NoticeMark, NoticeSettings  # noqa: E402

__all__ = [
    "ApiToken", "BrowserSession", "Draft", "Grant", "Notice", "NoticeMark", "NoticeSettings", "User", "UserManager",
]  # fmt: skip
