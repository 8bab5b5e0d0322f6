"""What articles say around names: read it once per chain (`describe`), measure it between two people (`evidence`).

Comes in: the text of one article and the mentions of its chains. Goes out: `model.Context` per chain, and for pairs
of chains or groups of chains, measures and the learned tables that turn them into bits. Refuses to know: how names are
spelled.
"""

from resolver.context.background import background
from resolver.context.clues import Clue, Kin, Same, Signs
from resolver.context.describe import Surroundings
from resolver.context.evidence import FAMILIES, TELLING, TOLD_BY, Profiles, chain_features
from resolver.context.tables import Calibration, Model, Slopes, Tables, load_model, model_of
from resolver.context.topics import FEW_ARTICLES, SHARED_WEIGHT, Topics, Words, read_words

__all__ = [
    "FAMILIES",
    "FEW_ARTICLES",
    "SHARED_WEIGHT",
    "TELLING",
    "TOLD_BY",
    "Calibration",
    "Clue",
    "Kin",
    "Model",
    "Profiles",
    "Same",
    "Signs",
    "Slopes",
    "Surroundings",
    "Tables",
    "Topics",
    "Words",
    "background",
    "chain_features",
    "load_model",
    "model_of",
    "read_words",
]
