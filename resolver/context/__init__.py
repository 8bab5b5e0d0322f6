"""What articles say around names: read it once per chain (`describe`), weigh it between two people (`evidence`).

Comes in: the text of one article and the mentions of its chains. Goes out: `model.Context` per chain, and for pairs
of chains or groups of chains, evidence in bits. Refuses to know: how names are spelled.
"""

from resolver.context.describe import Surroundings
from resolver.context.evidence import TELLING, ContextScorer, Profiles, chain_features
from resolver.context.topics import Topics, Words, read_words

__all__ = [
    "TELLING",
    "ContextScorer",
    "Profiles",
    "Surroundings",
    "Topics",
    "Words",
    "chain_features",
    "read_words",
]
