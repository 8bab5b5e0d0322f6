"""The data types through which the stages meet. Nothing here computes more than an id.

    Article -> Span -> Mention -> Chain -> Name -> CandidatePair -> ScoredPair -> Cluster -> Entity, Resolution

Records at the edges of the system are pydantic models elsewhere (`articles`, `settings`, `aliases.table`);
these are the slim ones of the inner loops.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from aliases.table import Kind

__all__ = [
    "Article",
    "CandidatePair",
    "Chain",
    "Cluster",
    "Context",
    "Counts",
    "Decision",
    "Entity",
    "Evidence",
    "Fault",
    "Kind",
    "LinkedBy",
    "Mention",
    "Name",
    "Resolution",
    "Role",
    "ScoredPair",
    "Span",
    "Status",
    "Token",
    "Verdict",
    "content_id",
    "content_ids",
]


def content_id(prefix: str, *parts: str | int) -> str:
    """Return a short id that is derived from content, so that a rerun gives the same one.

    Args:
        prefix: Says what the id names (`a` article, `m` mention, `c` chain, `e` entity, `p` person name).
        parts: What the id stands for, in order.

    Returns:
        `prefix-` and 16 hexadecimal digits (64 bits of blake2b: one collision is expected among 5e9 ids).
    """
    return content_ids(prefix, ("\x1f".join(map(str, parts)),))[0]


def content_ids(prefix: str, texts: Iterable[str]) -> list[str]:
    """Return the ids of many things that a text each stands for."""
    hashed = hashlib.blake2b
    return [
        f"{prefix}-{hashed(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"
        for text in texts
    ]


# ---------------------------------------------------------------- articles and mentions


class Span(NamedTuple):
    """What an extractor found: a half-open range of characters of one text.

    `confidence` is a probability in [0, 1]; `source` is the extractor's name
    (`given`, `rules`, `tagger`, `table`, `propagated`).
    """

    start: int
    end: int
    kind: Kind
    confidence: float = 1.0
    source: str = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A text with what is known about it.

    `date` is kept as it was given (ISO 8601 where it could be read as a date); `extra` holds every other key.
    `given` are the spans that came with the article, None if none came. `source` is the file and line that it
    was read from. `boilerplate` are half-open ranges of `text` that are menus, cookie notices and the like:
    nothing is extracted there.
    """

    doc_id: str
    text: str
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    lang: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[Span, ...] | None = None
    source: str = ""
    boilerplate: tuple[tuple[int, int], ...] = ()

    @property
    def article_id(self) -> str:
        """The id of the content: two articles with one text are one article."""
        return content_id("a", self.text)


class Fault(NamedTuple):
    """Input that could not be used: one line for the user, and where it stands."""

    message: str
    path: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"


class Mention(NamedTuple):
    """A span of an article's text that names somebody or something: `text[start:end] == surface`."""

    mention_id: str
    article_id: str
    start: int
    end: int
    surface: str
    kind: Kind
    confidence: float
    source: str


# ---------------------------------------------------------------- chains


class Context(NamedTuple):
    """What an article says around a chain. All strings are folded; tuples are sorted and free of repeats.

    `roles` are role words in their normal form ("envoy"), `places` and `orgs` what is tied to the chain by
    apposition or genitive, `words` the other content words of those phrases, `gender` is "m", "f", "m?" or "f?"
    (likely) or "" (unknown), `also` are names that the article itself equates with this one (brackets, "also known
    as"), `near` the telling words of the sentences that name it, its own name left out, `kin` the names of those
    whom the article calls kin of this person, so other people.
    Co-mentioned chains, the date and the outlet belong to the article and are not repeated here.
    """

    roles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    gender: str = ""
    also: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()


class Chain(NamedTuple):
    """All mentions of one entity inside one article, under its fullest name.

    `forms` are the distinct surfaces, commonest first. `rivals` lists (mention id, chain id) where a mention of
    this chain could as well belong to another chain of the article: the article alone does not decide.
    """

    chain_id: str
    article_id: str
    kind: Kind
    name: str
    forms: tuple[str, ...]
    mention_ids: tuple[str, ...]
    context: Context = Context()
    rivals: tuple[tuple[str, str], ...] = ()


# ---------------------------------------------------------------- names


class Role(StrEnum):
    """What a token does in a name."""

    GIVEN = "given"
    SURNAME = "surname"
    PARTICLE = "particle"
    GENERATION = "generation"
    TITLE = "title"
    KUNYA = "kunya"
    PATRONYMIC = "patronymic"
    INITIAL = "initial"
    NICK = "nick"


class Token(NamedTuple):
    """A folded token (lower case, no accents, Latin letters) and its role."""

    text: str
    role: Role


SPELLED = frozenset({Role.GIVEN, Role.SURNAME, Role.PATRONYMIC, Role.KUNYA})
HYPHENED = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)+")


class Name(NamedTuple):
    """A parsed surface.

    `folded` joins the tokens that carry identity (no titles), in the order given then surname; it is the key
    under which equal names meet. `script` is the main script of the surface ("latin", "arabic", "han", ...).
    """

    surface: str
    kind: Kind
    folded: str
    tokens: tuple[Token, ...]
    script: str = "latin"

    def having(self, *roles: Role) -> tuple[str, ...]:
        """Return the token texts that have one of the roles, in order."""
        return tuple(token.text for token in self.tokens if token.role in roles)

    @property
    def weak(self) -> bool:
        """Whether a person's name is too little to bridge two others: one word, or initials with one word.

        A double surname or a double given name ("Vogt-Sanders", "Jean-Pierre") is one word.
        """
        if self.kind != Kind.PER:
            return False
        if self.script == "latin" and HYPHENED.fullmatch(self.surface.strip()):
            return True
        spelled = [token.text for token in self.tokens if token.role in SPELLED]
        parts = [part for text in spelled for part in text.replace("-", " ").split() if len(part) > 1]
        return len(parts) < 2


# ---------------------------------------------------------------- pairs


class CandidatePair(NamedTuple):
    """Two things worth comparing (left < right) and the keys that brought them together."""

    left: int
    right: int
    keys: tuple[str, ...]


class Evidence(NamedTuple):
    """One term of a score: what was compared, the outcome, its weight in bits (log2 odds), and the words."""

    feature: str
    value: str
    bits: float
    detail: str = ""


class ScoredPair(NamedTuple):
    """A candidate pair with its total weight; `bits` is prior plus the sum of the evidence."""

    left: int
    right: int
    bits: float
    probability: float
    keys: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


# ---------------------------------------------------------------- decisions and results


class Verdict(StrEnum):
    """What a person said of a pair."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class Decision(NamedTuple):
    """A human verdict on two mentions or entities; `undone_at` is "" while it holds.

    `left_mention` and `right_mention` are the mentions that stand for the sides now, "" if there is none any more.
    """

    decision_id: str
    left: str
    right: str
    verdict: Verdict
    reason: str
    user: str
    decided_at: str
    undone_at: str = ""
    left_mention: str = ""
    right_mention: str = ""


class Status(StrEnum):
    """The three outcomes for a mention."""

    RESOLVED = "resolved"
    AMBIGUOUS = "ambiguous"
    NEW = "new"


class LinkedBy(StrEnum):
    """What the link of a mention to its entity could not have been made without."""

    EXACT = "exact"
    NAME = "name"
    CHAIN = "chain"
    CONTEXT = "context"
    TABLE = "table"
    VERDICT = "verdict"


class Cluster(NamedTuple):
    """Chains that are one entity. `probability` is that of its weakest needed link, in [0, 1]."""

    kind: Kind
    chain_ids: tuple[str, ...]
    probability: float = 1.0
    curated_id: str = ""


class Counts(NamedTuple):
    """What is counted in the whole corpus, for linking that sees a part of it.

    `articles` are texts, `names` distinct names of each kind, `chains` the chains of a name (by its number) of which
    only some are at hand, `seen` for each family of features how many texts hold a feature, `borne` names of
    people that share a word with one at hand, and the events in which each stands.
    """

    articles: int
    names: Mapping[Kind, int]
    chains: Mapping[int, int]
    seen: Mapping[str, Mapping[str, int]]
    borne: Sequence[tuple[Name, tuple[int, ...]]] = ()


class Entity(NamedTuple):
    """A person, organisation or place. `names` are (surface, count), commonest first."""

    entity_id: str
    kind: Kind
    name: str
    names: tuple[tuple[str, int], ...]
    curated: bool = False


class Resolution(NamedTuple):
    """The outcome for one mention. `candidates` lists (entity id, probability), likeliest first, if ambiguous."""

    mention_id: str
    entity_id: str
    probability: float
    status: Status
    linked_by: LinkedBy
    candidates: tuple[tuple[str, float], ...] = ()
