"""The Python face of the engine: what the commands do, as methods of one class.

from resolver import Resolver

people = Resolver(store="news.duckdb")
people.resolve(["articles/"])
for entity in people.entities("tavak"):
    print(entity.name, entity.spellings)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from resolver import audit, evaluate, pipeline, rulings, upkeep
from resolver.articles import read_articles
from resolver.articles.row import article_from_row
from resolver.clusters import Unit, Weights
from resolver.context import Profiles, Topics, read_words
from resolver.errors import InputError
from resolver.marking import Progress, silent
from resolver.model import Article, Chain, Evidence, Fault, Kind, Name, Verdict
from resolver.names import parse_name
from resolver.pipeline import Summary
from resolver.scores import compare, prior_bits, probability
from resolver.settings import Settings
from resolver.store import Alteration, EntityDetail, EntityRow, MentionRow, Store

__all__ = ["Explanation", "Resolver", "Side"]


class Side(NamedTuple):
    """One side of a question: what was asked for, the name compared, the entity it belongs to and a place to read."""

    asked: str
    name: str
    entity_id: str
    quote: str


class Explanation(NamedTuple):
    """Why two things are, or are not, one entity: every term in bits, their sum, and the probability."""

    left: Side
    right: Side
    terms: tuple[Evidence, ...]
    bits: float
    probability: float

    @property
    def joined(self) -> bool:
        """Whether both sides are one entity in the store."""
        return bool(self.left.entity_id) and self.left.entity_id == self.right.entity_id


class Resolver:
    """A store with the settings to resolve into it.

    Args:
        store: The DuckDB file; made by the first `resolve`.
        aliases: Folders of curated tables, earlier ones win; None for none. Default: the packaged table.
        settings: Everything else that is tunable.
    """

    def __init__(
        self,
        store: str | Path = "resolver.duckdb",
        *,
        aliases: Sequence[str | Path] | None = ("",),
        settings: Settings | None = None,
    ) -> None:
        self.store = Path(store)
        folders = () if aliases is None else tuple(str(folder) for folder in aliases)
        self.settings = (settings or Settings()).model_copy(update={"aliases": folders})

    def resolve(
        self,
        articles: Iterable[Article | Fault | Mapping[str, Any] | str | Path],
        *,
        wait: float = 0.0,
        progress: Progress = silent,
    ) -> Summary:
        """Resolve articles into the store; what it knows already is not read again.

        Args:
            articles: Articles, mappings with `doc_id` and `text` as in JSONL, or paths of files and folders.
            wait: Seconds to wait for another writer to finish.
            progress: Told how far each stage has come.

        Returns:
            Counts, seconds and the faults of the run; a fault never keeps the other articles out.

        Raises:
            StoreError: The store cannot be used; nothing was changed.
        """
        return pipeline.resolve(
            as_articles(articles), self.store, self.settings, wait=wait, progress=progress
        )

    def entities(
        self, query: str = "", *, kind: Kind | None = None, as_of: str | None = None
    ) -> list[EntityRow]:
        """Return the entities whose names contain the query, those named most often first."""
        with Store.open(self.store, mode="read") as store:
            return store.entity_list(query, kind=kind, as_of=as_of)

    def entity(self, entity_id: str, *, as_of: str | None = None) -> EntityDetail:
        """Return all that is known of one entity.

        Raises:
            InputError: There is no such entity.
        """
        with Store.open(self.store, mode="read") as store:
            found = store.entity(entity_id, as_of=as_of)
        if found is None:
            raise InputError(f"no entity {entity_id!r} in {self.store}: `resolver entities NAME` lists ids")
        return found

    def mentions(self) -> Iterator[MentionRow]:
        """Yield every resolved mention, ordered by article and place."""
        with Store.open(self.store, mode="read") as store:
            yield from store.mention_rows()

    def audit(self) -> list[audit.Finding]:
        """Return every spelling that deviates from the form to use, with its places."""
        return audit.findings(self.mentions())

    def decide(
        self, left: str, right: str, verdict: Verdict | str, *, reason: str = "", wait: float = 0.0
    ) -> rulings.Ruling:
        """Say that two mentions, entities or names are the same, are different, or that you are unsure.

        Raises:
            InputError: A side is not known, or the verdict contradicts others; nothing was changed.
        """
        opinion = rulings.Opinion(left, right, Verdict(verdict), reason)
        return rulings.decide(self.store, opinion, wait=wait)

    def undo(self, decision_id: str, *, wait: float = 0.0) -> rulings.Ruling:
        """Take one verdict back.

        Raises:
            InputError: There is no such verdict, or it is taken back already; nothing was changed.
        """
        return rulings.undo(self.store, decision_id, wait=wait)

    def forget(self, *doc_ids: str, wait: float = 0.0) -> Summary:
        """Remove documents with everything derived from them, from every earlier state and from the file.

        Raises:
            InputError: A document is not known; nothing was changed.
        """
        return upkeep.forget(self.store, doc_ids, wait=wait)

    def rebuild(
        self, *, dry_run: bool = False, wait: float = 0.0, progress: Progress = silent
    ) -> list[Alteration]:
        """Compute everything anew with this version, ids and verdicts kept; return what changed (or would)."""
        return upkeep.rebuild(self.store, dry_run=dry_run, wait=wait, progress=progress)[1]

    def diff(self, run1: int, run2: int) -> list[Alteration]:
        """Return what became different from one run to another, and why."""
        with Store.open(self.store, mode="read") as store:
            return store.alterations(run1, run2)

    def evaluate(
        self, gold: str | Path, *, kind: Kind = Kind.PER, given: bool | None = None
    ) -> evaluate.Evaluation:
        """Compare the store with gold mentions.

        Args:
            gold: A JSONL file of articles whose mentions carry `gold_id`.
            kind: Which mentions to score.
            given: Whether the gold spans were given to the resolver; None: if every one of them is in the store.
        """
        articles = evaluate.read_gold(Path(gold))
        rows = [evaluate.Predicted(m.doc_id, m.start, m.end, m.kind, m.entity_id) for m in self.mentions()]
        if given is None:
            places = {(row.doc_id, row.start, row.end) for row in rows}
            given = all(
                (a.doc_id, m.start, m.end) in places for a in articles for m in a.mentions if m.type == kind
            )
        return evaluate.evaluate(articles, rows, kind=kind, given=given)

    def why(self, left: str, right: str) -> Explanation:
        """Return every term that speaks for or against two entities, mentions or names being one.

        Args:
            left: Entity id, mention id or name.
            right: The other one.
        """
        with Store.open(self.store, mode="read") as store:
            chains = store.chains()
            sides = [self._side(store, asked, chains) for asked in (left, right)]
            (side_a, members_a), (side_b, members_b) = sides
            stored = stored_match(
                store, [[chains[n].chain_id for n in m] for m in (members_a, members_b)], sides
            )
            topics = Topics(read_words((article.article_id, article.text) for article in store.articles()))
        name_a, name_b = nearest_names(
            side_a, side_b, [[chains[n] for n in m] for m in (members_a, members_b)]
        )
        kinds = {name.kind for name in (name_a, name_b)}
        count = (
            len({parse_name(chain.name, chain.kind).folded for chain in chains if chain.kind in kinds}) or 2
        )
        if stored is not None:
            terms = list(stored)
        elif members_a and members_b and kinds == {Kind.PER}:
            same = set(members_a) == set(members_b)
            units = [members_a, members_b] if not same else [members_a[:1], members_a[1:] or members_a[:1]]
            made = [
                Unit(n, tuple(unit), name.weak)
                for n, (unit, name) in enumerate(zip(units, (name_a, name_b), strict=True))
            ]
            weights = Weights((name_a, name_b), made, 0.0, ("", ""), profiles=Profiles(chains, units, topics))
            terms = weights.explain(np.array([0]), np.array([1]))[0]
        else:
            prior = Evidence(
                "prior", f"{count} names", prior_bits(count), "odds that two of them are one entity"
            )
            terms = [prior, *compare(name_a, name_b)]
        bits = sum(term.bits for term in terms)
        return Explanation(
            side_a._replace(name=name_a.surface),
            side_b._replace(name=name_b.surface),
            tuple(terms),
            bits,
            float(probability(bits)),
        )

    @staticmethod
    def _side(store: Store, asked: str, chains: Sequence[Chain]) -> tuple[Side, list[int]]:
        """Return what a question refers to and the numbers of its chains; a name that nobody bears has none."""
        mention = store.mention(asked)
        if mention is not None:
            members = [n for n, chain in enumerate(chains) if chain.chain_id == mention.chain_id]
            quote = f"{mention.before}{mention.surface}{mention.after}"
            return Side(asked, mention.surface, mention.entity_id, quote), members
        entity = store.entity(asked)
        if entity is None:
            rows = [
                row for row in store.find(asked) if asked in dict(row.spellings) or row.name == asked
            ] or store.find(asked)
            if not rows:
                return Side(asked, asked, "", ""), []
            entity = store.entity(rows[0].entity_id)
        if entity is None:
            return Side(asked, asked, "", ""), []
        wanted = [m for m in entity.mentions if m.surface == asked] or list(entity.mentions)
        ids = {m.chain_id for m in wanted}
        members = [n for n, chain in enumerate(chains) if chain.chain_id in ids]
        first = wanted[0]
        name = asked if first.surface == asked else entity.row.name
        return Side(asked, name, entity.row.entity_id, f"{first.before}{first.surface}{first.after}"), members


def stored_match(
    store: Store, chain_ids: Sequence[Sequence[str]], sides: Sequence[tuple[Side, list[int]]]
) -> tuple[Evidence, ...] | None:
    """Return the evidence of a match that only the whole story made, if one was made between the two sides."""
    left, right = (side.entity_id for side, _ in sides)
    if not left or not right:
        return None
    mine, theirs = (set(ids) for ids in chain_ids)
    found = [
        pair
        for pair in store.evidence(left, right)
        if "story" in pair.keys
        and ((pair.left in mine and pair.right in theirs) or (pair.left in theirs and pair.right in mine))
    ]
    return max(found, key=lambda pair: (pair.bits, pair.left, pair.right)).evidence if found else None


def nearest_names(left: Side, right: Side, chains: Sequence[Sequence[Chain]]) -> tuple[Name, Name]:
    """Return the names to compare: those of the chains that agree best, or what was asked for."""
    options = []
    for side, members in zip((left, right), chains, strict=True):
        kind = members[0].kind if members else chains[0][0].kind if chains[0] else Kind.PER
        names = {parse_name(chain.name, kind) for chain in members} or {parse_name(side.name, kind)}
        options.append(sorted(names, key=lambda name: name.surface)[:20])
    scored = [
        (sum(t.bits for t in compare(a, b)), a.surface, b.surface, a, b)
        for a in options[0]
        for b in options[1]
    ]
    best = max(scored, key=lambda s: s[:3])
    return best[3], best[4]


def as_articles(
    items: Iterable[Article | Fault | Mapping[str, Any] | str | Path],
) -> Iterator[Article | Fault]:
    """Yield articles from whatever a program hands in."""
    for number, item in enumerate(items, 1):
        if isinstance(item, Article | Fault):
            yield item
        elif isinstance(item, str | Path):
            yield from read_articles([str(item)])
        else:
            yield from_mapping(item, number)


def from_mapping(row: Mapping[str, Any], number: int) -> Article | Fault:
    """Return a mapping as an article, or the fault that keeps it from being one."""
    try:
        return article_from_row(row, doc_id=f"row-{number}", source=f"<program>:{number}")
    except InputError as error:
        return Fault(str(error), "<program>", number)
