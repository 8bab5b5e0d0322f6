"""Human verdicts -> what linking has to honour, and which of them contradict each other.

A verdict names two sides, each a mention or an entity, and is anchored to a mention of each side, found again by text
and place. On a mention it binds that mention's chain and nothing else. On an entity, "different" holds for all that
the entity is when it is linked, and "same" for whatever evidence has put together with its anchor. Refuses to know: how
evidence is weighed.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from resolver.linking import Judgements
from resolver.model import Chain, Decision, Resolution, Verdict, content_id
from resolver.store import Conflict

__all__ = ["broken", "chain_of_verdicts", "judgements", "on_mention", "part_chains"]


def on_mention(side: str) -> bool:
    """Return whether a side of a verdict is a mention, not an entity."""
    return side.startswith("m-")


def judgements(
    chains: Sequence[Chain],
    decisions: Iterable[Decision],
    entity_of: Mapping[str, str],
    redirects: Mapping[str, str],
) -> Judgements:
    """Turn verdicts into constraints on chains by number.

    Args:
        chains: The chains to be linked; verdicts on others are passed over.
        decisions: The verdicts that hold.
        entity_of: The entity of each mention before this run.
        redirects: Where merged entity ids lead.
    """
    number: dict[str, int] = {}
    members: dict[str, set[int]] = defaultdict(set)
    for at, chain in enumerate(chains):
        for mention_id in chain.mention_ids:
            number[mention_id] = at
            if mention_id in entity_of:
                members[entity_of[mention_id]].add(at)
    same: list[tuple[int, int]] = []
    joined: list[tuple[int, int]] = []
    different: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    alone: set[int] = set()
    decisions = list(decisions)
    elsewhere = said_elsewhere(decisions, number, redirects)
    for decision in decisions:
        sides = decision.left, decision.right
        anchors = [
            {number[m]} if m in number else set() for m in (decision.left_mention, decision.right_mention)
        ]
        single = {
            at for side, anchor in zip(sides, anchors, strict=True) if on_mention(side) for at in anchor
        }
        if decision.verdict == Verdict.SAME and all(anchors):
            pair = min(anchors[0]), min(anchors[1])
            (same if single else joined).append(pair)
            alone |= single
        elif decision.verdict == Verdict.DIFFERENT:
            owners = [redirects.get(side, side) for side in sides]
            wholes = [
                set()
                if on_mention(owner)
                else {at for at in members[owner] if owner in elsewhere.get(at, {owner})}
                for owner in owners
            ]
            # Of an entity everything but the mention that is not it.
            left, right = (whole - single | anchor for whole, anchor in zip(wholes, anchors, strict=True))
            if left and right and not left & right:
                different.append((tuple(sorted(left)), tuple(sorted(right))))
                alone |= single
    return Judgements(tuple(same), tuple(joined), tuple(different), frozenset(alone))


def said_elsewhere(
    decisions: Iterable[Decision], number: Mapping[str, int], redirects: Mapping[str, str]
) -> dict[int, set[str]]:
    """Return the entities that chains (by number) belong to by verdicts on single mentions."""
    out: dict[int, set[str]] = defaultdict(set)
    for d in decisions:
        if d.verdict == Verdict.SAME:
            for mention, own, other in (
                (d.left_mention, d.left, d.right),
                (d.right_mention, d.right, d.left),
            ):
                if on_mention(own) and not on_mention(other) and mention in number:
                    out[number[mention]].add(redirects.get(other, other))
    return out


def part_chains(
    chains: Sequence[Chain],
    decisions: Iterable[Decision],
    surface_of: Mapping[str, str],
    entity_of: Mapping[str, str],
) -> list[Chain]:
    """Return chains with every mention taken out that a verdict says is not who the rest of its chain is.

    Args:
        chains: Chains as the articles tell.
        decisions: The verdicts that hold.
        surface_of: The spelling of each mention.
        entity_of: The entity of each mention before this run: a verdict may speak of the chain's own entity.
    """
    holder = {mention_id: chain for chain in chains for mention_id in chain.mention_ids}
    out = {chain.chain_id: chain for chain in chains}
    for decision in decisions:
        if decision.verdict != Verdict.DIFFERENT:
            continue
        sides = (decision.left, decision.left_mention), (decision.right, decision.right_mention)
        for (side, mention), (other, opposite) in (sides, sides[::-1]):
            chain = out.get(holder[mention].chain_id) if mention in holder else None
            if chain is None or not on_mention(side) or mention not in chain.mention_ids:
                continue
            rest = tuple(m for m in chain.mention_ids if m != mention)
            if opposite in rest or (not on_mention(other) and any(entity_of.get(m) == other for m in rest)):
                own = content_id("c", mention, "alone")
                out[chain.chain_id] = respelled(chain, rest, surface_of)
                out[own] = respelled(chain._replace(chain_id=own, rivals=()), (mention,), surface_of)
                break
    return list(out.values())


def respelled(chain: Chain, mention_ids: tuple[str, ...], surface_of: Mapping[str, str]) -> Chain:
    """Return a chain with some of its mentions, under the fullest name that these have."""
    counted = Counter(surface_of[m] for m in mention_ids)
    forms = tuple(sorted(counted, key=lambda form: (-counted[form], form)))
    name = (
        chain.name if chain.name in counted else max(forms, key=lambda form: (len(form.split()), len(form)))
    )
    rivals = tuple(rival for rival in chain.rivals if rival[0] in mention_ids)
    return chain._replace(name=name, forms=forms, mention_ids=mention_ids, rivals=rivals)


def chain_of_verdicts(decisions: Iterable[Decision], left: set[str], right: set[str]) -> list[Decision]:
    """Return the shortest row of "same" verdicts that leads from one side to the other, empty if there is none.

    Args:
        decisions: The verdicts that hold.
        left: All ids that stand for one side: entity, its former ids, mentions.
        right: The same for the other side.
    """
    edges: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
    for decision in decisions:
        if decision.verdict == Verdict.SAME:
            for a in {decision.left, decision.left_mention} - {""}:
                for b in {decision.right, decision.right_mention} - {""}:
                    edges[a].append((b, decision))
                    edges[b].append((a, decision))
    queue: deque[tuple[str, list[Decision]]] = deque((start, []) for start in sorted(left))
    seen = set(left)
    while queue:
        here, path = queue.popleft()
        if here in right and path:
            return path
        for there, decision in edges[here]:
            if there not in seen:
                seen.add(there)
                queue.append((there, [*path, decision]))
    return []


def broken(
    decisions: Sequence[Decision], before: Mapping[str, str], resolutions: Iterable[Resolution]
) -> list[Conflict]:
    """Return the verdicts that an outcome does not honour, each with the others that it clashes with.

    Args:
        decisions: The verdicts that hold.
        before: The entity of each mention before, for those that were not linked anew.
        resolutions: The new outcome.
    """
    entity_of = {**before, **{r.mention_id: r.entity_id for r in resolutions}}
    out = []
    for decision in decisions:
        left, right = entity_of.get(decision.left_mention), entity_of.get(decision.right_mention)
        if left is None or right is None or decision.verdict == Verdict.UNSURE:
            continue
        if (left == right) != (decision.verdict == Verdict.SAME):
            others = clashing(decisions, decision)
            listed = "; ".join(map(described, [decision, *others]))
            what = f"verdicts contradict each other: {listed}" if others else f"cannot be honoured: {listed}"
            undone = " or ".join(f"`resolver undo {d.decision_id}`" for d in (others or [decision])[-2:])
            ids = tuple(d.decision_id for d in [decision, *others])
            out.append(
                Conflict(decision.left, decision.right, f"{what}: take one back first ({undone})", ids)
            )
    return out


def clashing(decisions: Sequence[Decision], decision: Decision) -> list[Decision]:
    """Return the verdicts that together say the opposite of one."""
    left = {decision.left, decision.left_mention} - {""}
    right = {decision.right, decision.right_mention} - {""}
    if decision.verdict == Verdict.DIFFERENT:
        return chain_of_verdicts(decisions, left, right)
    for other in decisions:
        if other.verdict == Verdict.DIFFERENT:
            ends = [{other.left, other.left_mention} - {""}, {other.right, other.right_mention} - {""}]
            for a, b in (ends, ends[::-1]):
                here, there = left & a, right & b
                one = [] if here else chain_of_verdicts(decisions, left, a)
                two = [] if there else chain_of_verdicts(decisions, right, b)
                if (here or one) and (there or two):
                    return [d for d in dict.fromkeys([*one, other, *two]) if d is not decision]
    return []


def described(decision: Decision) -> str:
    """Return a verdict in words."""
    day = decision.decided_at[:10]
    return (
        f"{decision.decision_id} ({decision.left} {decision.verdict} {decision.right}, {decision.user} {day})"
    )
