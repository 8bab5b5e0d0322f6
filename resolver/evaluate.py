"""Resolved mentions against gold: mention scores, B-cubed, pairs, false merges and false splits, the worst listed.

Comes in: gold articles (`{"doc_id", "text", "mentions": [{"start", "end", "surface", "type", "gold_id"}]}`) and the
mentions that the store exports. Refuses to know: how anything was resolved.

B-cubed: Bagga and Baldwin 1998. For each mention, precision is the share of its cluster that is its entity, recall the
share of its entity that is in its cluster; both are averaged over mentions.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from resolver.errors import InputError
from resolver.model import Kind

__all__ = ["Evaluation", "Figures", "GoldArticle", "Predicted", "evaluate", "read_gold"]


class GoldMention(BaseModel):
    """A marked span and whom it names; `gold_id` None: not known, never scored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    start: int
    end: int
    type: str
    surface: str = ""
    gold_id: str | None = None


class GoldArticle(BaseModel):
    """An article with marked spans; `evaluation_span` limits the part that was marked, if only a part was."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    doc_id: str
    mentions: tuple[GoldMention, ...]
    evaluation_span: tuple[int, int] | None = None


class Predicted(NamedTuple):
    """A resolved mention."""

    doc_id: str
    start: int
    end: int
    kind: str
    entity_id: str


class Figures(NamedTuple):
    """Precision, recall and their harmonic mean, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


class Evaluation(NamedTuple):
    """All figures of one kind of mention.

    `mentions` are strict: right is what has the start, end and type of a marked span. `overlapping` asks only that
    spans of the type overlap, each marked one counted once: so matched are the mentions of all other figures.
    `merges` are pairs of gold entities that share a cluster and `splits` gold entities in several clusters, the
    largest first: (size, text).
    """

    gold_mentions: int
    unknown: int
    found_mentions: int
    gold_entities: int
    clusters: int
    mentions: Figures
    overlapping: Figures
    b_cubed: Figures
    pairs: Figures
    cross_pairs: Figures
    merges: tuple[tuple[int, str], ...]
    splits: tuple[tuple[int, str], ...]


def read_gold(path: Path) -> list[GoldArticle]:
    """Return the articles of a gold file.

    Raises:
        InputError: The file cannot be read, or a line is not a gold article.
    """
    articles = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    articles.append(gold_article(line, path, number))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(
            f"cannot be read ({reason}); expected JSON lines with gold mentions", path=str(path)
        ) from error
    return articles


def gold_article(line: str, path: Path, number: int) -> GoldArticle:
    """Return one line of a gold file as an article."""
    try:
        return GoldArticle.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON ({error.msg}); expected one article a line", path=str(path), line=number
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        message = (
            f"{where}: {first['msg'].lower()}; expected doc_id and mentions with start, end, type, gold_id"
        )
        raise InputError(message, path=str(path), line=number) from error


def evaluate(
    gold: Sequence[GoldArticle], predicted: Iterable[Predicted], *, kind: Kind = Kind.PER, given: bool = False
) -> Evaluation:
    """Compare resolved mentions of one kind with gold.

    Args:
        gold: Articles with marked spans.
        predicted: Resolved mentions of any kind; those of articles that are not in `gold` are left out.
        kind: Which mentions to score.
        given: The gold spans were given to the resolver: a gold mention is looked up by its exact span, one without
            a prediction is a cluster of its own, and other predictions do not count. Else spans are matched one to
            one by overlap, and a spurious mention lowers precision.

    Returns:
        The figures. Gold mentions without identity are ignored, and so is a prediction on one; in the strict mention
        scores they count like all others.
    """
    by_article: dict[str, list[Predicted]] = defaultdict(list)
    for mention in predicted:
        if given or mention.kind == kind:
            by_article[mention.doc_id].append(mention)
    aligned = Alignment()
    for article in gold:
        found = by_article.get(article.doc_id, [])
        aligned.compare(article, found, kind)
        (align_given if given else align_found)(aligned, article, found, kind)
    return figures(aligned)


class Alignment:
    """What is scored: gold mentions, and for each predicted one its cluster and the gold mention it stands for."""

    def __init__(self) -> None:
        self.gold: list[tuple[str, GoldMention]] = []
        self.system: list[tuple[str, str, int | None]] = []
        self.unknown = 0
        self.strict: Counter[str] = Counter()  # spans that are right, found, marked

    def compare(self, article: GoldArticle, found: Iterable[Predicted], kind: Kind) -> None:
        """Count the spans of an article; what lies on one of type UNK or outside the marked part is left out."""
        open_places = [m for m in article.mentions if m.type == "UNK"]
        marked = {(m.start, m.end) for m in article.mentions if m.type == kind}
        spans = {
            (p.start, p.end)
            for p in found
            if p.kind == kind and not is_outside(article, p) and not touches(p, open_places)
        }
        self.strict.update(right=len(marked & spans), found=len(spans), marked=len(marked))

    def add(self, doc_id: str, mention: GoldMention) -> int:
        """Add a gold mention with a known identity and return its number."""
        self.gold.append((doc_id, mention))
        return len(self.gold) - 1


def wanted(article: GoldArticle, kind: Kind) -> list[GoldMention]:
    """Gold mentions of a kind; one of type UNK stays as a mention of unknown identity."""
    unknown = [m.model_copy(update={"gold_id": None}) if m.type == "UNK" else m for m in article.mentions]
    return [m for m in unknown if m.type in (kind, "UNK")]


def align_given(aligned: Alignment, article: GoldArticle, found: Sequence[Predicted], kind: Kind) -> None:
    """Look every gold mention up by its exact span."""
    cluster_at = {(m.start, m.end): m.entity_id for m in found}
    of_kind = {(m.start, m.end): m.entity_id for m in found if m.kind == kind}
    for mention in wanted(article, kind):
        place = (mention.start, mention.end)
        if not mention.gold_id:
            aligned.unknown += 1
            continue
        number = aligned.add(article.doc_id, mention)
        cluster = of_kind.get(place, cluster_at.get(place))
        aligned.system.append((f"missing {number}" if cluster is None else cluster, article.doc_id, number))


def align_found(aligned: Alignment, article: GoldArticle, found: Sequence[Predicted], kind: Kind) -> None:
    """Match spans one to one, the largest overlap first; known identities win ties."""
    mentions = wanted(article, kind)
    number = {}
    for at, mention in enumerate(mentions):
        if mention.gold_id:
            number[at] = aligned.add(article.doc_id, mention)
        else:
            aligned.unknown += 1
    match = matched_spans(found, mentions)
    for j, p in enumerate(found):
        if j in match:
            if match[j] in number:
                aligned.system.append((p.entity_id, article.doc_id, number[match[j]]))
        elif not is_outside(article, p) and not touches(p, [m for m in mentions if not m.gold_id]):
            aligned.system.append((p.entity_id, article.doc_id, None))


def is_outside(article: GoldArticle, found: Predicted) -> bool:
    """Tell whether a prediction leaves the part of the article that was marked."""
    span = article.evaluation_span
    return span is not None and (found.start < span[0] or found.end > span[1])


def touches(found: Predicted, mentions: Iterable[GoldMention]) -> bool:
    """Tell whether a prediction has a character in one of the mentions."""
    return any(min(found.end, m.end) > max(found.start, m.start) for m in mentions)


def matched_spans(found: Sequence[Predicted], mentions: Sequence[GoldMention]) -> dict[int, int]:
    """Return for each predicted span the gold span that it stands for, by number."""
    candidates = []
    for j, p in enumerate(found):
        for i, m in enumerate(mentions):
            overlap = min(p.end, m.end) - max(p.start, m.start)
            if overlap > 0:
                union = max(p.end, m.end) - min(p.start, m.start)
                candidates.append((-overlap / union, not m.gold_id, i, j))
    match: dict[int, int] = {}
    used: set[int] = set()
    for _, _, i, j in sorted(candidates):
        if i not in used and j not in match:
            used.add(i)
            match[j] = i
    return match


def ratio(part: float, whole: float) -> float:
    """Return part / whole, and 0 for an empty whole."""
    return part / whole if whole else 0.0


def scored(precision: float, recall: float) -> Figures:
    """Return precision and recall with their harmonic mean."""
    return Figures(precision, recall, ratio(2 * precision * recall, precision + recall))


def pairs_in(counts: Iterable[int]) -> int:
    """Return how many pairs there are inside groups of these sizes."""
    return sum(n * (n - 1) // 2 for n in counts)


def figures(aligned: Alignment) -> Evaluation:
    """Return all figures of an alignment."""
    entity_of = [mention.gold_id or "" for _, mention in aligned.gold]
    matched = [(cluster, doc, entity_of[i]) for cluster, doc, i in aligned.system if i is not None]
    entity_size, cluster_size = Counter(entity_of), Counter(cluster for cluster, _, _ in aligned.system)
    shared = Counter((cluster, entity) for cluster, _, entity in matched)
    found, marked = len(aligned.system), len(aligned.gold)
    strict = aligned.strict
    right, predicted, wanted_pairs = (pairs_in(c.values()) for c in (shared, cluster_size, entity_size))
    inside_right = pairs_in(Counter(matched).values())
    inside_predicted = pairs_in(Counter((c, d) for c, d, _ in aligned.system).values())
    inside_wanted = pairs_in(Counter((m.gold_id, d) for d, m in aligned.gold).values())
    cross_right = right - inside_right
    return Evaluation(
        gold_mentions=marked,
        unknown=aligned.unknown,
        found_mentions=found,
        gold_entities=len(entity_size),
        clusters=len(cluster_size),
        mentions=scored(ratio(strict["right"], strict["found"]), ratio(strict["right"], strict["marked"])),
        overlapping=scored(ratio(len(matched), found), ratio(len(matched), marked)),
        b_cubed=scored(
            ratio(sum(n * n / cluster_size[c] for (c, _), n in shared.items()), found),
            ratio(sum(n * n / entity_size[e] for (_, e), n in shared.items()), marked),
        ),
        pairs=scored(ratio(right, predicted), ratio(right, wanted_pairs)),
        cross_pairs=scored(
            ratio(cross_right, predicted - inside_predicted), ratio(cross_right, wanted_pairs - inside_wanted)
        ),
        merges=merges(shared, entity_size, aligned),
        splits=splits(aligned, entity_size),
    )


def merges(
    shared: Mapping[tuple[str, str], int], size: Mapping[str, int], aligned: Alignment
) -> tuple[tuple[int, str], ...]:
    """Pairs of gold entities that share a cluster, those with the most mentions first."""
    inside: dict[str, set[str]] = defaultdict(set)
    for cluster, entity in shared:
        inside[cluster].add(entity)
    pairs = {(a, b) for entities in inside.values() for a in entities for b in entities if a < b}
    surfaces = spelled(aligned)
    rows = [(min(size[a], size[b]), f"{a} {surfaces[a]} | {b} {surfaces[b]}") for a, b in pairs]
    return tuple(sorted(rows, key=lambda row: (-row[0], row[1])))


def splits(aligned: Alignment, size: Mapping[str, int]) -> tuple[tuple[int, str], ...]:
    """Gold entities in more than one cluster, those with the most mentions first."""
    parts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for cluster, _, i in aligned.system:
        if i is not None:
            mention = aligned.gold[i][1]
            parts[mention.gold_id or ""][cluster][mention.surface] += 1
    rows = []
    for entity, clusters in parts.items():
        if len(clusters) > 1:
            shown = sorted(", ".join(f"{s} x{n}" for s, n in c.most_common(3)) for c in clusters.values())
            rows.append((size[entity], f"{entity}: {' | '.join(shown)}"))
    return tuple(sorted(rows, key=lambda row: (-row[0], row[1])))


def spelled(aligned: Alignment) -> dict[str, str]:
    """The commonest surfaces of each gold entity, in brackets."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, mention in aligned.gold:
        counts[mention.gold_id or ""][mention.surface] += 1
    return {entity: "(" + ", ".join(s for s, _ in c.most_common(3)) + ")" for entity, c in counts.items()}
