"""Mentions of one article -> chains, the article's own people, organisations and places.

Inside one article the fullest name is said once and then shortened; the article nearly always tells who is meant.
So short forms (surname, given name, initials, title and surname, acronym) attach to the fullest name here, before
anything is compared across articles. Refuses to know: other articles, the curated table, probabilities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from resolver.chains.bodies import attachments
from resolver.chains.forms import Form, spellings
from resolver.chains.people import Cast
from resolver.context import Surroundings
from resolver.model import Article, Chain, Kind, Mention, Name, content_id
from resolver.names import parse_name

__all__ = ["build_chains"]


def build_chains(
    article: Article,
    mentions: Sequence[Mention],
    *,
    parse: Callable[[str, Kind], Name] = parse_name,
    attach: bool = True,
) -> list[Chain]:
    """Return the chains of one article, ordered by their first mention.

    Args:
        article: Gives the text around the mentions.
        mentions: All its mentions, of any kind and in any order.
        parse: Surface and kind -> Name; a caching one saves time over many articles.
        attach: False leaves every distinct spelling a chain of its own (to measure what chains are worth).

    Returns:
        Every mention is in exactly one chain. A mention that the article leaves open is in the likelier chain and
        named in its `rivals`.
    """
    ordered = sorted(mentions, key=lambda m: (m.start, m.end, m.kind))
    surroundings = Surroundings(article.text, ordered)
    built: list[Chain] = []
    for kind in Kind:
        own = [m for m in ordered if m.kind == kind]
        groups, doubts = grouped(own, kind, parse, surroundings) if attach else alone(own, kind, parse)
        built.extend(finished(groups, doubts, kind, surroundings))
    first = {m.mention_id: (m.start, m.end) for m in ordered}
    return sorted(built, key=lambda chain: (first[chain.mention_ids[0]], chain.kind))


Groups = tuple[list[list[Form]], dict[str, list[int]]]
"""Groups of forms, the fullest of each first, and {mention_id: numbers of the other groups it may belong to}."""


def grouped(
    mentions: Sequence[Mention], kind: Kind, parse: Callable[[str, Kind], Name], surroundings: Surroundings
) -> Groups:
    """Group the mentions of one kind into chains."""
    if kind == Kind.PER:
        return Cast(mentions, parse, surroundings).groups()
    return attachments(spellings(mentions, parse, kind))


def alone(mentions: Sequence[Mention], kind: Kind, parse: Callable[[str, Kind], Name]) -> Groups:
    """Leave every distinct spelling by itself."""
    return [[form] for form in spellings(mentions, parse, kind)], {}


def finished(
    groups: Sequence[Sequence[Form]], doubts: dict[str, list[int]], kind: Kind, surroundings: Surroundings
) -> list[Chain]:
    """Turn groups of forms into chains with their context."""
    ids = []
    for group in groups:
        mentions = sorted((m for form in group for m in form.mentions), key=lambda m: (m.start, m.end))
        ids.append((content_id("c", mentions[0].mention_id), mentions))
    out = []
    for (chain_id, mentions), group in zip(ids, groups, strict=True):
        forms = Counter(m.surface for m in mentions)
        fullest = Counter(m.surface for m in group[0].mentions)
        rivals = tuple((m.mention_id, ids[n][0]) for m in mentions for n in doubts.get(m.mention_id, ()))
        out.append(
            Chain(
                chain_id=chain_id,
                article_id=mentions[0].article_id,
                kind=kind,
                name=best_surface(fullest),
                forms=tuple(surface for surface, _ in sorted(forms.items(), key=lambda f: (-f[1], f[0]))),
                mention_ids=tuple(m.mention_id for m in mentions),
                context=surroundings.context(mentions),
                rivals=rivals,
            )
        )
    return out


def best_surface(counted: Counter[str]) -> str:
    """The commonest surface that is not all capitals, else the commonest."""
    return min(counted.items(), key=lambda s: (s[0].isupper() and len(s[0]) > 3, -s[1], s[0]))[0]
