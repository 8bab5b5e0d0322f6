"""Articles -> mentions: the second stage. It knows where names stand, and nothing of who is meant.

    article  ->  extractor's spans  +  scan of the curated table  ->  document pass  ->  Mention ...

Given spans come out as they are. Of everything else, what stands in boilerplate is left out, the longest span
wins, kinds are voted on across the article, and parts of full names found elsewhere are mentions too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from resolver.mentions.document import merge_spans, propagate
from resolver.mentions.edges import person_edges
from resolver.mentions.extractors import EXTRACTORS, Extractor, extractor, given
from resolver.mentions.rules import rules
from resolver.mentions.scan import TableScanner, scan_table
from resolver.model import Article, Kind, Mention, Span, content_id

__all__ = [
    "EXTRACTORS",
    "Extractor",
    "TableScanner",
    "extractor",
    "find_mentions",
    "given",
    "merge_spans",
    "person_edges",
    "propagate",
    "rules",
    "scan_table",
]


def find_mentions(
    articles: Sequence[Article], *, extractor: Extractor, scanner: TableScanner | None, kinds: frozenset[Kind]
) -> list[list[Mention]]:
    """Return the mentions of each article, sorted by place.

    Args:
        articles: What to look into.
        extractor: What finds names; with `given` the spans of the articles come out untouched.
        scanner: The curated table to scan for, if any.
        kinds: What to return; the others still help to keep names apart on the way.
    """
    found = extractor(articles)
    if extractor is not given:
        found = [_document(article, spans, scanner) for article, spans in zip(articles, found, strict=True)]
    return [
        _mentions(article, [span for span in sorted(spans) if span.kind in kinds])
        for article, spans in zip(articles, found, strict=True)
    ]


def _document(article: Article, spans: Sequence[Span], scanner: TableScanner | None) -> list[Span]:
    """Return the spans of one article after all that the article as a whole says."""
    hits = [] if scanner is None else scan_table(article.text, scanner)
    edged = person_edges(article.text, _outside(article, spans))
    merged = merge_spans(article.text, edged, _outside(article, hits))
    return _outside(article, propagate(article.text, merged))


def _outside(article: Article, spans: Sequence[Span]) -> list[Span]:
    """Return the spans that touch no boilerplate."""
    ends = [end for _, end in article.boilerplate]
    kept = []
    for span in spans:
        at = bisect_right(ends, span.start)
        if at == len(ends) or article.boilerplate[at][0] >= span.end:
            kept.append(span)
    return kept


def _mentions(article: Article, spans: Sequence[Span]) -> list[Mention]:
    article_id = article.article_id  # a hash of the whole text
    return [
        Mention(
            mention_id=content_id("m", article_id, span.start, span.end, span.kind),
            article_id=article_id,
            start=span.start,
            end=span.end,
            surface=article.text[span.start : span.end],
            kind=span.kind,
            confidence=span.confidence,
            source=span.source,
        )
        for span in spans
    ]
