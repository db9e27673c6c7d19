"""Draws a PDF with typst. Runs in a child process without Django: imports nothing of the project.

The text reaches typst as JSON, never as markup. Where no font has a character, typst refuses (PDF/UA);
then its place is marked and the reader is told, rather than shown an empty box.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import typst

MARK = "[…]"
ROUNDS = 4
_UNDRAWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)


def draw(payload: dict[str, Any]) -> bytes:
    """The PDF of payload["data"], led by one line of JSON that names the scripts no font was found for."""
    data, missing = payload["data"], set[str]()
    fonts = typst.Fonts(include_system_fonts=False, font_paths=payload["font_paths"])
    data["fonts"] = _families(fonts)
    for _round in range(ROUNDS):
        try:
            drawn = _compile(payload, data, fonts)
        except typst.TypstError as problem:
            undrawn = {character for text in _UNDRAWN.findall(problem.diagnostic) for character in text}
            if not undrawn - missing:
                raise
            missing |= undrawn
            data = _marked(data, missing)
            data["missing"] = payload["missing"] % {"scripts": ", ".join(_scripts(missing)), "mark": MARK}
        else:
            return json.dumps({"missing": _scripts(missing)}).encode() + b"\n" + drawn
    raise RuntimeError("some characters cannot be drawn")


def _compile(payload: dict[str, Any], data: dict[str, Any], fonts: typst.Fonts) -> bytes:
    return typst.compile(
        Path(payload["template"]).read_bytes(),
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards="ua-1",
        timestamp=payload["timestamp"],
    )


def _families(fonts: typst.Fonts) -> list[str]:
    """The text faces first; then whatever else was given, for the scripts that those lack."""
    given = {font.family for font in fonts.fonts() if font.path}
    return sorted(given, key=lambda family: (family != "Noto Sans", family))


def _marked(value: Any, missing: set[str]) -> Any:
    """The same data with every run of characters that cannot be drawn replaced by the mark."""
    if isinstance(value, dict):
        return {key: _marked(each, missing) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, missing) for each in value]
    if isinstance(value, str) and not missing.isdisjoint(value):
        return re.sub(f"[{re.escape(''.join(sorted(missing)))}]+", MARK, value)
    return value


def _scripts(characters: set[str]) -> list[str]:
    """The first word of the characters' names, which for letters is their script: CJK, Ethiopic, Thai."""
    words = {unicodedata.name(character, "unnamed").split()[0].split("-")[0] for character in characters}
    return sorted(word if word == "CJK" else word.capitalize() for word in words)
