"""Surface -> Name: fold, split into tokens, say what each token does.

Comes in: a spelling as it stands in the text. Goes out: `model.Name`, whose `folded` form is the key under which equal
names meet. Refuses to know: other names, scores.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from resolver.frequencies import NEVER, frequencies
from resolver.model import Kind, Name, Role, Token
from resolver.romanise import latin, respaced, script_of
from resolver.romanise.han import PINYIN

__all__ = [
    "COMPOUND",
    "GENERATIONS",
    "KUNYA",
    "LONGEST",
    "OFFICES",
    "PARTICLES",
    "POSTS",
    "TITLES",
    "TITLE_ARTICLES",
    "Word",
    "fold",
    "is_title",
    "opens_name",
    "parse_name",
    "respelled",
    "words_of",
]

LONGEST = (
    400  # characters of a surface that are looked at: the longest name of 115k people in Wikidata has 96
)

TITLES = frozenset(
    """mr mrs ms miss mister dr sir dame lord lady prof professor president vice minister prime premier
    senator sen rep representative congressman congresswoman governor gov mayor judge justice
    secretary general gen col colonel capt captain lt lieutenant maj major brig brigadier sgt
    sergeant adm admiral cmdr king queen prince princess emperor pope cardinal archbishop bishop
    father fr rev reverend rabbi imam ayatollah sheikh sheik shaikh sayyid hajj haji chancellor
    ambassador envoy coach saint st hon excellency he datuk datin dato shri smt adv m mm mme mmes
    mlle monsieur messieurs madame mademoiselle maitre abbe pere marechal colonel capitaine comte
    comtesse duc duchesse empereur imperatrice roi reine docteur depute prefet professeur feu sieur
    herr herrn frau graf grafin furst prinz konig kaiser prasident oberst feldmarschall freiherr
    abgeordneter abg don dona senor senora signor signora amiral monseigneur mgr vicomte marquise
    baronne ministre senateur commandant exc eminence altesse excellenz exz kanzler reichskanzler
    bundeskanzler bundeskanzlerin prasidentin prinzessin konigin grossherzog herzog erzherzog
    generaloberst generalleutnant oberstleutnant hauptmann leutnant burgermeister burgermeisterin
    presidente ministro ministra senador senadora diputado diputada gobernador senatore onorevole
    dott dottor dottoressa dra doktor mullah maulavi mawlawi molla qari hajji alhaj ayatullah
    hojjatoleslam maulana shaykh shaikha sheikha""".split()
)
OFFICES = frozenset(  # what a person is, after a comma
    """member deputy spokesman spokeswoman spokesperson director head chief leader author former ex of
    maire membre conseiller directeur directrice avocat ancien ancienne procureur redacteur chef
    burgermeister mitglied direktor rechtsanwalt minister ehemaliger leiter redakteur
    alcalde abogado director secretario sindaco deputato sottosegretario avvocato phd md qc kc mp
    esq esquire""".split()
)
POSTS = frozenset(  # that a place or an office may open: "London Mayor Sadiq Khan"
    """director mayor president minister secretary chancellor senator governor chairman chairwoman spokesman spokeswoman
    ambassador commissioner premier chief leader""".split()
)
TITLE_ARTICLES = frozenset("le la les l der die el il lo".split())  # "M. le général"
SERVANT = frozenset(  # "Abd al-Rahman" is one name
    "abd abdul abdel abdal abdol abdil abdu abdoul abdur abdus abdun abdud abdut abder".split()
)
RELIGION = frozenset("din deen eddin eddine uddin uddine aldin eldin aldeen eldeen".split())
PARTICLES = frozenset(
    """al el ul as ash an ad ar bin ibn ben bint von van zu zum zur vom de da do di du del della der den
    des dos das la le lo los las y e ter te ten af av""".split()
)
# Particles that are given names as well, and how often the word behind must be a surname in the list of frequencies:
# "Ben Miller", "Van Jones", but "Ben Ali", "Van Dyke".
GIVEN_TOO = {"ben": 2, "van": 20}
GENERATIONS = {
    "jr": "jr", "junior": "jr", "jun": "jr", "sr": "sr", "senior": "sr", "sen": "sr",
    "fils": "jr", "pere": "sr", "aine": "sr",
    **{n: n for n in "ii iii iv vii viii ix xii xiii xiv xv xvi xvii xviii xix".split()},
}  # fmt: skip
KUNYA = frozenset("abu abou umm oum abi".split())
ARABIC_ARTICLES = frozenset("al el ul ol ar ur er as us es ash an un ad ud ed az at".split())
LEADING = PARTICLES | KUNYA | SERVANT | frozenset(("d", "l"))  # words that open a name in small letters
COMPOUND = SERVANT | RELIGION  # words that become one with a neighbour
GLUED_SERVANT = re.compile(r"abd(?:ou|[aeiou])(?:l(?=[aeiou]..)|l?([bcdfghjkmnpqrstvwxyz])\1?(?=[a-z]..))")
GLUED_RELIGION = re.compile(r"(?<=[a-z]{3})(?:[aeo]l|[aeu]d|ou?d)d(?:ine?|een)$")
APOSTROPHES = re.compile(r"['’‘`´ʼʻ]")
POSSESSIVE = re.compile(r"(?<=\w)['’](?:s|S)?$")
SOFT = re.compile(r"[¬\u00ad]\s*\n?\s*|(?<=[a-zß-öø-ÿ])--(?=[a-zß-öø-ÿ])")
SMALL = re.compile(r"[a-zß-öø-ÿ]")
ADDED = re.compile(rf"\s*,\s*(?={SMALL.pattern})")
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


class Word(NamedTuple):
    """A run of letters of a text, and its folded form (in several parts if it has hyphens)."""

    raw: str
    folded: str

    @property
    def dotted(self) -> bool:
        """Whether it is an initial with its full stop, as in "M. Dupont"."""
        return len(self.folded) == 1 and self.raw.isupper() and self.raw.endswith(".")

    @property
    def letter(self) -> bool:
        """Whether its single letters stand for longer names."""
        return self.raw.isupper() or self.raw.endswith(".")


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order; what folds to nothing is left out."""
    found = (Word(match.group(), fold(match.group())) for match in WORD.finditer(APOSTROPHES.sub("", text)))
    return [word for word in found if word.folded]


def is_title(folded: str) -> bool:
    """Whether a folded word is a title, rank or form of address when it stands before a name."""
    return folded in TITLES


def parse_name(surface: str, kind: Kind = Kind.PER) -> Name:
    """Return a spelling as a name.

    Args:
        surface: As it stands in the text; may be empty, in any script. What lies beyond `LONGEST` characters is not
            looked at.
        kind: Organisations and places have no roles: their tokens are all `SURNAME`.
    """
    text = surface if len(surface) <= LONGEST else surface[:LONGEST]
    script = script_of(text)
    text = respaced(POSSESSIVE.sub("", SOFT.sub("", text).strip()))
    if kind != Kind.PER:
        parts = fold(text).split()
        plain = [part for part in parts if part not in ORG_NOISE] or parts
        return Name(
            surface, kind, " ".join(plain), tuple(Token(part, Role.SURNAME) for part in plain), script
        )
    nick = [folded for folded in map(fold, OPENING.findall(text)) if folded]
    bare = undescribed(OPENING.sub(" ", text)) if script == "latin" else OPENING.sub(" ", text)
    words = words_of(turn(bare)) or words_of(turn(text))
    titles, rest = take_titles(words)
    core, generation = take_generation(rest)
    named_tokens = named(core, script)
    tokens = [
        *(Token(title, Role.TITLE) for title in titles),
        *named_tokens,
        *(Token(name, Role.NICK) for name in nick),
        *(Token(name, Role.GENERATION) for name in generation),
    ]
    return Name(surface, kind, " ".join(token.text for token in named_tokens), tuple(tokens), script)


def undescribed(text: str) -> str:
    """Return a name without what a text says of its bearer in small letters before it and behind a comma.

    "pauvre et cher ami Victor Noir", "Jules Siegfried, doyen d'âge"; titles and particles stay.
    """
    words = text.split()
    first = next((at for at, word in enumerate(words) if not SMALL.match(word)), 0)
    if not words or not (words[first][:1].isupper() and words[first][:1].isalpha()):
        return text
    small = [fold(word) for word in words[:first]]
    led = next((at for at in range(first, 0, -1) if small[at - 1] not in LEADING), 0)
    kept = [word for at, word in enumerate(words[:first]) if at >= led or is_title(small[at])]
    if len(kept) < first:
        text = " ".join((*kept, *words[first:]))
    added = ADDED.search(text)
    if added and added.start():
        said = fold(text[added.end() :]).split()[:1]
        if not said or not (said[0] in LEADING or said[0] in GENERATIONS):
            return text[: added.start()]
    return text


def turn(text: str) -> str:
    """Return "Surname, Given" as "Given Surname"; a comma before "Jr." turns nothing, an office goes."""
    left, comma, right = text.partition(",")
    if not comma or not right.strip() or fold(right) in GENERATIONS:
        return text.replace(",", " ")
    right, _, end = (
        right.rpartition(",") if fold(right.rpartition(",")[2]) in GENERATIONS else (right, "", "")
    )
    said = fold(right).split()
    if said and is_office(said):
        return left
    return f"{right} {left} {end}".replace(",", " ")


def is_office(said: Sequence[str]) -> bool:
    """Whether folded words say what somebody is: "ministre de la guerre", "le maire", "MP"."""
    first = next((word for word in said if word not in TITLE_ARTICLES), "")
    return first in OFFICES or (first in TITLES and len(first) > 2)


def take_titles(words: Sequence[Word]) -> tuple[list[str], Sequence[Word]]:
    """Split titles off the front; the last word is never a title, nor is a dotted initial before two more words.

    An article between two titles goes with them ("M. le général"), so does "S." before "Exc.", and what stands before a
    post ("London Mayor") where two words or more follow.
    """
    at = 0
    while at < len(words) - 1:
        word, following = words[at], words[at + 1].folded
        linked = is_title(following) and at + 2 < len(words)
        opens = linked and word.folded == "s" and word.dotted and following in ("exc", "em", "exz")
        if linked and at and word.folded in TITLE_ARTICLES:
            at += 1
            continue
        before_article = (
            at + 3 < len(words) and following in TITLE_ARTICLES and is_title(words[at + 2].folded)
        )
        initial = word.dotted and len(words) - at > 2 and not before_article
        if not opens and (not is_title(word.folded) or initial):
            break
        at += 1
    for post in range(min(at + 4, len(words) - 3), at - 1, -1):
        if words[post].folded in POSTS:
            at = post + 3 if words[post + 1].folded == "of" and post + 4 < len(words) else post + 1
            break
    return [word.folded for word in words[:at]], words[at:]


def take_generation(words: Sequence[Word]) -> tuple[Sequence[Word], list[str]]:
    """Split "Jr.", "Sr.", "II" off the end."""
    found = []
    while len(words) > 1 and words[-1].folded in GENERATIONS:
        found.append(GENERATIONS[words[-1].folded])
        words = words[:-1]
    return words, found


def respelled(part: str) -> str:
    """Return a folded part in its normal form: one for "abderrahman" and "noureddine", Pinyin for "hsiao"."""
    if len(part) < 7:
        return PINYIN.get(part, part)
    if part.startswith("abd"):
        return GLUED_SERVANT.sub(lambda found: f"abdul{found[1] or ''}", part, count=1)
    if part.endswith(("din", "dine", "deen")):
        return GLUED_RELIGION.sub("uddin", part)
    return part


def joined(parts: Sequence[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Write "Abd al-Rahman" and "Nur al-Din" as one part each, as they are one name."""
    out: list[tuple[bool, str]] = []
    at = 0
    while at < len(parts):
        letter, part = parts[at]
        after = at + 1
        while after < len(parts) - 1 and parts[after][1] in ARABIC_ARTICLES:
            after += 1
        if part in SERVANT and after < len(parts) and not parts[after][0]:
            whole = "abdullah" if parts[after][1] in ("allah", "ullah", "lah") else f"abdul{parts[after][1]}"
            out.append((False, whole))
            at = after + 1
        elif (
            part in RELIGION
            and out
            and out[-1][1] in ARABIC_ARTICLES
            and len(out) > 1
            and len(out[-2][1]) > 2
        ):
            out[-2:] = [(False, f"{out[-2][1]}uddin")]
            at += 1
        elif part in RELIGION and out and len(out[-1][1]) > 2:
            out[-1:] = [(False, f"{out[-1][1]}uddin")]
            at += 1
        else:
            out.append((letter, respelled(part)))
            at += 1
    return out


def named(words: Sequence[Word], script: str) -> list[Token]:
    """Give roles to the words that carry identity, compounds such as "Marja-Leena" split at the hyphen.

    The surname is the last word that is spelled out: "Rakitin D." has it in front.
    """
    flat = joined([(word.letter and len(part) == 1, part) for word in words for part in word.folded.split()])
    out: list[Token] = []
    last = len(flat) - 1
    initial = [letter and script == "latin" and last > 0 for letter, _ in flat]
    spelled = max((at for at in range(last + 1) if not initial[at]), default=last)
    for at, (_, part) in enumerate(flat):
        if initial[at]:
            role = Role.INITIAL
        elif part in KUNYA and at < last:
            role = Role.KUNYA
        elif part in PARTICLES and at < last:
            role = Role.PARTICLE
        elif out and out[-1].role == Role.KUNYA and out[-1].text in KUNYA:
            role = Role.KUNYA
        else:
            role = Role.SURNAME if at == spelled else Role.GIVEN
        out.append(Token(part, role))
    if len(out) == 2 and out[0].role == Role.PARTICLE and opens_name(out[0].text, out[1].text):
        out[0] = Token(out[0].text, Role.GIVEN)
    return out


def opens_name(particle: str, word: str) -> bool:
    """Whether a particle is the given name of a name of two words: the other is mostly a surname, and often."""
    given, surname = frequencies().get(word, NEVER)
    return particle in GIVEN_TOO and surname >= GIVEN_TOO[particle] and surname > 2 * given
