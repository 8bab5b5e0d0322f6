"""Surface -> Name: fold, split into tokens, say what each token does.

Comes in: a spelling as it stands in the text. Goes out: `model.Name`, whose `folded` form is the key under which equal
names meet. Refuses to know: other names, scores.
"""

from __future__ import annotations

import re
import unicodedata

from resolver.model import Kind, Name, Role, Token
from resolver.romanise import latin, script_of

__all__ = ["fold", "parse_name"]

TITLES = frozenset(
    """mr mrs ms miss mister dr sir dame lord lady prof professor president vice minister prime premier senator sen rep
    representative congressman congresswoman governor gov mayor judge justice secretary general gen col colonel capt captain
    lt lieutenant maj major brig brigadier sgt sergeant adm admiral cmdr king queen prince princess emperor pope cardinal
    archbishop bishop father fr rev reverend rabbi imam ayatollah sheikh sheik shaikh sayyid hajj haji chancellor ambassador
    envoy coach saint st hon excellency he datuk datin dato shri smt adv
    m mm mme mmes mlle monsieur messieurs madame mademoiselle maitre abbe pere marechal colonel capitaine comte comtesse duc
    duchesse empereur imperatrice roi reine docteur depute prefet professeur feu sieur
    herr herrn frau graf grafin furst prinz konig kaiser prasident oberst feldmarschall freiherr abgeordneter abg
    don dona senor senora signor signora""".split()
)
AMBIGUOUS_TITLES = frozenset("general major judge king prince bishop pope lord saint st father don m he fr".split())
PARTICLES = frozenset(
    """al el ul as ash an ad ar bin ibn ben bint von van zu zum zur vom de da do di du del della der den des dos das la le lo
    los las y e ter te ten af av""".split()
)
GENERATIONS = {
    "jr": "jr", "junior": "jr", "jun": "jr", "sr": "sr", "senior": "sr", "sen": "sr",
    "ii": "ii", "iii": "iii", "iv": "iv", "fils": "jr", "pere": "sr",
}  # fmt: skip
KUNYA = frozenset("abu abou umm oum abi".split())
APOSTROPHES = re.compile(r"['’‘`´ʼʻ]")
POSSESSIVE = re.compile(r"(?<=\w)['’](?:s|S)?$")
SOFT = re.compile(r"[¬\u00ad]\s*\n?\s*")
OPENING = re.compile(r"[“\"«„(\[]([^”\"»)\]]{1,40})[”\"»)\]]")
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*\.?", re.UNICODE)
ORG_NOISE = frozenset("the inc ltd llc plc corp co company gmbh ag sa nv spa".split())


def fold(text: str) -> str:
    """Return text in lower case Latin letters without accents, apostrophes and punctuation; idempotent.

    Hyphens become spaces, hyphens at line ends that a printer set ("Poin¬") vanish.
    """
    plain = latin(unicodedata.normalize("NFKC", SOFT.sub("", text)))
    plain = APOSTROPHES.sub("", plain.casefold())
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain).split())


def parse_name(surface: str, kind: Kind = Kind.PER) -> Name:
    """Return a spelling as a name.

    Args:
        surface: As it stands in the text; may be empty, in any script.
        kind: Organisations and places have no roles: their tokens are all `SURNAME`.
    """
    script = script_of(surface)
    text = POSSESSIVE.sub("", SOFT.sub("", surface).strip())
    if kind != Kind.PER:
        words = fold(text).split()
        core = [w for w in words if w not in ORG_NOISE] or words
        return Name(surface, kind, " ".join(core), tuple(Token(w, Role.SURNAME) for w in core), script)
    nick = OPENING.findall(text)
    text = OPENING.sub(" ", text) if OPENING.sub("", text).strip() else text
    text, turned = turn(text)
    words = [(found.group(), fold(found.group())) for found in WORD.finditer(APOSTROPHES.sub("", text))]
    words = [(raw, word) for raw, word in words if word]
    tokens, words = take_titles(words)
    words, generation = take_generation(words)
    tokens += named(words, script, turned)
    tokens += [Token(fold(n), Role.NICK) for n in nick if fold(n)]
    tokens += [Token(g, Role.GENERATION) for g in generation]
    folded = " ".join(t.text for t in tokens if t.role not in (Role.TITLE, Role.NICK, Role.GENERATION))
    return Name(surface, kind, folded, tuple(tokens), script)


def turn(text: str) -> tuple[str, bool]:
    """Return "Surname, Given" as "Given Surname", and whether it was turned."""
    left, comma, right = text.partition(",")
    if not comma or not right.strip() or fold(right) in GENERATIONS:
        return text.replace(",", " "), False
    return f"{right} {left}", True


def take_titles(words: list[tuple[str, str]]) -> tuple[list[Token], list[tuple[str, str]]]:
    """Split titles off the front; the last word is never a title, nor is an ambiguous one before a single initial."""
    at = 0
    while at < len(words) - 1:
        raw, word = words[at]
        initial = len(word) == 1 and raw.isupper() and raw.endswith(".") and len(words) - at > 2
        if word not in TITLES or initial:
            break
        at += 1
    return [Token(word, Role.TITLE) for _, word in words[:at]], words[at:]


def take_generation(words: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """Split "Jr.", "Sr.", "II" off the end."""
    found = []
    while len(words) > 1 and words[-1][1] in GENERATIONS:
        found.append(GENERATIONS[words[-1][1]])
        words = words[:-1]
    return words, found


def named(words: list[tuple[str, str]], script: str, turned: bool) -> list[Token]:
    """Give roles to the words that carry identity, compounds such as "Marja-Leena" split at the hyphen."""
    flat = [(raw, part) for raw, word in words for part in word.split()]
    out: list[Token] = []
    last = len(flat) - 1
    for at, (raw, word) in enumerate(flat):
        if len(word) == 1 and script == "latin" and last > 0 and (raw.isupper() or raw.endswith(".")):
            role = Role.INITIAL
        elif word in KUNYA and at < last:
            role = Role.KUNYA
        elif at and out[-1].role == Role.KUNYA and out[-1].text in KUNYA:
            role = Role.KUNYA
        elif word in PARTICLES and at < last:
            role = Role.PARTICLE
        else:
            role = Role.SURNAME if at == last else Role.GIVEN
        out.append(Token(word, role))
    del turned  # the turned order is the usual one by now
    return out
