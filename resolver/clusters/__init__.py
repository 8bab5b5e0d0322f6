"""Scored pairs and decisions -> clusters: one cluster for each person, organisation or place.

    units      chains of one name, split where the name is too common to carry identity alone
    claims     how many people bear a name, and in how many stories
    weights    name and context evidence added up, and the hard limits
    linkage    average linkage inside connected components, under cannot-link
    stories    clusters of one story matched with each other, so that a mangled name finds its bearer
    nearby     the same where only some clusters are open to change
    owners     which bare names stand open, and who owns those left over
    bodies     short names of organisations find the one that they stand for
    attach     without context: weak names (one token, initials) find their owner, or stay ambiguous; they never bridge

Refuses to know: text, files, the store.
"""

from resolver.clusters.attach import Attachment, attach_weak
from resolver.clusters.bodies import short_names
from resolver.clusters.linkage import Constraints, Linkage, batches, link
from resolver.clusters.nearby import NearbyMatcher
from resolver.clusters.owners import Owners, Pairs
from resolver.clusters.stories import Match, StoryMatcher
from resolver.clusters.units import NameGroup, Unit, group_by_name, split_groups
from resolver.clusters.weights import Weights

__all__ = [
    "Attachment",
    "Constraints",
    "Linkage",
    "Match",
    "NameGroup",
    "NearbyMatcher",
    "Owners",
    "Pairs",
    "StoryMatcher",
    "Unit",
    "Weights",
    "attach_weak",
    "batches",
    "group_by_name",
    "link",
    "short_names",
    "split_groups",
]
