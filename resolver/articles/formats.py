"""One opened file -> articles and faults, a reader for each format."""

from __future__ import annotations

import csv
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

from resolver.articles.boilerplate import boilerplate
from resolver.articles.decode import decode, numbered_lines
from resolver.articles.row import TEXT_KEYS, article_from_row, iso_date
from resolver.errors import InputError
from resolver.model import Article, Fault

__all__ = ["READERS", "Source", "read_unknown"]

_MAX_HEADLINE = 150
"""Characters; the longest headlines of news sites stay below."""

_PARQUET_ROWS = 256
"""Rows that are held in memory at a time."""

_MARKS = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first character that tells JSON from plain text."""


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: `path` is shown to the user, `name` makes the ids of articles that bring none."""

    path: str
    name: str
    stream: BinaryIO

    def at(self, line: int) -> str:
        """Return the place of a line, as it is shown and kept."""
        return f"{self.path}:{line}"

    def fault(self, error: Exception | str, line: int | None = None) -> Fault:
        """Return what is wrong with this file, or with a line of it."""
        return Fault(str(error), self.path, line)


Read = Iterator[Article | Fault]


def read_text(source: Source) -> Read:
    """Yield the one article of a plain text; a first line that looks like one becomes its title too."""
    yield _text_article(source, _text(source))


def read_markdown(source: Source) -> Read:
    """Yield the one article of a Markdown file; `key: value` lines between `---` at its top are metadata."""
    text = _text(source)
    front = re.match(r"---[ \t]*\n(.*?)\n---[ \t]*\n+", text, re.DOTALL)
    if front is None:
        yield _text_article(source, text)
        return
    pairs = (line.partition(":") for line in front[1].splitlines() if re.match(r"\w+:", line))
    row: dict[str, Any] = {
        key.lower(): value.strip().strip("\"'") for key, _, value in pairs if value.strip()
    }
    row = {key: value for key, value in row.items() if key not in (*TEXT_KEYS, "mentions")}
    body = text[front.end() :]
    yield article_from_row(
        {"title": _title(body), **row, "text": body}, doc_id=source.name, source=source.path
    )


def read_html(source: Source) -> Read:
    """Yield the article in a web page, with what its head says of it."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - costs 0.2 s, and few inputs are web pages

    # What it complains of becomes a fault; its own log lines would only repeat that without the file's name.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    data = source.stream.read()
    declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", data[:4096])
    spoken = re.search(rb"<html[^>]{0,200}\blang\s*=\s*[\"']?([A-Za-z-]+)", data[:4096])
    page = _declared(data, declared[1].decode("ascii")) if declared else decode(data)
    try:
        found = bare_extraction(page, with_metadata=True, include_comments=False)
    except (ValueError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise InputError("a web page that cannot be parsed; save its text as .txt") from error
    if found is None or isinstance(found, dict) or not found.text or not found.text.strip():
        raise InputError("no article text in this web page, expected paragraphs; save its text as .txt")
    yield Article(
        doc_id=source.name,
        text=found.text,
        title=found.title,
        date=iso_date(found.date) if found.date else None,
        outlet=found.sitename or found.hostname,
        author=found.author,
        url=found.url,
        lang=found.language or (spoken[1].decode("ascii") if spoken else None),
        source=source.path,
        boilerplate=boilerplate(found.text),
    )


def read_jsonl(source: Source) -> Read:
    """Yield an article for each line that holds a JSON object."""
    empty = True
    for item in _json_lines(source, source.stream):
        empty = False
        yield item
    if empty:
        raise InputError("empty file, expected one JSON object a line; remove it")


def read_json(source: Source) -> Read:
    """Yield the articles of one JSON array or object, or of lines of JSON objects."""
    text = _text(source)
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            lines = enumerate(text.splitlines(), start=1)
            yield from (_json_line(source, line, number) for number, line in lines if line.strip())
            return
        raise InputError(f"broken JSON in line {error.lineno}: {error.msg}; correct it") from error
    except (ValueError, RecursionError) as error:
        raise InputError("JSON that cannot be read: too deep, or a number too long; correct it") from error
    rows = loaded if isinstance(loaded, list) else [loaded]
    for number, row in enumerate(rows, start=1):
        name = source.name if isinstance(loaded, dict) else f"{source.name}:{number}"
        try:
            yield _row_article(row, name, f"{source.path}, item {number}")
        except InputError as error:
            yield source.fault(f"item {number}: {error}")


def read_csv(source: Source) -> Read:
    """Yield an article for each row of a table of comma, semicolon, tab or bar separated values."""
    csv.field_size_limit(sys.maxsize)  # the default refuses articles over 128 KiB
    lines = _plain_lines(source)
    header_line = next(lines, "")
    delimiter = max(",;\t|", key=header_line.count)
    rows = csv.reader(chain([header_line], lines), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise InputError(f"broken CSV in the header line: {error}; correct it") from error
    columns = {
        name.lower() if name.lower() in (*TEXT_KEYS, "doc_id") else name: i for i, name in enumerate(header)
    }
    _require_text_column(columns, header)
    number = 1
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
            if not any(row):
                continue
            if len(row) > len(header):
                yield source.fault(f"{len(row)} values under {len(header)} columns; quote separators", number)
                continue
            values = {name: row[i] for name, i in columns.items() if name and i < len(row) and row[i] != ""}
            yield article_from_row(values, doc_id=f"{source.name}:{number}", source=source.at(number))
        except StopIteration:
            return
        except csv.Error as error:
            yield source.fault(f"broken CSV: {error}; correct the quotes", number)
        except InputError as error:
            yield source.fault(error, number)


def read_parquet(source: Source) -> Read:
    """Yield an article for each row of a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 - costs 0.3 s, and few inputs are Parquet
    from pyarrow import parquet  # noqa: PLC0415

    number = 0
    try:
        table = parquet.ParquetFile(source.stream)
        names = table.schema_arrow.names
        _require_text_column(dict.fromkeys(names, 0), names)
        for batch in table.iter_batches(batch_size=_PARQUET_ROWS):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield article_from_row(row, doc_id=f"{source.name}:{number}", source=source.at(number))
                except InputError as error:
                    yield source.fault(error, number)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(f"broken Parquet file after row {number} ({reason}); write it again") from error


def read_unknown(source: Source) -> Read:
    """Yield the articles of a pipe: lines of JSON if its first character is `{`, else one plain text."""
    seen: list[bytes] = []
    for line in source.stream:
        seen.append(line)
        if line.strip(_MARKS):
            break
    if seen and seen[-1].lstrip(_MARKS).startswith(b"{"):
        yield from _json_lines(source, chain(seen, source.stream))
        return
    yield _text_article(source, _newlines(decode(b"".join(seen) + source.stream.read())))


READERS: Mapping[str, Callable[[Source], Read]] = {
    ".txt": read_text, ".text": read_text, ".md": read_markdown, ".markdown": read_markdown,
    ".html": read_html, ".htm": read_html, ".xhtml": read_html,
    ".jsonl": read_jsonl, ".ndjson": read_jsonl, ".json": read_json,
    ".csv": read_csv, ".tsv": read_csv, ".parquet": read_parquet,
}  # fmt: skip
"""The reader of each suffix; all but Parquet may also be packed (`.gz` behind the suffix)."""


def _text(source: Source) -> str:
    return _newlines(decode(source.stream.read()))


def _newlines(text: str) -> str:
    """Return a text with line feeds alone, as `open` gives it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text_article(source: Source, text: str) -> Article:
    if not text.strip():
        raise InputError("empty file, expected the text of an article; remove it")
    cruft = boilerplate(text)
    return Article(doc_id=source.name, text=text, title=_title(text), source=source.path, boilerplate=cruft)


def _title(text: str) -> str | None:
    """Return the first line that is no cruft if it looks like a headline and more follows."""
    for match in re.finditer(r"\S[^\n]*", text[: 20 * _MAX_HEADLINE]):
        line = match[0].rstrip()
        if boilerplate(line) == ((0, len(line)),):
            continue
        headline = line.lstrip("# ")
        fits = 0 < len(headline) <= _MAX_HEADLINE and not headline.endswith((".", ",", ";", ":", ".”", '."'))
        return headline if fits and text[match.end() :].strip() else None
    return None


def _declared(data: bytes, charset: str) -> str:
    """Return a page in the encoding that it declares, if that holds."""
    try:
        return data.decode("utf-8") if charset.lower() == "utf8" else data.decode(charset)
    except (LookupError, UnicodeError):
        return decode(data)


def _json_lines(source: Source, lines: Iterable[bytes]) -> Read:
    for number, line in numbered_lines(lines):
        if isinstance(line, InputError):
            yield source.fault(line, number)
        elif line.strip():
            yield _json_line(source, line, number)


def _json_line(source: Source, line: str, number: int) -> Article | Fault:
    try:
        row = json.loads(line.strip())
    except json.JSONDecodeError as error:
        return source.fault(
            f"broken JSON at character {error.colno} ({error.msg}), expected an object; correct the line",
            number,
        )
    except (ValueError, RecursionError):
        return source.fault(
            "JSON that cannot be read: too deep, or a number too long; correct the line", number
        )
    try:
        return _row_article(row, f"{source.name}:{number}", source.at(number))
    except InputError as error:
        return source.fault(error, number)


def _row_article(row: object, name: str, place: str) -> Article:
    if not isinstance(row, dict):
        raise InputError(
            f"expected a JSON object with doc_id and text, found {type(row).__name__}; correct it"
        )
    return article_from_row(row, doc_id=name, source=place)


def _plain_lines(source: Source) -> Iterator[str]:
    """Yield the lines of a table; one that cannot be read makes the whole table unreadable."""
    for number, line in numbered_lines(source.stream):
        if isinstance(line, InputError):
            raise InputError(f"line {number}: {line}")
        yield line


def _require_text_column(columns: Mapping[str, int], header: list[str]) -> None:
    if not any(header):
        raise InputError("empty file, expected a header line with a column text; remove it")
    if not any(key in columns for key in TEXT_KEYS):
        there = ", ".join(repr(name) for name in header[:20])
        raise InputError(
            f"no column {', '.join(TEXT_KEYS)}; the columns are {there}; rename the one with the text"
        )
