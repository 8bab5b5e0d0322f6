"""Articles -> mentions and chains: the stages that look at one article at a time, side by side if asked.

Comes in: articles. Goes out: their mentions and chains, in the order of the articles. Refuses to know: other articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from typing import NamedTuple

from resolver.chains import build_chains
from resolver.gazetteer import Gazetteer, open_tables
from resolver.mentions import Extractor, TableScanner, extractor, find_mentions
from resolver.model import Article, Chain, Kind, Mention, Name
from resolver.names import parse_name
from resolver.settings import Settings, Without

__all__ = ["Marked", "Progress", "mark", "parse", "silent", "tables_of", "take_as_parsed"]

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many articles it has got through since the last call."""


def silent(_stage: str, _count: int) -> None:
    """Tell nobody how far a stage has come."""


BATCH = 64  # articles given to an extractor at a time


_KNOWN: dict[tuple[str, Kind], Name] = {}


@lru_cache(maxsize=1_000_000)
def parse(surface: str, kind: Kind) -> Name:
    """Return the parsed name of a surface; names repeat, so each is parsed once."""
    return _KNOWN.pop((surface, kind), None) or parse_name(surface, kind)


def take_as_parsed(names: Iterable[Name]) -> None:
    """Let names that this version has parsed before, and stored, stand for what parsing them would give.

    They are asked for soon: those of an earlier call are forgotten.
    """
    _KNOWN.clear()
    _KNOWN.update({(name.surface, name.kind): name for name in names})


class Marked(NamedTuple):
    """Mentions and chains of some articles, and the seconds that it took to search their texts for the table."""

    mentions: list[Mention]
    chains: list[Chain]
    scanning: float = 0.0


def tables_of(settings: Settings) -> Gazetteer | None:
    """Return the curated tables of a run in layers, None if it uses none."""
    return open_tables(() if Without.ALIASES in settings.without else settings.aliases)


def mark(articles: Sequence[Article], settings: Settings, progress: Progress) -> Marked:
    """Find the mentions and chains of articles, each text once, in worker processes if settings say so."""
    distinct = list({article.article_id: article for article in articles}.values())
    chunks = list(batches(distinct, BATCH))
    marked = Marked([], [])
    if settings.workers == 1 or len(chunks) == 1:
        marker = Marker(settings)
        results: Iterator[Marked] = map(marker, chunks)
        scanning = collect(results, chunks, marked, progress)
    else:
        with ProcessPoolExecutor(settings.workers, get_context("spawn"), initialize, (settings,)) as pool:
            scanning = collect(pool.map(work, chunks), chunks, marked, progress)
    return marked._replace(scanning=scanning)


def collect(
    results: Iterator[Marked], chunks: Sequence[Sequence[Article]], into: Marked, progress: Progress
) -> float:
    """Gather results in the order of the chunks and return the seconds that the table was searched for."""
    scanning = 0.0
    for chunk, result in zip(chunks, results, strict=True):
        into.mentions.extend(result.mentions)
        into.chains.extend(result.chains)
        scanning += result.scanning
        progress("mentions", len(chunk))
    return scanning


def batches(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    """Yield lists of up to `size` articles."""
    left = iter(articles)
    while chunk := list(islice(left, size)):
        yield chunk


class Marker:
    """Finds mentions and chains of a batch of articles: a pure function of the batch once it is made."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.extract: Extractor = extractor(settings.extractor)
        table = None if settings.extractor == "given" else tables_of(settings)
        self.scanner = None if table is None else TableScanner(table)

    def __call__(self, articles: Sequence[Article]) -> Marked:
        """Return the mentions and chains of some articles."""
        kinds = frozenset(self.settings.kinds)
        before = self.scanner.seconds if self.scanner else 0.0
        found = find_mentions(articles, extractor=self.extract, scanner=self.scanner, kinds=kinds)
        attach = Without.CHAINS not in self.settings.without
        out = Marked([], [], self.scanner.seconds - before if self.scanner else 0.0)
        for article, mentions in zip(articles, found, strict=True):
            out.mentions.extend(mentions)
            out.chains.extend(build_chains(article, mentions, parse=parse, attach=attach))
        return out


_marker: Marker | None = None


def initialize(settings: Settings) -> None:
    """Make the marker of a worker process."""
    global _marker  # noqa: PLW0603 - a worker process has one marker, made once
    _marker = Marker(settings)


def work(articles: Sequence[Article]) -> Marked:
    """Mark a batch in a worker process."""
    return (_marker or Marker(Settings()))(articles)
