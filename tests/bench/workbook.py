"""The product's workbook of 100,000 rows beside a sheet written by hand into a zip; started by the bench.

Reads words from standard input: "ours" and "raw" write one file each and answer "done"; "memory" answers by how many
MiB this process (which reads the rows, as a worker does) and its children have grown beyond what an empty list takes.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROWS = int(os.environ.get("BENCH_XLSX_ROWS", "100000"))
KEYS = "abcdefg"
DAY = dt.date(2030, 1, 2)


def rows(number: int) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "a": f"EN-{n}", "b": f"Interconnection of power grids & markets, stage {n}", "c": "In implementation",
            "d": "documented", "e": n % 100 + 0.5, "f": DAY, "g": f"http://localhost/proposals/EN-{n}/",
        }  # fmt: skip


def write_ours(path: Path, number: int) -> None:
    from brics_tracker.core.children import never
    from brics_tracker.core.export import Column, table
    from brics_tracker.core.writers import XlsxWriter

    columns = [Column(key, key, key, is_address=key == "g") for key in KEYS]
    XlsxWriter().make(table(rows(number), columns), path, never)


def write_raw(path: Path, number: int) -> None:
    """One sheet of inline text and numbers, and nothing else: no workbook, no types, no links."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book,
        book.open("sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        sheet.write(b"<worksheet><sheetData>")
        lines = []
        for row in rows(number):
            lines.append(f"<row>{''.join(map(_cell, row.values()))}</row>")
            if len(lines) == 1000:
                sheet.write("".join(lines).encode())
                lines.clear()
        sheet.write(f"{''.join(lines)}</sheetData></worksheet>".encode())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def peaks() -> list[float]:
    """Most memory so far in MiB: of this process, of a child."""
    return [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def main() -> None:
    import django

    django.setup()
    with tempfile.TemporaryDirectory(prefix="brics-tracker-bench-") as folder:
        path = Path(folder, "made.xlsx")
        write_ours(path, 10)
        before = peaks()
        for word in sys.stdin:
            answer = "done"
            if word.strip() == "memory":
                answer = " ".join(f"{now - then:.0f}" for now, then in zip(peaks(), before, strict=True))
            else:
                (write_ours if word.strip() == "ours" else write_raw)(path, ROWS)
            print(answer, flush=True)


if __name__ == "__main__":
    main()
