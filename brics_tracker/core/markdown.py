"""Markdown as people write it, to HTML that is safe to show."""

import nh3
from markdown_it import MarkdownIt

from .text import name_directions

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False})
_TAGS = {"p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "hr",
         "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip


def render_markdown(text: str) -> str:
    """HTML of a small set of elements; raw HTML in the text is shown as text, links open without referrer."""
    html: str = _MARKDOWN.render(text)
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href", "title"}}, url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )  # fmt: skip
    return name_directions(clean)
