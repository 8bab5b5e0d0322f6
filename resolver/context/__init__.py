"""What articles say around names: read it once per chain (`describe`), weigh it between two people (`evidence`).

Comes in: the text of one article and the mentions of its chains. Goes out: `model.Context` per chain, and for pairs
of chains or groups of chains, evidence in bits. Refuses to know: how names are spelled.
"""

from resolver.context.clues import Clue, Kin, Same, Signs
from resolver.context.describe import Surroundings
from resolver.context.evidence import ContextScorer, Profiles
from resolver.context.topics import Topics

__all__ = ["Clue", "ContextScorer", "Kin", "Profiles", "Same", "Signs", "Surroundings", "Topics"]
