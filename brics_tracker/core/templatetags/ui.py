"""What pages are drawn with: {% load ui %}. The functions ending in _html give the same strings to Python."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from html import unescape
from typing import Any

from django import template
from django.apps import apps
from django.conf import settings
from django.forms import BaseForm, BaseFormSet, BoundField
from django.shortcuts import resolve_url
from django.template import Context
from django.utils import formats, timezone
from django.utils.html import escape, format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from brics_tracker.core import charts, clock, marks, partial_dates
from brics_tracker.core.text import name_directions

register = template.Library()


# --- status, proof, progress ----------------------------------------------------------------------------
def _word(field: str, value: str) -> str:
    """The word of a status or a level of proof. The lists stand a floor above, so they are asked for by name."""
    choices: Any = apps.get_model("tracking.TrackedItem")._meta.get_field(field).flatchoices  # type: ignore[union-attr]
    return str(dict(choices).get(value, value))


@lru_cache(maxsize=512)
def _status(value: str, language: str | None) -> SafeString:
    word = _word("status", value)
    return format_html('<span class="st st-{}">{}<span>{}</span></span>', value, marks.disc(value), word)


def status_html(value: str) -> SafeString:
    """Disc, word and colour of a status; "" draws a dash."""
    return _status(value, get_language()) if value else dash_html(_("no status"))


@lru_cache(maxsize=512)
def _disc(value: str, language: str | None) -> SafeString:
    word = _word("status", value)
    return format_html('<span class="st st-{}" title="{}">{}</span>', value, word, marks.disc(value))


def disc_html(value: str) -> SafeString:
    """The disc alone, for a line of time whose text says the word; anything else than a status is a dot."""
    return _disc(value, get_language())


@lru_cache(maxsize=64)
def _proof(value: str, language: str | None) -> SafeString:
    word = _word("proof", value)
    return format_html('<span class="pf pf-{}">{}<span>{}</span></span>', value, marks.square(value), word)


def proof_html(value: str) -> SafeString:
    """Square and word of a level of proof."""
    return _proof(value, get_language()) if value else dash_html(_("no proof"))


@lru_cache(maxsize=512)
def _bar(percent: int, language: str | None) -> SafeString:
    text = percent_text(percent)
    return format_html(
        '<span class="bar"><svg width="64" height="8" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-well" width="100" height="8"/><rect class="bar-fill" width="{}" height="8"/></svg>'
        "<span>{}</span></span>",
        percent,
        text,
    )


def bar_html(percent: Any) -> SafeString:
    """Progress as a bar with its number; a dash where there is no data, which is never 0."""
    if percent is None:
        return dash_html(_("no data"))
    return _bar(whole_percent(percent), get_language())


def whole_percent(percent: Any) -> int:
    """To the nearest whole; only what is complete says 100, only what has not begun says 0."""
    exact = float(percent)
    if 0 < exact < 100:
        return min(99, max(1, round(exact)))
    return round(exact)


def percent_text(percent: Any) -> str:
    """ "20%", or a dash for no data."""
    if percent is None:
        return "—"
    return _("%(n)s%%") % {"n": whole_percent(percent)}


def dash_html(why: str = "") -> SafeString:
    """Unknown, with the reason for those who ask."""
    return format_html(
        '<span class="mute" title="{0}"><span aria-hidden="true">—</span><span class="visually-hidden">{0}</span></span>',
        why or _("not known"),
    )


# --- time ----------------------------------------------------------------------------------------------
def distance_text(days: int) -> str:
    """How far a day lies from today: "in 12 days", "today", "12 days ago"."""
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


@lru_cache(maxsize=4096)
def _date(value: str, today: dt.date, language: str | None) -> SafeString:
    shown = partial_dates.show(value)
    if len(value) < 10:
        return format_html('<time datetime="{}">{}</time>', value, shown)
    distance = distance_text((partial_dates.first_day(value) - today).days)
    return format_html('<time datetime="{}" title="{}">{}</time>', value, distance, shown)


def date_html(value: str | dt.date | dt.datetime | None) -> SafeString:
    """A day, month or year as people read it, with its distance from today; a dash for none."""
    if not value:
        return dash_html(_("no date"))
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    text = value.isoformat() if isinstance(value, dt.date) else value
    return _date(text, clock.today(), get_language())


@lru_cache(maxsize=4096)
def _due(value: dt.date, today: dt.date, language: str | None) -> SafeString:
    late = (today - value).days
    note = SafeString("")
    if late > 0:
        text = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
        note = format_html(' <span class="late">{}</span>', text)
    elif -late <= settings.DUE_SOON_DAYS:
        note = format_html(' <span class="soon">{}</span>', distance_text(-late))
    return format_html('<span class="due">{}{}</span>', date_html(value), note)


def due_html(next_due: dt.date | None) -> SafeString:
    """When something is due, and by how much it is late or how soon it comes."""
    if next_due is None:
        return dash_html(_("nothing is dated"))
    return _due(next_due, clock.today(), get_language())


def moment_html(value: dt.datetime | None) -> SafeString:
    """A moment in the site's time zone: "14 Apr 2026, 09:30"."""
    if value is None:
        return dash_html(_("no date"))
    local = timezone.localtime(value)
    day = formats.date_format(local, "j M Y")
    time = formats.time_format(local, "H:i")
    return format_html('<time datetime="{}">{}, {}</time>', local.isoformat(timespec="seconds"), day, time)


# --- text ----------------------------------------------------------------------------------------------
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


def visible_html(text: Any) -> SafeString:
    """Text of people in a direction of its own; marks that could turn other text round are shown as letters."""
    safe = mark_safe(name_directions(escape(text)))  # noqa: S308 - escaped; the pieces put in are ours
    return format_html("<bdi>{}</bdi>", safe)


def excerpt_html(html: str) -> SafeString:
    """The first words of a text that was rendered and made safe, without its marks."""
    return visible_html(Truncator(unescape(strip_tags(html)).strip()).chars(140))


def source_html(text: str) -> SafeString:
    """A source: addresses in it become links, the rest is text."""
    parts: list[SafeString] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(".,;:!?)")
        parts += [escape(text[end : found.start()]), _link(address)]
        end = found.start() + len(address)
    pieces = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<bdi class="source">{}{}</bdi>', pieces, text[end:])


def _link(address: str) -> SafeString:
    short = address.split("://", 1)[1].removeprefix("www.").rstrip("/")
    shown = short if len(short) <= 60 else short[:59] + "…"
    return format_html('<a href="{}" rel="noreferrer noopener">{}</a>', address, shown)


# --- tags ----------------------------------------------------------------------------------------------
for _name, _function in (
    ("status", status_html), ("disc", disc_html), ("proof", proof_html), ("bar", bar_html), ("dash", dash_html),
    ("partial_date", date_html), ("moment", moment_html), ("source", source_html),
):  # fmt: skip
    register.simple_tag(_function, name=_name)
register.filter("visible", visible_html)
register.filter("excerpt", excerpt_html)
register.filter("percent", percent_text)


@register.simple_tag
def due(item: Any) -> SafeString:
    """When an item (or a bare day) is due."""
    return due_html(getattr(item, "next_due", item) if not isinstance(item, dict) else item["next_due"])


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """A form's field with label, help and error, as {{ form }} draws it."""
    return bound.as_field_group()


@register.inclusion_tag("components/_error_summary.html")
def error_summary(form: BaseForm, rows: BaseFormSet[Any] | None = None) -> dict[str, Any]:
    """What a form and the rows sent with it say is wrong, each error a link to its field; {{ form }} has it at its head."""
    parts = [form, *(rows.forms if rows is not None else [])]
    whole = [message for part in parts for message in part.non_field_errors()]
    whole += [message for part in parts for bound in part.hidden_fields() for message in bound.errors]
    fields: list[Any] = [bound for part in parts for bound in part.visible_fields() if bound.errors]
    if rows is not None and rows.is_bound and not rows.forms:
        whole += rows.non_form_errors()  # the rows did not come with the form at all
    elif rows is not None and rows.is_bound and rows.non_form_errors():
        first = rows.forms[0].visible_fields()[0]
        # As the template asks a bound field.
        fields.append(
            {"label": first.label, "id_for_label": first.id_for_label, "auto_id": "", "errors": rows.non_form_errors()}
        )
    return {"whole": list(dict.fromkeys(whole)), "fields": fields}


@register.inclusion_tag("components/_pagination.html", takes_context=True)
def pagination(context: Context, page_obj: Any) -> dict[str, Any]:
    """Pages before and after, keeping filters and order. The fragment's root says where a swap goes."""
    return {"page": page_obj, "request": context["request"]}


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, label: str, extra: str = "") -> SafeString:
    """A heading that sorts its column where the list can; `extra` is its class, as "num"."""
    if key not in (context.get("sortable") or {}):
        return format_html('<th scope="col" class="{}">{}</th>', extra, label)
    sort = context.get("sort", "")
    up, down = sort == key, sort == f"-{key}"
    query = context["request"].GET.copy()
    query.pop("page", None)
    query.pop("export", None)
    query["sort"] = f"-{key}" if up else key
    state = SafeString(' aria-sort="ascending"' if up else ' aria-sort="descending"' if down else "")
    arrow = format_html('<span class="arrow" aria-hidden="true">{}</span>', "↑" if up else "↓" if down else "")
    return format_html(
        '<th scope="col" class="{0}"{1}><a id="sort-{5}" href="?{2}" hx-get="?{2}" hx-sync="closest main:replace">{3}{4}</a></th>',
        extra, state, query.urlencode(), label, arrow, key,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def keep_as(context: Context, address: str) -> SafeString:
    """Attributes that let keep.js keep what is typed in a form: under its address, for the person signed in."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return SafeString("")
    return format_html(
        'data-keep="{}" data-person="{}" data-sign-in="{}" data-sign-in-word="{}" data-sign-in-at="{}" data-again="{}"',
        address, user.pk,
        _("Your sign-in has ended. What you typed is kept: sign in in another tab, then send this again."),
        _("Sign in"), resolve_url(settings.LOGIN_URL),
        _("You signed in anew since this page was opened. It is up to date now: send it again."),
    )  # fmt: skip


@register.simple_tag
def legend(statuses: Any) -> SafeString:
    """The discs of these statuses with their words, under a chart."""
    items = format_html_join("", "<li>{}</li>", ((status_html(str(status)),) for status in statuses))
    return format_html('<ul class="legend">{}</ul>', items)


@register.simple_tag
def status_bar(statuses: Any) -> SafeString:
    """A stacked bar of (status, word, number)."""
    return charts.stacked_bar(charts.status_parts(statuses))


@register.simple_tag
def sparkline(numbers: Any, label: str) -> SafeString:
    """Small columns, oldest first."""
    return charts.sparkline(numbers, label)
