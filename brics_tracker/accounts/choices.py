"""The four roles, what a token may do, why people are told something and how often by mail, with what a list opens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    READER = "reader", _("reader")
    ANALYST = "analyst", _("analyst")
    REVIEWER = "reviewer", _("reviewer")
    ADMINISTRATOR = "administrator", _("administrator")


class TokenScope(models.TextChoices):
    READ = "read", _("read")
    WRITE = "write", _("read and write")


class Reason(models.TextChoices):
    """What a notice is about. The order is that of the page on which each is switched off."""

    MENTION = "mention", _("you were mentioned")
    RETURNED = "returned", _("handed back to you")
    REVIEW_ASKED = "review_asked", _("your review is asked for")
    PUBLISHED = "published", _("what you wrote was published")
    STATUS = "status", _("a new status")
    PROGRESS = "progress", _("progress")
    RETRACTED = "retracted", _("an update was retracted")
    COMMENT = "comment", _("a comment")
    SLIP = "slip", _("a due date moved back")
    ADDED = "added", _("a new item")
    ARCHIVED = "archived", _("an item was archived")
    MERGED = "merged", _("something was merged")
    DUE = "due", _("a due date is near")
    OVERDUE = "overdue", _("a due date has passed")
    REPORT = "report", _("a report is expected")
    MISSING = "missing", _("a report is missing")
    SECOND_LINE = "second_line", _("something stays overdue")


class Why(models.TextChoices):
    """What ties a person to what they are told of; each sentence ends the words "You are told because"."""

    MENTIONED = "mentioned", _("you are named in it")
    ASKED = "asked", _("you were asked by name")
    AUTHOR = "author", _("you wrote it")
    TALKED = "talked", _("you took part in the conversation")
    ASSIGNED = "assigned", _("you are assigned to it")
    ITEM = "item", _("you watch it, or wrote about it")
    MECHANISM = "mechanism", _("you watch the mechanism that carries it")
    THEME = "theme", _("you watch its theme")
    REVIEWER = "reviewer", _("you review its theme")


class MailRhythm(models.TextChoices):
    """How often notices come by mail, all that is new in one."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    NEVER = "never", _("never")


class Opening(models.TextChoices):
    """What a list opens with where its address asks for nothing."""

    ROLE = "role", _("what is usual for your role")
    VIEW = "view", _("a view of your choice")
    EVERYTHING = "everything", _("everything")
