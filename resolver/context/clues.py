"""Read what stands directly around the names of one article: how they are introduced, contrasted and equated.

Comes in: the text and its mentions of people. Goes out: a `Clue` per mention, and pairs of mentions that the text
calls kin or the same person. Refuses to know: how names are spelled.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from resolver.context.lexicon import COURTESY, HONORIFICS, gender_cues, kin_words, plain, role_gender, roles
from resolver.model import Mention
from resolver.names import is_title

__all__ = ["Clue", "Kin", "Same", "Signs"]

HEAD = 64  # characters before a name in which it is introduced: "her husband's late half-brother, Lt. Gen. "
TAIL = 90  # characters behind it: ", as even her oldest adversaries in the north call her"
BYLINE_LENGTH = 240  # characters of a line that names who wrote the text
BYLINE = re.compile(
    r"\W*(?:(?i:(?:additional |writing and )?(?:reporting|writing|editing|text|words|photos?) by )"
    r"|(?:B[Yy]|by|Par|Von|—) (?=[A-ZÀ-Þ](?:[^,.\n]|(?<=\b[A-ZÀ-Þ])\.){4,60}$))"
)
BETWEEN = 170  # characters between two names in one statement of kinship or identity

YOUNGER = "younger junior jr son fils cadet jungere".split()
ELDER = "elder older senior sr father pere aine altere".split()
AGE_BEHIND = re.compile(
    r"\s+(?:(?:the|le|la|der|die|den)\s+(younger|elder|older|father|son|jüngere|ältere|cadet|aîné)|(junior|senior))\b"
    r"(?!\s+(?:of|from|minister|partner|executive|official|adviser|doctor|vice)\b)",
    re.IGNORECASE,
)
AGE_BEFORE = re.compile(r"\b(?:the\s+)?(younger|elder|older)\s+(?:(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+)?$")
OTHER = re.compile(
    r"(?:\b|(?=,))(?:(?:the|an?)\s+(?:other|wrong|second|different)|another|autre|anderer?|namesake"
    r"|,\s+also|likewise|(?:also|likewise)\s+(?:is\s+|was\s+)?(?:called|named)"
    r"|of\s+(?:the\s+same|that|this)\s+(?:sur)?name|name\s+(?:is|was)\s+also),?\s+$",
    re.IGNORECASE,
)
THE_OTHER = re.compile(r"\bthe\s+(?:other|wrong|second)\s+$", re.IGNORECASE)
AS_WELL = re.compile(r"\s+(?:as\s+well|too)\b")
NO_ATTRIBUTE = re.compile(  # not "another Trump rally"
    r"\s*(?:$|[^\w\s]|(?:who|of|to|from|in|and|is|was|had|has|said|says|at|on|will|would|works?|worked|lives?|lived|runs?"
    r"|plays?|played|came|went|serves?|served|teaches|taught)\b)"
)
NAMED = re.compile(r"\b(?:called|named|by\s+the\s+name\s+of|name(?:ns|d))\s+$")
ONE_OF_NAME = re.compile(r"(?:^|[^\w’'-])(?:an?|one|a\s+certain)\s+$", re.IGNORECASE)
SOME_RELATIVE = re.compile(
    r"(?:^|[^\w’'-])(?:an?|une?|eine?)\s+(?:[\w-]+\s+){0,2}[\w-]+\s*,?\s+$", re.IGNORECASE
)
AGED = re.compile(r"\s*[,(]\s*(\d{1,3})\s*[,.)]")
BELONGS = re.compile(
    r"\s*,?\s+(?:of|from|de|aus|von|in)\s+(?:the\s+)?([A-ZÀ-Þ][\w’'-]+)|\s*\(([^()\d]{2,30})\)"
)
NAMESAKE = re.compile(
    r"\b(?:namesakes?|same\s+(?:\w+\s+)?(?:names?|initials?)|(?:similarity|coincidence)\s+of\s+(?:the\s+)?(?:names?|initials?)"
    r"|(?:(?:mis)?taken|(?:mis)?took\s+(?:him|her|them))\s+for|confus\w+\s+with|mixed\s+up\s+with|no\s+relation|(?:not|un)\s*related\s+to"
    r"|shares?\s+(?:a|the|his|her|its|their)\s+name|not\s+the\s+(?:same|one)|homonymes?|m[êe]me\s+nom"
    r"|(?:whose\s+)?(?:sur)?name\s+is\s+also|(?:is|was|are)\s+also\s+(?:called|named)|also\s+(?:is|was)\s+(?:called|named)|not\s+same\s+person"
    r"|common\s+name|likewise\s+(?:called|named)|of\s+(?:that|this)\s+(?:sur)?name|reads?\s+the\s+same|(?:one|two)\s+of\s+the\s+names?"
    r"|two\s+(?:\w+\s+)?(?:called|named)|(?:bears?|bore|ha[ds]|have|shared?|sharing)\s+(?:one|a|the)\s+(?:same\s+|single\s+)?name"
    r"|the\s+same\s+(?:man|woman|person|lady|gentleman|fellow)|is(?:\s+not|n['’]t)\s+the\s+\w+\s+(?:who|of)"
    r"|bears?\s+(?:exactly\s+)?(?:the|his|her)\s+[^.;,]{0,20}?\bname"
    r"|Namensvetter\w*|gleichen\s+Namens|verwechsel\w+)\b",
    re.IGNORECASE,
)
SELF = re.compile(r"\s+(himself|herself)\b")
THIS_ONE = re.compile(r"(?:^|[^\w’'-])(?:the|our|your)\s+$", re.IGNORECASE)
OWNED = re.compile(r"\b([A-ZÀ-Þ][\w.]+)['’]s\s+$")
DESCRIBED = re.compile(r"\s+(?:the|der|die|le|la)\s+([^\W\d_]+)\b(?!['’])")
NO_NOUNS = frozenset("next other same following previous first second last very only most more".split())
DESCRIPTION = re.compile(
    r"\s*,\s*(?:\d+\s*,\s*)?(?:an?|the|une?|le|la|eine?|der|die)\s+((?:[\w-]+\s?){1,3})(?!['’])\b"
)
NEWCOMER = re.compile(
    r"\b(?:An?|Une?|Eine?)\s+[^.;:!?,]{3,50},\s*$", re.IGNORECASE
)  # "A spokeswoman for the port, "
CALLED_ONE = re.compile(
    r"\b(?:an?|one)\s+[^.;:!?,]{3,50}\s(?:called|named|by\s+the\s+name\s+of)\s+$", re.IGNORECASE
)
DESCRIBED_KIN = re.compile(r"\s*,\s*(?:the\s+)?[\w-]+['’]s\s+(?:[\w-]+\s+){0,2}?([\w-]+)\b(?!['’])")
TOGETHER = re.compile(
    r"\s+(?:and|or|nor|et|und|&|met|meets?|told|beat|defeated|asked|succeed(?:s|ed)|replace[sd]|married|divorced|accused|sued"
    r"|against|versus|vs\.?|v\.?|with|by|from|to|than)\s+(?:his|her|their)?\s*"
    r"(?-i:(?:[A-ZÀ-Þ][\w.-]+\s+){0,3})",
    re.IGNORECASE,
)
OWN_PLACE = re.compile(
    r"\s+(?:of|from|de|aus|von)\s+(?:the\s+)?[A-ZÀ-Þ]|\s*,\s+(?!and\b|et\b|und\b)[^.;]{3,}"
)
PRESENTED = re.compile(
    r"\s*,\s*(?:\d{1,3}\s*[,.]|(?:who|whose|the|an?|one\s+of|qui|le|la|une?|der|die|das|eine?)\s)"
    r"|\s*\(\s*\d{1,3}\s*\)"
)

POSSESSIVE = (
    r"(?P<pronoun>his|her|their|its|my|our|your|whose|son|sa|ses|leurs?|seine?[mnrs]?|ihre?[mnrs]?)"
    r"|[^\s.,;]+['’]s?"
)
KIN_WORD = r"\s+(?:[\w-]+\s+){0,3}?(?P<kin>[^\W\d_]+(?:-[^\W\d_]+)*)(?:\s+and\s+[\w-]+)?\s*,?\s*[“\"]?$"
KIN_OWNED = re.compile(rf"^['’]s?{KIN_WORD}", re.IGNORECASE)
KIN_BEFORE = re.compile(rf"(?:^|[^\w’'])(?:{POSSESSIVE}|an?|une?|eine?){KIN_WORD}", re.IGNORECASE)
KIN_OPENS = re.compile(r"(?:^|[.!?;:*•]\s+)(?P<kin>[^\W\d_]+),\s+$")  # "Brother, Hamid, was there"
OWNED_BY = re.compile(r"(?:^|[^\w’'])(?:his|her)\s+(?:[\w-]+\s+){0,2}?([\w-]+)\s*,?\s+$", re.IGNORECASE)
OTHERS = frozenset(
    "friend colleague rival opponent neighbour neighbor classmate teammate companion client ally mate".split()
)
KIN_OF = re.compile(
    r"\b([^\W\d_]+(?:-[^\W\d_]+)*)\s+(?:of|to|de|du|des|von|der)\b|\b([^\W\d_]+)\s+d['’]", re.IGNORECASE
)

OWN_NAME = r"(?:his|her|the|their)\s+(?:[\w-]+\s+)?name"
PARTICIPLES = (
    r"known\s+as|called|nicknamed|born|née|nee|né|alias|a\.?k\.?a\.?|dite?|genannt|geb\.|geborene?r?|real\s+name"
    r"|formerly|previously"
)
ACTS = (
    r"publish(?:es|ed|ing)|writes|writing|sings|singing|perform(?:s|ing)|sign(?:s|ing)|records|recording|acts|acting|raps"
    r"|rapping|paints|painting|credited|billed|registered|listed|styled|reborn|(?:came|come|comes|went)\s+back"
)
SAME_WORDS = (
    r"[,(]?\s*(?:[^.;!?\n]{0,60}?\b)?known\b[^.;!?\n]{0,45}?\bas\s+(?:(?:simply|just|plain)\s+)?",
    rf"[,(]?\s*(?:[^.;!?\n]{{0,120}}?\b)?(?:{ACTS})\s+as\s+",
    r"[,(]?\s*(?:who|whom)\s[^.;!?,\n]{0,50}?\b(?:calls?|called|nicknamed?|dubbed|know|knew)\s+(?:(?:simply|just)\s+)?",
    rf"(?:[,(]\s*(?:who\s+was\s+)?|(?:who\s+)?was\s+)(?:(?:also|better|once|sometimes)\s+)?(?:{PARTICIPLES})\s+",
    rf"[,(]?\s*(?:[^.;!?\n]{{0,60}}?\s)?under\s+{OWN_NAME}\s*[,(]?\s*(?:of\s+)?",
    r",?\s*(?:who\s+is\s+|is\s+|was\s+)?the\s+(?:pen|stage)[\s-]name\s+(?:of|for)\s+",
    r",?\s*whose\s+(?:real|full|true|legal|birth|maiden|stage|pen)\s+name\s+(?:is|was)\s+",
    r",\s*who\s+(?:is|was)\s+(?:once\s+|then\s+|born\s+|really\s+)?",
    (
        r",\s*who\s+(?:revealed|admitted|confirmed|disclosed)\s[^.;,\n]{0,40}\bthat\s+(?:he|she)\s+(?:is|was)\s+(?:the\s+)?"
        r"(?:[\w-]+\s+){0,3}"
    ),
)
SAME_BETWEEN = re.compile(rf"^\s*(?:{'|'.join(SAME_WORDS)})[\"“„«‘']?\s*$", re.IGNORECASE)
SENTENCE_STOP = re.compile(r"[.!?]\s+[^\W\d_a-z]|[;:\n]")
FIRST_PERSON = frozenset("my our your".split())
COPULA = re.compile(r"\s+(?:is|was)\s+(?:really\s+|actually\s+|in\s+fact\s+)?")
OPENS = re.compile(r"(?:^|[.!?:\n—–“\"])\s*$")
BRACKETS = re.compile(r"\s*[(\[]\s*$")
NAMED_SO = re.compile(r"\bname\s*[(\[]\s*$|\b(?:née|nee|born|formerly)\s*$", re.IGNORECASE)
TO_FRIENDS = re.compile(
    r"\s+(?:to|for|among|in|pour|für)\s+(?:his|her|their|its|those|friends?|family|readers?|fans|everyone|everybody|all|most|the|ses|seine)\b"
    r"[^.;,!?\n]{0,45}[.,;:!?]"
)
AS_CALLED = re.compile(
    r"\s*,?\s+as\s+[^.;!?\n]{0,45}?\b(?:known|calls?|called|writes?|knows?|knew|insists?|likes?|prefers?|signs?|styles|nicknamed|spells?)\b",
    re.IGNORECASE,
)
CALLED_SO = re.compile(
    r"\b(?:calls?|called|calling|nicknamed|dubbed|named|address(?:ed)?)\s+(?P<whom>him|her|himself|herself)\s+(?:simply\s+|just\s+|only\s+)?[\"“‘']?$",
    re.IGNORECASE,
)

BORN_SO = re.compile(r"(?:^|[.!?]\s+)(?:Born|Née|Nee|Né)\s+$")


SO_CALLED = re.compile(
    r"\b(?:who|whom|he|she|they|him|her|it|everyone|everybody|people)\s[^.;!?,]{0,40}?\b(?:calls?|called|nicknamed|dubbed|known(?:\s[\w\s]{0,30})?\s+as)\s+[\"“‘']?$",
    re.IGNORECASE,
)


DATELINE = re.compile(  # "Washington (AFP) – ", "KARACHI — "
    r"(?:[A-ZÀ-Þ][\w.]+[ ,]+){0,4}\([A-Z][\w. ]{1,15}\)\s*[-–—]\s"
    r"|(?<!\S)[A-ZÀ-Þ]{4,}(?:[ ,]+[A-ZÀ-Þ.]{2,}){0,3}\s*[—–-]\s"
)
DATELINE_CHARACTERS = 400  # from the start of a text, in which the dateline stands


class Clue(NamedTuple):
    """What stands directly around one mention.

    Attributes:
        gender: "m", "f" or "" by a title or kinship word before the name.
        titles: Titles before it in their normal form, none of courtesy ("Mr").
        courteous: Whether "Mr", "Mme" or the like stands before it.
        generation: "jr", "sr" or "" by "the younger", "the father" beside the name.
        other: Whether it is "the other X".
        described: The role in "X the broker", or "".
        kin: The kinship word that introduces it, or "".
        alias: Whether the text says that somebody is called so ("X, as they call him").
        introduced: Whether a comma or a place follows, perhaps with a description.
        presented: Whether a description or an age follows for sure.
        headline: Whether it stands in the headline.
    """

    gender: str = ""
    titles: frozenset[str] = frozenset()
    courteous: bool = False
    generation: str = ""
    other: bool = False
    described: str = ""
    kin: str = ""
    alias: bool = False
    introduced: bool = False
    presented: bool = False
    headline: bool = False


class Kin(NamedTuple):
    """Two mentions (numbers) of different people: `right` is the `word` of `left`, the younger ("jr") or the elder."""

    left: int
    right: int
    word: str
    generation: str = ""


class Same(NamedTuple):
    """Two mentions (numbers) that the text equates; `left` None is whom "her" (`gender`) or "Born" refers to."""

    left: int | None
    right: int
    gender: str = ""


class Signs:
    """The clues of the people in one article.

    Args:
        text: The article's text.
        people: Its mentions of people in order.

    Attributes:
        clues: One `Clue` for each mention.
        kin: Pairs that are kin.
        same: Pairs that are equated.
        together: Pairs that one sentence joins as two people ("X and Y", "X told Y").
        owned: A mention before "his" or "her" and whom that introduces ("His lawyer, Y"): two people.
    """

    def __init__(self, text: str, people: Sequence[Mention]) -> None:
        self.text = text
        self.people = people
        self.number = {(m.start, m.end): number for number, m in enumerate(people)}
        self.headline = headline_end(text)
        self.kin: list[Kin] = []
        self.same: list[Same] = []
        self.together = [
            (number - 1, number)
            for number in range(1, len(people))
            if TOGETHER.fullmatch(text, people[number - 1].end, people[number].start)
        ]
        self.owned: list[tuple[int, int]] = []
        self._spoke = self._speakers()
        self.clues = [self._clue(number) for number in range(len(people))]
        self.namesakes = [found.start() for found in NAMESAKE.finditer(text)]

    def _speakers(self) -> dict[int, int]:
        """Return for each mention that opens a line as the speaker ("MOSS: I did", "MRS. MOSS: I too") the first so."""
        first: dict[str, int] = {}
        out: dict[int, int] = {}
        for number, mention in enumerate(self.people):
            titles = self.head(number).split()
            if self.text.startswith(":", mention.end) and all(
                is_title(plain(word).strip(".,")) for word in titles
            ):
                out[number] = first.setdefault(" ".join((*titles, mention.surface)), number)
        return out

    def initialled(self, mention: Mention) -> bool:
        """Whether "M." opens a name as an initial: in English it does, in French it is Monsieur."""
        return mention.surface.startswith("M. ") and " the " in self.text

    def head(self, number: int) -> str:
        """Return the text before a mention, back to the mention before it or the start of the paragraph."""
        start = self.people[number].start
        low = max(0, start - HEAD, self.people[number - 1].end if number else 0)
        return self.text[low:start].rpartition("\n")[2]

    def tail(self, number: int) -> str:
        """Return the text behind a mention as far as the next one."""
        end = self.people[number].end
        high = self.people[number + 1].start if number + 1 < len(self.people) else len(self.text)
        return self.text[end : min(high, end + TAIL)].partition("\n")[0]

    def byline(self, number: int) -> bool:
        """Whether a mention is who wrote the text: "By X" on a line of its own, "(Reporting by X; editing by Y)"."""
        start, end = self.people[number].start, self.people[number].end
        low = self.text.rfind("\n", 0, start) + 1
        high = self.text.find("\n", end)
        high = len(self.text) if high < 0 else high
        return high - low <= BYLINE_LENGTH and bool(BYLINE.match(self.text, low, high))

    def newcomer(self, number: int) -> bool:
        """Whether a full name is somebody of whom the article has not spoken: "a Tom Lee who", "A clerk, T. Lee, "."""
        head, tail = self.head(number), self.tail(number)
        if ONE_OF_NAME.search(head):
            return bool(NO_ATTRIBUTE.match(tail))
        return bool(CALLED_ONE.search(head)) or (bool(NEWCOMER.search(head)) and tail.startswith(","))

    def some_relative(self, number: int) -> bool:
        """Whether a mention is introduced as a relative of whom the article has not spoken: "a niece, Dora"."""
        return bool(self.clues[number].kin) and bool(SOME_RELATIVE.search(self.head(number)))

    def age(self, number: int) -> int:
        """Return the age behind a mention, 0 if there is none."""
        found = AGED.match(self.tail(number))
        return int(found.group(1)) if found else 0

    def marks(self, number: int) -> frozenset[str]:
        """Return what else beside a mention tells its bearer from a namesake: "of Leeds", "(Porto)", Mr, "our X"."""
        head = self.head(number)
        found = BELONGS.match(self.tail(number))
        out = {f"of {found.group(1) or found.group(2)}"} if found else set()
        if (noun := DESCRIBED.match(self.tail(number))) and noun.group(1) not in NO_NOUNS:
            out.add(f"the {noun.group(1)}")
        if owner := OWNED.search(head):
            out.add(f"of {owner.group(1)}")
        if THIS_ONE.search(head):
            out.add("this one")
        if self.clues[number].courteous:
            out.add("courteous")
        if NAMED.search(head):
            out.add("named")
        return frozenset(out)

    def contrasted(self, number: int) -> bool:
        """Whether the text near a mention speaks of namesakes."""
        start, end = self.people[number].start, self.people[number].end
        at = bisect_left(self.namesakes, start - 220)
        return at < len(self.namesakes) and self.namesakes[at] < end + 160

    def _clue(self, number: int) -> Clue:
        mention = self.people[number]
        head, tail = self.head(number), self.tail(number)
        inside = "" if self.initialled(mention) else leading_titles(mention.surface)
        titles, courteous, gender = title_run(head + inside)
        age = AGE_BEHIND.match(tail)
        generation = generation_of((age.group(1) or age.group(2)) if age else "")
        if not generation and (age := AGE_BEFORE.search(head)):
            generation = generation_of(age.group(1))
        described = DESCRIBED.match(tail)
        role = roles().forms.get((plain(described.group(1)),), "") if described else ""
        kin = self._kin(number, head)
        self._same(number, head, tail)
        if kin:
            titles -= {kin}
        elif number and (owned := OWNED_BY.search(head)) and stands_for_someone(owned.group(1)):
            self.owned.append((number - 1, number))
        return Clue(
            gender=gender
            or (kin_words()[kin][0] if kin else "")
            or role_sex(head)
            or described_sex(tail)
            or own_sex(tail),
            titles=titles,
            courteous=courteous,
            generation=generation,
            other=self._other(mention, head, tail),
            described=role,
            kin=kin,
            alias=bool(AS_CALLED.match(tail) or CALLED_SO.search(head) or SO_CALLED.search(head)),
            introduced=bool(OWN_PLACE.match(tail)),
            presented=bool(PRESENTED.match(tail) or NEWCOMER.search(head)),
            headline=mention.end <= self.headline,
        )

    @staticmethod
    def _other(mention: Mention, head: str, tail: str) -> bool:
        """Whether a mention is "the other X", "also called X" or "called X as well"."""
        if NAMED.search(head) and AS_WELL.match(tail):
            return True
        full = " " in mention.surface and THE_OTHER.search(head)
        return bool(full or (OTHER.search(head) and NO_ATTRIBUTE.match(tail)))

    def _kin(self, number: int, head: str) -> str:
        """Record whose kin a mention is, and return the kinship word that introduces it."""
        bare = without_titles(head)
        owned = KIN_OWNED.match(bare)
        found = owned or KIN_BEFORE.search(bare) or KIN_OPENS.search(bare)
        word = plain(found.group("kin")) if found else ""
        if found is not None and word in kin_words():
            pronoun = (found.groupdict().get("pronoun") or "").casefold()
            if number and (owned is not None or (pronoun and pronoun not in FIRST_PERSON)):
                told = re.search(r"\b(younger|little|elder|older|big)\b", found.group())
                generation = kin_words()[word][1]
                if told:
                    generation = "jr" if told.group(1) in ("younger", "little") else "sr"
                self.kin.append(Kin(number - 1, number, word, generation))
            return word
        if number:
            low, high = self.people[number - 1].end, self.people[number].start
            between = self.text[low:high]
            if len(between) <= BETWEEN and not SENTENCE_STOP.search(self.text, low, high + 1):
                for of in KIN_OF.finditer(between):
                    word = plain(of.group(1) or of.group(2))
                    if word in kin_words():
                        self.kin.append(Kin(number, number - 1, word, kin_words()[word][1]))
        return ""

    def _same(self, number: int, head: str, tail: str) -> None:
        """Record with whom the text equates a mention."""
        called = CALLED_SO.search(head)
        if called is not None:
            self.same.append(Same(None, number, "m" if called.group("whom").startswith("hi") else "f"))
        elif BORN_SO.search(head):
            self.same.append(Same(None, number))
        if (first := self._spoke.get(number, number)) != number:
            self.same.append(Same(first, number))
        if number and self._equated(self.people[number - 1], self.people[number], tail):
            self.same.append(Same(number - 1, number))

    def _equated(self, left: Mention, right: Mention, tail: str) -> bool:
        """Whether the words between and behind two mentions in a row say that they are one person."""
        between = self.text[left.end : right.start]
        if len(between) > BETWEEN or "\n" in between.strip(" "):
            return False
        if BRACKETS.search(between) and self.text[right.end : right.end + 2].lstrip()[:1] in (")", "]"):
            foreign = scripts_differ(left.surface, right.surface) and BRACKETS.fullmatch(between)
            return bool(foreign or NAMED_SO.search(between))
        if between.strip() == ",":
            return bool(TO_FRIENDS.match(tail) or AS_CALLED.match(tail))
        if tail.startswith(("'s", "’s")):
            return False
        if COPULA.fullmatch(between):
            opens = OPENS.search(self.text[max(0, left.start - 40) : left.start])
            return bool(opens) and " " in right.surface
        return bool(SAME_BETWEEN.match(between))


def leading_titles(surface: str) -> str:
    """Return the titles that open a surface ("Mlle Wilson"), with a space behind each."""
    words = surface.split()
    count = 0
    while count < len(words) - 1 and is_title(plain(words[count]).strip(".,")):
        count += 1
    return "".join(f"{word} " for word in words[:count])


def stands_for_someone(word: str) -> bool:
    """Whether a word is a role, or somebody beside the person whose friend or rival it is."""
    folded = plain(word)
    return folded in OTHERS or (folded,) in roles().forms


def sex_of(word: str) -> str:
    """Return the sex that a role or kinship word tells, or ""."""
    folded = plain(word)
    return role_gender().get(folded, "") or kin_words().get(folded, ("", ""))[0]


def role_sex(head: str) -> str:
    """Return the sex that a word right before a name tells ("the actress", "the widow")."""
    words = head.rsplit(None, 1)
    return sex_of(words[-1]) if words and not words[-1].endswith((",", ".")) else ""


def described_sex(tail: str) -> str:
    """Return the sex that the description behind a name tells (", a widow of 60")."""
    kin = DESCRIBED_KIN.match(tail)
    if kin and plain(kin.group(1)) in kin_words():
        return kin_words()[plain(kin.group(1))][0]
    found = DESCRIPTION.match(tail)
    return next(filter(None, map(sex_of, found.group(1).split())), "") if found else ""


def own_sex(tail: str) -> str:
    """Return the sex that "himself" or "herself" right behind a name tells."""
    found = SELF.match(tail)
    return ("f" if found.group(1) == "herself" else "m") if found else ""


def without_titles(head: str) -> str:
    """Return the text before a name without the titles at its end."""
    while True:
        rest, _, last = head.rstrip().rpartition(" ")
        word = plain(last).strip(".,")
        if not word or not is_title(word) or word in kin_words():
            return head
        head = rest + " "


def title_run(head: str) -> tuple[frozenset[str], bool, str]:
    """Return the titles right before a name in their normal form, whether one is of courtesy, and the sex they tell."""
    titles: set[str] = set()
    courteous = False
    gender = ""
    for raw in reversed(head.split()[-4:]):
        word = plain(raw).strip(".,\"“„«‘'")
        if (
            not (is_title(word) or word in HONORIFICS)
            or raw.endswith(",")
            or (raw.endswith(".") and len(word) > 5)
        ):
            break
        gender = gender or (
            gender_cues().get(word, "") if word in HONORIFICS else role_gender().get(word, "")
        )
        if word in COURTESY:
            courteous = True
        else:
            titles.add(roles().forms.get((word,), word))
    return frozenset(titles), courteous, gender


def generation_of(word: str) -> str:
    """Return "jr" or "sr" for a word that tells which of two namesakes is meant, or ""."""
    folded = plain(word)
    return "jr" if folded in YOUNGER else "sr" if folded in ELDER else ""


def scripts_differ(left: str, right: str) -> bool:
    """Whether one surface is in Latin letters and the other is not."""

    def latin_letters(text: str) -> bool:
        return next((ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 for c in text if c.isalpha()), True)

    return latin_letters(left) != latin_letters(right)


def headline_end(text: str) -> int:
    """Return where the headline ends: at a dateline, or behind the first line if it is short and has no full stop."""
    line, newline, _ = text.partition("\n")
    first = len(line) if newline and len(line) <= 160 and not line.rstrip().endswith(".") else 0
    dateline = DATELINE.search(text, 0, DATELINE_CHARACTERS)
    return max(first, dateline.start() if dateline else 0)
