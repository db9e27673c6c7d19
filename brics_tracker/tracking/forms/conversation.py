"""Forms of the conversation: a comment, whom to ask for a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import FormKeyMixin, TrackerForm

from .versions import VersionedForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brics_tracker.accounts.models import User
    from brics_tracker.tracking.models import Comment


class CommentForm(VersionedForm):
    """Something to say."""

    text = forms.CharField(
        label=_("Comment"), max_length=5000, widget=forms.Textarea({"rows": 3, "dir": "auto", "data-mention": ""}),
        help_text=_("Markdown. @ and a name tells that person, if they may see this."),
    )  # fmt: skip

    def values_of(self, row: Comment) -> dict[str, Any]:
        return {"text": row.text, "version": row.version}


class AskForm(FormKeyMixin, TrackerForm):
    """Whom to ask."""

    reviewer = forms.ChoiceField(label=_("Reviewer"))

    def __init__(self, *args: Any, reviewers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in reviewers}
        self.fields["reviewer"].choices = [  # type: ignore[attr-defined]
            (key, str(person)) for key, person in self.people.items()
        ]

    def clean_reviewer(self) -> User:
        return self.people[self.cleaned_data["reviewer"]]
