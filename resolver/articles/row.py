"""One JSON object, CSV row or Parquet row -> Article, checked at the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from resolver.articles.boilerplate import boilerplate
from resolver.errors import InputError
from resolver.model import Article, Kind, Span

__all__ = ["TEXT_KEYS", "article_from_row", "iso_date"]

TEXT_KEYS = ("text", "body", "content")
"""Names under which the text of an article is accepted, in order of preference."""

_KINDS = {
    "PER": Kind.PER, "PERSON": Kind.PER,
    "ORG": Kind.ORG, "ORGANIZATION": Kind.ORG, "ORGANISATION": Kind.ORG,
    "LOC": Kind.LOC, "LOCATION": Kind.LOC, "GPE": Kind.LOC, "PLACE": Kind.LOC,
}  # fmt: skip

_DATE_FORMATS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d.%m.%Y", "%Y/%m/%d", "%Y-%m")
"""Forms that can be read without guessing whether day or month comes first."""


def _as_text(value: Any) -> Any:
    """Return a scalar as the text that a reader would write for it; lists of texts are joined."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value) or None
    return value


def _from_json(value: Any) -> Any:
    """Return the list that a CSV cell spells in JSON; an empty cell is no list."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except (json.JSONDecodeError, RecursionError):
        return value


class _GivenSpan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    start: int
    end: int
    type: str


_Text = Annotated[str | None, BeforeValidator(_as_text)]


class _Row(BaseModel):
    """The keys that mean something; all others are kept as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str = Field(min_length=1)
    doc_id: _Text = None
    title: _Text = None
    date: _Text = None
    outlet: _Text = None
    author: _Text = None
    url: _Text = None
    lang: _Text = None
    mentions: Annotated[list[_GivenSpan] | None, BeforeValidator(_from_json)] = None


def article_from_row(row: Mapping[str, Any], *, doc_id: str, source: str) -> Article:
    """Return the article that a row describes; its text is never altered.

    Args:
        row: Keys and values as they were read; the text is under one of `TEXT_KEYS`.
        doc_id: The id if the row has none.
        source: File and line, for the article's `source`.

    Raises:
        InputError: The row cannot be used (no path or line: the caller knows them).
    """
    text_key = next((key for key in TEXT_KEYS if row.get(key) is not None), None)
    if text_key is None:
        keys = ", ".join(map(repr, row)) or "none"
        raise InputError(f"no text, expected one of the keys {', '.join(TEXT_KEYS)}; the keys are {keys}")
    known = {key: value for key, value in row.items() if key in _Row.model_fields and value is not None}
    known["text"] = row[text_key]
    try:
        checked = _Row.model_validate(known)
    except ValidationError as error:
        raise InputError(_one_line(error)) from error
    if not checked.text.strip():
        raise InputError("empty text, expected at least one word; remove this article")
    return Article(
        doc_id=(checked.doc_id or "").strip() or doc_id,
        text=checked.text,
        title=checked.title,
        date=None if checked.date is None else iso_date(checked.date),
        outlet=checked.outlet,
        author=checked.author,
        url=checked.url,
        lang=checked.lang,
        extra={
            key: _plain(value)
            for key, value in row.items()
            if key not in known and key != text_key and value is not None
        },
        given=_given(checked),
        source=source,
        boilerplate=boilerplate(checked.text),
    )


def iso_date(value: str) -> str:
    """Return a date as ISO 8601 if it can be read without guessing, else as it was given."""
    value = value.strip()
    try:
        datetime.fromisoformat(value)
    except ValueError:
        pass
    else:
        return value if "-" in value else datetime.fromisoformat(value).date().isoformat()
    for form in _DATE_FORMATS:
        try:
            day = datetime.strptime(value, form)
        except ValueError:
            continue
        return day.date().isoformat() if "%d" in form else value
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, IndexError, TypeError):
        return value


def _given(checked: _Row) -> tuple[Span, ...] | None:
    """Return the spans that came with the row, sorted; types that are not resolved are left out."""
    if checked.mentions is None:
        return None
    spans = []
    for number, span in enumerate(checked.mentions, start=1):
        if not 0 <= span.start < span.end <= len(checked.text):
            raise InputError(
                f"mention {number}: [{span.start}, {span.end}) is outside {len(checked.text)} characters of "
                "text, expected 0 <= start < end <= length; count characters, not bytes"
            )
        kind = _KINDS.get(span.type.upper())
        if kind is not None:
            spans.append(Span(span.start, span.end, kind))
    return tuple(sorted(set(spans)))


def _one_line(error: ValidationError) -> str:
    """Return the first complaint of pydantic, and how many more there are, on one line."""
    first, *more = error.errors(include_url=False, include_context=False)
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    got = repr(first["input"])
    got = f"{got[:60]}..." if len(got) > 60 else got
    rest = f" ({len(more)} more)" if more else ""
    return f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}, found {got}{rest}; correct the value"


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: rows of Parquet files have dates, bytes and decimals."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.loads(json.dumps(value, default=str))
