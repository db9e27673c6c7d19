import uuid
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from brics_tracker.core.forms import FormKeyMixin, TrackerForm, VersionMixin


class NoteForm(TrackerForm, FormKeyMixin, VersionMixin):
    title = forms.CharField(label="Title", max_length=10, help_text="Short.")
    text = forms.CharField(label="Text", required=False, max_length=5, widget=forms.Textarea)
    themes = forms.MultipleChoiceField(
        label="Themes", required=False, choices=[("a", "Alpha"), ("b", "Beta")], widget=forms.CheckboxSelectMultiple
    )
    public = forms.BooleanField(label="Public", required=False)


def bound(**data: Any) -> NoteForm:
    return NoteForm({"form_key": str(uuid.uuid4()), "version": "1", "title": "Fine", **data})


def test_a_control_character_is_an_error_at_its_field_and_the_rest_is_kept() -> None:
    form = bound(title="a\x00b", text="kept")
    assert not form.is_valid()
    assert list(form.errors) == ["title"]
    assert 'aria-describedby="id_title_helptext id_title_error"' in str(form)
    assert ">\nkept</textarea>" in str(form)


def test_text_is_kept_composed_and_a_line_end_counts_once() -> None:
    form = bound(title="Caf\u0065\u0301", text="a\r\nb\r\nc")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "Caf\u00e9"
    assert form.cleaned_data["text"] == "a\nb\nc"


def test_each_form_drawn_has_a_key_of_its_own() -> None:
    keys = {NoteForm()["form_key"].value() for _ in range(3)}
    assert len(keys) == 3


@pytest.mark.parametrize("data", [{"form_key": ""}, {"form_key": "none"}, {"version": ""}, {"version": "-1"}])
def test_a_form_without_its_key_or_version_is_refused_in_words(data: dict[str, str]) -> None:
    form = bound(**data)
    assert not form.is_valid()
    assert 'class="error-summary"' in str(form)


def test_the_summary_links_each_error_to_its_field() -> None:
    drawn = str(bound(title="", themes=["zzz"]))
    assert '<a href="#id_title">Title</a>' in drawn
    assert '<a href="#id_themes">Themes</a>' in drawn
    assert 'id="id_themes"' in drawn


def test_without_errors_there_is_no_summary() -> None:
    assert "error-summary" not in str(NoteForm())


def test_a_single_box_stands_before_its_label_and_many_have_a_legend() -> None:
    drawn = str(NoteForm())
    assert drawn.index('name="public"') < drawn.index('for="id_public"')
    assert "<legend>" in drawn


def test_what_a_service_refuses_is_shown_at_the_field_or_at_the_head() -> None:
    form = bound()
    assert form.is_valid()
    form.add_refusal(ValidationError({"title": "Taken.", "elsewhere": "Not here."}))
    form.add_refusal(ValidationError("As a whole."))
    assert form.errors["title"] == ["Taken."]
    assert form.non_field_errors() == ["Not here.", "As a whole."]
