"""What people say to each other about items and updates, whom they ask for a review, what they watch."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import AS_TODAY, Standing
from brics_tracker.core.history import Records
from brics_tracker.core.models import Theme, Timed, Versioned

from ..hanging import Double, moves
from ..querysets import CommentQuerySet
from .items import TrackedItem
from .updates import Update


class Comment(Timed, Versioned):
    """Something said about an item, or about one of its updates. Removed, it leaves its place; the record keeps it."""

    item = models.ForeignKey(TrackedItem, models.PROTECT, related_name="comments", verbose_name=_("item"))
    # Whose update was a draft that its author threw away: nobody else saw what was said of it.
    update = models.ForeignKey(
        Update, models.CASCADE, null=True, blank=True, related_name="comments", verbose_name=_("update")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments", verbose_name=_("author"), editable=False
    )
    text = models.TextField(_("comment"), max_length=5000, blank=True, help_text=_("Markdown."))
    text_html = models.TextField(editable=False, blank=True, help_text=_("The text, rendered and made safe."))
    mentioned = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("mentioned"), blank=True, editable=False,
        help_text=_("People whom it names and who may see it."),
    )  # fmt: skip
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()
    history = Records()
    when_merged = (moves("item", counted=False),)  # nobody edited what was said

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["item", "created_at"], name="comment_item_created"),
            models.Index(fields=["created_at"], name="comment_created"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.created_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"{self.item.get_absolute_url()}#comment-{self.pk}"

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None

    @property
    def is_edited(self) -> bool:
        return self.version > 1 and not self.is_removed


class ReviewRequest(models.Model):
    """Someone asked this reviewer by name to look at an update."""

    as_of = Standing('"at" < {moment}')

    update = models.ForeignKey(Update, models.CASCADE, related_name="review_requests", verbose_name=_("update"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="review_requests", verbose_name=_("reviewer")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("request for a review")
        verbose_name_plural = _("requests for a review")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["update", "reviewer"], name="one_request_per_reviewer")]

    def __str__(self) -> str:
        return f"{self.update_id} {self.reviewer_id}"


class Watch(models.Model):
    """A person follows an item or a theme; or (`on` false) has stopped following what they would by default."""

    as_of = AS_TODAY
    when_merged = (moves("item", once_with=("person",), double=Double.GOES),)

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches", verbose_name=_("person")
    )
    item = models.ForeignKey(
        TrackedItem, models.CASCADE, null=True, blank=True, related_name="watches", verbose_name=_("item")
    )
    theme = models.ForeignKey(
        Theme, models.CASCADE, null=True, blank=True, related_name="watches", verbose_name=_("theme")
    )
    on = models.BooleanField(_("watches"), default=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "item"], name="one_watch_per_item"),
            models.UniqueConstraint(fields=["person", "theme"], name="one_watch_per_theme"),
            models.CheckConstraint(
                condition=models.Q(item__isnull=False, theme__isnull=True)
                | models.Q(item__isnull=True, theme__isnull=False),
                name="a_watch_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.item_id or self.theme_id}"
