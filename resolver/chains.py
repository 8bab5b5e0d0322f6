"""Mentions of one article -> chains, the article's own people, organisations and places.

Inside one article the fullest name is said once and then shortened; the article nearly always tells who is meant.
So short forms (surname, given name, initials, title and surname, acronym) attach to the fullest name here, before
anything is compared across articles. Refuses to know: other articles, the curated table, probabilities.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from resolver.context import Surroundings
from resolver.model import Article, Chain, Kind, Mention, Name, Role, content_id
from resolver.names import parse_name

__all__ = ["build_chains"]

IDENTITY = (Role.GIVEN, Role.SURNAME, Role.PATRONYMIC, Role.INITIAL, Role.KUNYA)
TYPO_LENGTH = 5  # letters: below that a changed letter makes another name (Lee, Lea)
SMALL_WORDS = frozenset(
    "of the and for de la le les du des der die das und fur y et von van di del & in at".split()
)


class Form(NamedTuple):
    """A distinct spelling within one article and where it stands."""

    name: Name
    core: tuple[str, ...]
    mentions: list[Mention]


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
        forms = spellings([m for m in ordered if m.kind == kind], parse, kind)
        groups, doubts = (
            attachments(forms, kind, surroundings) if attach else ([[form] for form in forms], {})
        )
        built.extend(finished(groups, doubts, kind, surroundings))
    first = {m.mention_id: (m.start, m.end) for m in ordered}
    return sorted(built, key=lambda chain: (first[chain.mention_ids[0]], chain.kind))


def spellings(mentions: Iterable[Mention], parse: Callable[[str, Kind], Name], kind: Kind) -> list[Form]:
    """Return the distinct spellings of one kind, in order of first appearance."""
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    for mention in mentions:
        name = parse(mention.surface, kind)
        key = (name.folded or mention.surface, name.having(Role.GENERATION))
        if key not in found:
            core = (
                name.having(*IDENTITY) if kind == Kind.PER else tuple(name.folded.replace("-", " ").split())
            )
            parts = tuple(part for token in core for part in token.replace("-", " ").split())
            found[key] = Form(name, parts or (name.folded or mention.surface,), [])
        found[key].mentions.append(mention)
    return list(found.values())


def attachments(
    forms: Sequence[Form], kind: Kind, surroundings: Surroundings
) -> tuple[list[list[Form]], dict[str, list[int]]]:
    """Group the spellings of one kind into chains.

    Returns:
        The groups, the fullest form of each first; and for mentions that could belong to several groups
        {mention_id: numbers of the other groups}.
    """
    by_size = sorted(forms, key=lambda f: (-len(f.core), -len(f.name.folded), f.mentions[0].start))
    groups: list[list[Form]] = []
    doubts: dict[str, list[int]] = {}
    rank = person_rank if kind == Kind.PER else name_rank
    for form in by_size:
        ranked = sorted((rank(form, group), number) for number, group in enumerate(groups))
        best = (
            [number for value, number in ranked if value == ranked[0][0]]
            if ranked and ranked[0][0] < NO_MATCH
            else []
        )
        if not best:
            groups.append([form])
        elif len(best) == 1:
            groups[best[0]].append(form)
        else:
            split_by_place(form, best, groups, doubts, surroundings)
    return groups, doubts


NO_MATCH = 99


def person_rank(short: Form, group: Sequence[Form]) -> int:
    """How well a shorter spelling fits the fullest name of a group: 0 best, `NO_MATCH` not at all."""
    full = group[0]
    if contradicts(short.name.having(Role.GENERATION), full.name.having(Role.GENERATION)):
        return NO_MATCH
    places = placed(short.core, full.core)
    if places is None:
        return misspelt_rank(short, full)
    if len(short.core) == len(full.core):
        return 0
    if len(short.core) == 1:
        last = len(full.core) - 1
        return 1 if places[0] == last else 2 if places[0] == 0 else 4
    if places[0] == 0:
        return 1  # the given name and at least one more: "Hernán Iriarte" for "Hernán Iriarte Lozano"
    return 2 if places[-1] == len(full.core) - 1 else 4


def contradicts(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether both names state a generation (Jr, II) and the two differ."""
    return bool(left) and bool(right) and set(left) != set(right)


def placed(short: tuple[str, ...], full: tuple[str, ...]) -> list[int] | None:
    """Positions in the fuller name of each token of the shorter one, in order; None if one has no place.

    Initials match the tokens they begin, and "asante badu" matches "asantebadu". A name in another order
    ("Eun-sook Bae", "Bae Eun-sook") matches when the tokens are the same.
    """
    if len(short) > 1 and sorted(short) == sorted(full):
        return list(range(len(full)))
    if len(short) > 1 and "".join(short) == "".join(full):
        return list(range(min(len(short), len(full))))
    out: list[int] = []
    at = 0
    spelled = False
    for token in short:
        while at < len(full) and not same_token(token, full[at]):
            at += 1
        if at == len(full):
            return None
        spelled = spelled or (len(token) > 1 and len(full[at]) > 1)
        out.append(at)
        at += 1
    return out if spelled else None


def same_token(left: str, right: str) -> bool:
    """Whether two tokens are equal or one is the initial of the other."""
    if left == right:
        return True
    short, long = sorted((left.rstrip("."), right.rstrip(".")), key=len)
    return len(short) == 1 and long.startswith(short)


def misspelt_rank(short: Form, full: Form) -> int:
    """Rank of a single token with one letter wrong ("Kontinnen" for "Kontinen"): after every exact fit."""
    if len(short.core) != 1 or len(short.core[0]) < TYPO_LENGTH or len(full.core) == 1:
        return NO_MATCH
    target = full.core[-1]
    near = len(target) >= TYPO_LENGTH and OSA.distance(short.core[0], target, score_cutoff=1) <= 1
    return 6 if near else NO_MATCH


def name_rank(short: Form, group: Sequence[Form]) -> int:
    """How well an organisation's or place's spelling fits a group: the same words, an acronym, a first part."""
    full = group[0]
    kind = full.name.kind
    if short.core == full.core:
        return 0
    if any(is_acronym(short.name.surface, form.core) for form in group):
        return 1
    if any(introduced(form, short) for form in group):
        return 1
    if kind == Kind.ORG and len(short.core) < len(full.core) and len(short.core[0]) > 3:
        if full.core[: len(short.core)] == short.core:
            return 2
        if len(short.core) > 1 and full.core[-len(short.core) :] == short.core:
            return 3
    return NO_MATCH


def is_acronym(surface: str, words: tuple[str, ...]) -> bool:
    """Whether a surface ("IAEA", "U.S.") is made of the first letters of the words, small words left out or not."""
    letters = re.sub(r"[.\s]", "", surface)
    if not (2 <= len(letters) <= 8 and letters.isupper() and len(words) > 1):
        return False
    low = letters.casefold()
    initials = "".join(word[0] for word in words if word)
    weighty = "".join(word[0] for word in words if word and word not in SMALL_WORDS)
    return low in (initials, weighty)


def introduced(full: Form, short: Form) -> bool:
    """Whether the shorter form stands in brackets right behind the fuller one, as a capitalised abbreviation."""
    if not any(c.isupper() for c in short.name.surface) or len(short.core) > 1:
        return False
    if (
        len(short.name.surface) > max(6, len(full.name.surface) // 2)
        or short.name.surface[0].casefold() != full.core[0][0]
    ):
        return False
    ends = {m.end for m in full.mentions}
    return any(m.start - gap in ends for m in short.mentions for gap in (2, 3))


def split_by_place(
    form: Form,
    best: Sequence[int],
    groups: list[list[Form]],
    doubts: dict[str, list[int]],
    surroundings: Surroundings,
) -> None:
    """Give each mention of a form that fits several groups to the one named last before it, and note the doubt.

    Newspapers shorten a name to what tells it from the others of the same story, and a bare surname continues the
    person spoken of; a sentence that names the given name settles it as well.
    """
    shares: dict[int, list[Mention]] = defaultdict(list)
    marks = [
        (m.start, number)
        for number in best
        for f in groups[number]
        if f.core != form.core
        for m in f.mentions
    ]
    marks.sort()
    whole = {n: surroundings.context([m for f in groups[n] for m in f.mentions]) for n in best}
    for mention in form.mentions:
        own = surroundings.context([mention])
        open_to = [n for n in best if {own.gender, whole[n].gender} != {"m", "f"}] or list(best)
        titled = [n for n in open_to if set(own.roles) & set(whole[n].roles)]  # "Captain Adhikari"
        open_to = titled or open_to
        before = [number for start, number in marks if start < mention.start and number in open_to]
        after = [number for start, number in marks if start > mention.start and number in open_to]
        choice = before[-1] if before else after[0] if after else open_to[0]
        shares[choice].append(mention)
        rivals = [number for number in open_to if number != choice]
        if rivals:
            doubts[mention.mention_id] = rivals
    for number, mentions in sorted(shares.items()):
        groups[number].append(Form(form.name, form.core, mentions))


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
