"""The organisations and places of one article: acronyms and first parts go with the full name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.chains.forms import NO_MATCH, Form
from resolver.model import Kind, Mention

__all__ = ["attachments"]

SMALL_WORDS = frozenset(
    "of the and for de la le les du des der die das und fur y et von van di del & in at".split()
)


def attachments(forms: Sequence[Form]) -> tuple[list[list[Form]], dict[str, list[int]]]:
    """Group the spellings of organisations or places.

    Returns:
        The groups, the fullest form of each first; and for mentions that could belong to several groups
        {mention_id: numbers of the other groups}.
    """
    by_size = sorted(forms, key=lambda f: (-len(f.core), -len(f.name.folded), f.mentions[0].start))
    groups: list[list[Form]] = []
    doubts: dict[str, list[int]] = {}
    for form in by_size:
        ranks = [name_rank(form, group) for group in groups]
        best = min(ranks, default=NO_MATCH)
        fitting = [number for number, rank in enumerate(ranks) if rank == best < NO_MATCH]
        if not fitting:
            groups.append([form])
        elif len(fitting) == 1:
            groups[fitting[0]].append(form)
        else:
            share(form, fitting, groups, doubts)
    return groups, doubts


def share(form: Form, fitting: Sequence[int], groups: list[list[Form]], doubts: dict[str, list[int]]) -> None:
    """Give each mention of a form that fits several groups to the one named last before it, or else first after."""
    marks = sorted((m.start, number) for number in fitting for f in groups[number] for m in f.mentions)
    shares: dict[int, list[Mention]] = {}
    for mention in form.mentions:
        before = [number for start, number in marks if start < mention.start]
        chosen = before[-1] if before else marks[0][1]
        shares.setdefault(chosen, []).append(mention)
        doubts[mention.mention_id] = [number for number in fitting if number != chosen]
    for number, mentions in sorted(shares.items()):
        groups[number].append(form._replace(mentions=mentions))


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
