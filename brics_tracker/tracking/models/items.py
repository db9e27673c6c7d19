"""TrackedItem: the table that proposals, mechanisms and activities share."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.as_of import Standing
from brics_tracker.core.clock import past_query, today
from brics_tracker.core.history import Records
from brics_tracker.core.models import Member, Organisation, Theme, Timed, Versioned
from brics_tracker.core.partial_dates import PartialDateField

from ..choices import ItemKind, Phase, Priority, Proof, RelationKind, ReviewState
from ..hanging import Double, kept, moves
from ..querysets import TrackedItemQuerySet
from ..workflow import WORKFLOWS, Status, Workflow


def default_rhythm() -> int:
    return int(settings.DEFAULT_RHYTHM_DAYS)


class ReferenceCounter(models.Model):
    """The last number given for a prefix; locked while the next is taken, so no number is given twice."""

    prefix = models.CharField(max_length=4, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last}"


class TrackedItem(Timed, Versioned):
    """Anything whose progress is followed. Its own kind's fields live in Proposal, Mechanism or Activity."""

    item_kind = models.CharField(_("sort of item"), max_length=10, choices=ItemKind.choices, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, editable=False)
    reference_prefix = models.CharField(max_length=4, editable=False)
    reference_number = models.PositiveIntegerField(editable=False)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True, max_length=4000)
    lead_theme = models.ForeignKey(Theme, models.PROTECT, related_name="led_items", verbose_name=_("lead theme"))
    themes = models.ManyToManyField(Theme, related_name="items", verbose_name=_("themes"), blank=True)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="owned_items", verbose_name=_("owner")
    )
    owner_confirmed = models.BooleanField(_("owner confirmed"), default=False)
    owner_reason = models.CharField(_("why this owner is suggested"), max_length=300, blank=True)
    supporters = models.ManyToManyField(
        Organisation, related_name="supported_items", verbose_name=_("supporters"), blank=True
    )
    members = models.ManyToManyField(Member, related_name="items", verbose_name=_("responsible members"), blank=True)
    all_members = models.BooleanField(
        _("all members"), default=False, help_text=_("Whoever is a member on the day, by the dated spells.")
    )
    assignees = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="assigned_items", verbose_name=_("assignees"), blank=True
    )
    priority = models.CharField(_("priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices, blank=True)
    start_date = PartialDateField(_("start"), blank=True)
    target_date = PartialDateField(_("target"), blank=True)
    rhythm_days = models.PositiveSmallIntegerField(
        _("reporting rhythm"),
        default=default_rhythm,
        validators=[MinValueValidator(1), MaxValueValidator(1100)],
        help_text=_("Days after which an item without a substantive update is stagnant, 1 to 1100."),
    )

    review_state = models.CharField(
        _("review"), max_length=10, choices=ReviewState.choices, default=ReviewState.DRAFT, editable=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="authored_items",
        verbose_name=_("author"),
        editable=False,
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        verbose_name=_("merged into"),
        editable=False,
    )

    # Maintained by services in the transaction that changes what they summarise; recompute_items
    # rebuilds them and check_integrity compares (I12).
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, editable=False)
    proof = models.CharField(_("proof"), max_length=10, choices=Proof.choices, default=Proof.CLAIMED, editable=False)
    percent = models.DecimalField(
        _("progress"), max_digits=5, decimal_places=2, null=True, blank=True, editable=False,
        help_text=_("0 to 100; empty means that there is no data, never zero."),
    )  # fmt: skip
    tracked_since = models.DateField(_("tracked since"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, editable=False)
    stagnant_after = models.DateField(_("stagnant after"), null=True, blank=True, editable=False)
    slips = models.PositiveSmallIntegerField(_("slips"), default=0, editable=False)
    last_reported_on = models.DateField(_("last report"), null=True, blank=True, editable=False)

    objects = TrackedItemQuerySet.as_manager()
    history = Records(m2m_fields=[themes, supporters, members, assignees])
    when_merged = (kept("merged_into"),)  # what was merged before leads on, from one to the next

    class Meta:
        verbose_name = _("tracked item")
        verbose_name_plural = _("tracked items")
        ordering = ["reference_prefix", "reference_number"]
        constraints = [
            models.UniqueConstraint(fields=["reference_prefix", "reference_number"], name="one_item_per_number"),
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__gte=0, percent__lte=100),
                name="item_percent_0_to_100",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    *[models.Q(item_kind=kind, status__in=list(flow.statuses)) for kind, flow in WORKFLOWS.items()],
                    _connector=models.Q.OR,
                ),
                name="item_status_of_its_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(review_state="published")
                | models.Q(published_at__isnull=False, tracked_since__isnull=False),
                name="published_item_has_its_days",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(archived_at__isnull=False),
                name="merged_item_is_archived",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("pk")),
                name="no_merge_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["item_kind", "status", "next_due", "id"], name="item_status_due"),
            models.Index(fields=["item_kind", "next_due", "id"], name="item_due"),
            models.Index(fields=["item_kind", "reference_prefix", "reference_number"], name="item_reference"),
            models.Index(fields=["item_kind", "stagnant_after"], name="item_stagnant"),
            models.Index(fields=["item_kind", "-updated_at", "id"], name="item_changed"),
            models.Index(fields=["review_state", "submitted_at"], name="item_review"),
            models.Index(fields=["updated_at", "id"], name="item_in_order_of_change"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        """The page of the item's own kind; named, so that this floor needs no import from above."""
        return reverse(f"{ROOMS[self.item_kind]}:detail", args=[self.reference]) + past_query()

    @property
    def workflow(self) -> Workflow:
        return WORKFLOWS[self.item_kind]

    @property
    def is_published(self) -> bool:
        return self.review_state == ReviewState.PUBLISHED

    @property
    def is_closed(self) -> bool:
        return self.status in self.workflow.closed

    @property
    def is_overdue(self) -> bool:
        return self.next_due is not None and self.next_due < today()

    @property
    def is_stagnant(self) -> bool:
        return self.stagnant_after is not None and self.stagnant_after < today()

    @property
    def risk_reasons(self) -> list[str]:
        """Why the item is at risk, in words; empty when it is not."""
        reasons = []
        if self.is_stagnant:
            reasons.append(str(_("no substantive update for longer than its rhythm")))
        if self.slips >= settings.AT_RISK_SLIPS and not self.is_closed:
            reasons.append(str(_("its milestones slipped %(n)d times") % {"n": self.slips}))
        return reasons


ROOMS: dict[str, str] = {
    ItemKind.PROPOSAL: "proposals",
    ItemKind.MECHANISM: "mechanisms",
    ItemKind.ACTIVITY: "activities",
}


class Relation(models.Model):
    """A typed tie, read from the first item to the second."""

    source = models.ForeignKey(TrackedItem, models.CASCADE, related_name="relations_out", verbose_name=_("item"))
    target = models.ForeignKey(TrackedItem, models.CASCADE, related_name="relations_in", verbose_name=_("other item"))
    kind = models.CharField(_("kind"), max_length=15, choices=RelationKind.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    history = Records()
    when_merged = (
        moves("source", once_with=("target", "kind"), double=Double.GOES, other_end="target"),
        moves("target", once_with=("source", "kind"), double=Double.GOES, other_end="source"),
    )

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="one_relation_of_a_kind"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="no_relation_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class StatusChange(models.Model):
    """What was shown from when until when; the open one (until empty) is the current state."""

    as_of = Standing('"since" < {moment}', {"until": 'CASE WHEN "until" < {moment} THEN "until" END'})
    when_merged = (kept("item"),)

    item = models.ForeignKey(TrackedItem, models.CASCADE, related_name="status_changes", verbose_name=_("item"))
    status = models.CharField(_("status"), max_length=15, choices=Status.choices)
    proof = models.CharField(_("proof"), max_length=10, choices=Proof.choices)
    percent = models.DecimalField(_("progress"), max_digits=5, decimal_places=2, null=True, blank=True)
    since = models.DateTimeField(_("shown since"))
    until = models.DateTimeField(_("shown until"), null=True, blank=True)
    happened = PartialDateField(_("happened"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    update = models.ForeignKey(
        "tracking.Update",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="status_changes",
        verbose_name=_("update"),
    )

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(until__isnull=True), name="one_open_state_per_item"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="state_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "since"], name="change_item_since"),
            models.Index(fields=["since", "until"], name="change_range"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.status} {self.since:%Y-%m-%d}"
