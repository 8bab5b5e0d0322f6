"""Read the context of each chain off its article: roles, places, organisations, gender, equations."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from resolver.context.clues import Signs
from resolver.context.heads import (
    DETERMINERS,
    OPENING,
    Heads,
    apposed,
    found_roles,
    heads_before,
    heads_behind,
    opened,
    presents,
)
from resolver.context.lexicon import (
    HONORIFICS,
    STOPWORDS,
    Word,
    gender_cues,
    given_gender,
    place_of,
    places,
    role_gender,
    split_words,
    words_of,
)
from resolver.context.phrases import DONE_BY, OF, OWNED, Phrase, Place, acts, before, behind, continued
from resolver.context.topics import story_words
from resolver.model import Context, Kind, Mention
from resolver.names import fold, is_title

__all__ = ["Surroundings"]

SENTENCE_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s+[\"“‘'(\[]?[^\W\d_a-zß-öø-ÿ])|\n\s*\n|\n", re.UNICODE)
ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Adm|Col|Capt|Cmdr|Cdr|Lt|Sgt|Cpl|Pvt|Maj|Brig|Supt|Insp|Det|Sen|Rep|Gov|Amb|Adv"
    r"|Atty|Cllr|Msgr|St|Rev|Hon|Pres|Jr|Sr|Sra|M|MM|Mme|Mlle|Hr|Fr|vs|No)"
    r"|\b[A-Z]\.[A-Z])\.$"
)
BRACKET = re.compile(r"\s*[(\[]\s*([^()\[\]]{1,60}?)\s*[)\]]")
ALSO = re.compile(
    r"\s*,?\s+(?:who is\s+)?(?:also|better|otherwise|formerly|widely|popularly)?\s*"
    r"(?:known|called|nicknamed|alias|dit|dite|genannt)"
    r"(?:\s+as|\s+simply as|\s+to \w+ as)?\s+[“\"‘']?([^\W\d_a-z][\w.’'\-]*(?:\s+[^\W\d_a-z][\w.’'\-]*){0,3})"
)
REPORTED = re.compile(r"\s+(?:said|says|told|tells|added|adds|wrote|writes)\b")
RIGHT_WORDS = 14
OFFICE_WORDS = 2  # words that may stand before an office without an article ("was elected deputy mayor")
KEPT_WORDS = 10
PRONOUN_CHARACTERS = 220
SURE_VOTES = 2  # from which the sex is known: one pronoun may be somebody else's
SENTENCE_CHARACTERS = 1_000  # a longer "sentence" is a table or has lost its full stops
NEAR_WORDS = 60  # telling words kept of the sentences that name somebody


class Reading(NamedTuple):
    """What stands around one mention."""

    roles: Counter[str]
    places: Counter[str]
    orgs: Counter[str]
    words: Counter[str]
    gender: Counter[str]
    also: list[str]


def total(counts: Iterable[Counter[str]]) -> Counter[str]:
    """Return the sum of some counts."""
    out: Counter[str] = Counter()
    for count in counts:
        out.update(count)
    return out


class Surroundings:
    """One article prepared for reading contexts off it.

    Args:
        text: The article's text.
        mentions: All its mentions, in order of `start`.
    """

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.mentions = sorted(mentions, key=lambda m: (m.start, m.end))
        self.starts = [m.start for m in self.mentions]
        self.people = [m for m in self.mentions if m.kind == Kind.PER]
        self.people_starts = [m.start for m in self.people]
        self.sentence_words: dict[int, set[str]] = {}
        self.signs = Signs(text, self.people)
        self._readings: dict[tuple[int, int], Reading] = {}
        self._pronouns: dict[int, str] = {}
        self.breaks = [
            0,
            *(found.end() for found in SENTENCE_END.finditer(text) if not self._abbreviation(found)),
            len(text),
        ]

    def _abbreviation(self, found: re.Match[str]) -> bool:
        return found.group().startswith(".") and bool(
            ABBREVIATED.search(self.text, max(0, found.start() - 8), found.start() + 1)
        )

    def sentence(self, position: int) -> tuple[int, int]:
        """Return the half-open range of the sentence around a character position."""
        at = bisect_right(self.breaks, position)
        return self.breaks[max(0, at - 1)], self.breaks[min(at, len(self.breaks) - 1)]

    def context(self, mentions: Sequence[Mention]) -> Context:
        """Return what the article says around the mentions of one chain.

        Args:
            mentions: The chain's mentions in order; all of one kind.
        """
        if not mentions or mentions[0].kind != Kind.PER:
            return Context()
        reads = [self._reading(mention) for mention in mentions]
        words = total(read.words for read in reads)
        near = {word for mention in mentions for word in self.near(mention)}
        return Context(
            roles=tuple(sorted(total(read.roles for read in reads))),
            places=tuple(sorted(total(read.places for read in reads))),
            orgs=tuple(sorted(total(read.orgs for read in reads))),
            words=tuple(
                sorted(word for word, _ in sorted(words.items(), key=lambda w: (-w[1], w[0]))[:KEPT_WORDS])
            ),
            gender=self._decided(total(read.gender for read in reads)),
            also=tuple(sorted({name for read in reads for name in read.also})),
            near=tuple(sorted(near - {w for m in mentions for w in story_words(m.surface)})[:NEAR_WORDS]),
            kin=tuple(sorted({name for mention in mentions for name in self._kin(mention)})),
        )

    def _reading(self, mention: Mention) -> Reading:
        """What stands around one mention; read once."""
        if (mention.start, mention.end) not in self._readings:
            read = Reading(
                Counter(), Counter(), Counter(), Counter(), self._gender(mention), self._also(mention)
            )
            self._read_phrases(mention, read)
            self._read_ties(mention, read)
            self._read_acts(mention, read)
            self._readings[mention.start, mention.end] = read
        return self._readings[mention.start, mention.end]

    def near(self, mention: Mention) -> set[str]:
        """Return the telling words of the sentence around a mention, and of the next if that goes on about it."""
        on = self._continued(mention)
        return self._words_at(mention.start) | (self._words_at(on) if on >= 0 else set())

    def _words_at(self, position: int) -> set[str]:
        """Return the telling words of the sentence around a position."""
        low, high = self.sentence(position)
        if low not in self.sentence_words:
            self.sentence_words[low] = story_words(self.text[low : min(high, low + SENTENCE_CHARACTERS)])
        return self.sentence_words[low]

    def _phrases(self, mention: Mention) -> list[Phrase]:
        """The ranges of text that describe a mention."""
        low, high = self._part(mention)
        found = before(self.text, low, mention.start)
        found += behind(self.text, low, mention.start, mention.end, high)
        if (on := self._continued(mention)) >= 0:
            found += behind(self.text, on, on, on, min(self.sentence(on)[1], self._neighbours(mention)[1]))
        return found

    def _part(self, mention: Mention) -> tuple[int, int]:
        """The part of a sentence around a mention, between the people named before and after it."""
        low, high = self.sentence(mention.start)
        earlier, later = self._neighbours(mention)
        return max([low, *(m.end for m in earlier if m.end <= mention.start)]), min(high, later)

    def _continued(self, mention: Mention) -> int:
        """Where the pronoun ends that goes on about a mention, alone in its sentence, in the next; -1 if none."""
        low, _ = self.sentence(mention.start)
        earlier, later = self._neighbours(mention)
        if any(low <= m.start for m in earlier):
            return -1
        return continued(self.text, mention.end, later)

    def _neighbours(self, mention: Mention) -> tuple[Sequence[Mention], int]:
        """The people named before a mention, at most three, and where the next one starts."""
        at = bisect_left(self.people_starts, mention.start)
        later = next((m.start for m in self.people[at : at + 3] if m.start >= mention.end), len(self.text))
        return self.people[max(0, at - 3) : at], later

    def _read_phrases(self, mention: Mention, read: Reading) -> None:
        """Read the phrases around a mention: the one before it may say that the one behind speaks of somebody else."""
        others = False
        near: list[Word] | None = None  # the words right before it
        for phrase in self._phrases(mention):
            words = split_words(self.text[phrase.low : phrase.high])
            bare = self._without_organisations(phrase, words)
            if phrase.kind != Place.BEFORE:
                if not (others and phrase.kind == Place.APPOSED and bare and bare[0].folded in INDEFINITE):
                    self._read_behind(phrase, words[:RIGHT_WORDS], bare[:RIGHT_WORDS], read)
            elif near is None:
                comma = self._comma(phrase.high, mention.start)
                if comma and REPORTED.match(self.text, mention.end):
                    return  # "It was found by a forester, X said"
                heads = heads_before(bare, comma=comma)
                others = heads.others
                self._read_description(phrase, words, heads, read)
                near = bare
            elif apposed(near) and presents(bare, heads := heads_before(bare, comma=True)):
                self._read_description(phrase, words, heads, read)
        if not read.roles:
            self._read_sentence_before(mention, read)

    def _read_sentence_before(self, mention: Mention, read: Reading) -> None:
        """Note the role of somebody without a name of whom the sentence before a full name speaks.

        "A forester found her on Monday. Roger Ash had seen smoke."
        """
        low, _ = self.sentence(mention.start)
        if self.text[low : mention.start].strip('"“‘ ') or " " not in mention.surface or low < 2:
            return
        start, _ = self.sentence(low - 2)
        earlier, _ = self._neighbours(mention)
        if "\n" in self.text[start : mention.start] or any(start <= m.start for m in earlier):
            return
        words = split_words(self.text[start:low])
        heads = found_roles(words)
        known = {role for *_, role in heads}
        if len(known) == 1 and heads[0][0] <= OPENING and opened(words, heads[0]):
            read.roles[heads[0][2]] += 1

    def _without_organisations(self, phrase: Phrase, words: list[Word]) -> list[Word]:
        """Return the words of a phrase, those of organisations without letters: the Forward Party is no forward."""
        inside = self.mentions[bisect_left(self.starts, phrase.low) : bisect_left(self.starts, phrase.high)]
        named = [(m.start - phrase.low, m.end - phrase.low) for m in inside if m.kind == Kind.ORG]
        return [
            word._replace(folded="") if any(a <= word.start < b for a, b in named) else word for word in words
        ]

    def _read_behind(self, phrase: Phrase, words: list[Word], bare: list[Word], read: Reading) -> None:
        """Read a phrase behind a mention; `bare` are its words without organisations."""
        heads = heads_behind(bare)
        if phrase.kind == Place.OFFICE and heads.hits and heads.hits[0][0] > OFFICE_WORDS:
            heads = Heads()  # "was arrested by the captain"
        if heads.hits or (phrase.kind != Place.OFFICE and bare and bare[0].folded in DETERMINERS):
            self._read_description(phrase, words, heads, read)

    def _read_description(self, phrase: Phrase, words: list[Word], heads: Heads, read: Reading) -> None:
        """Note the roles of a phrase, and what it ties them to."""
        folded = [word.folded for word in words]
        start = heads.start if phrase.kind == Place.BEFORE else 0
        low = phrase.low + (words[start].start if start < len(words) else 0)
        inside = self.mentions[bisect_left(self.starts, low) : bisect_left(self.starts, phrase.high)]
        if phrase.kind == Place.BEFORE and not heads.hits:
            self._read_origin(folded, inside, read)
            return
        taken: set[int] = set()
        for first, end, role in heads.hits:
            read.roles[role] += 1
            taken.update(range(first, end))
        for first, end, place in places().find(folded[start:]):
            read.places[place] += 1
            taken.update(range(start + first, start + end))
        for mention in inside:
            self._tie(mention, read)
        if phrase.kind == Place.BEFORE and start < len(words) and folded[start] in OWNERS:
            self._tie_nearest(low, read)
        named = {word for mention in inside for word in words_of(mention.surface)}
        for at, word in enumerate(folded[start:], start):
            if (
                at not in taken
                and word not in named
                and len(word) > 3
                and word not in STOPWORDS
                and word.isalpha()
            ):
                read.words[word] += 1

    @staticmethod
    def _tie(mention: Mention, read: Reading) -> None:
        """Note a place or an organisation that a name is tied to."""
        if mention.kind == Kind.LOC:
            read.places[place_of(mention.surface)] += 1
        elif mention.kind == Kind.ORG:
            read.orgs[" ".join(words_of(mention.surface))] += 1

    def _tie_nearest(self, position: int, read: Reading, among: Collection[Kind] = (Kind.ORG,)) -> None:
        """Note the last organisation of a sentence before a position ("Hoshikawa said that its head, X").

        A place will do where it opens the sentence ("Guyana was represented by its agent, X").
        """
        low, _ = self.sentence(position)
        earlier = self.mentions[bisect_left(self.starts, low) : bisect_left(self.starts, position)]
        opens = [m for m in earlier[:1] if m.kind == Kind.LOC and m.start - low <= len("The ")]
        owner = next((m for m in reversed(earlier) if m.kind in among), None) or next(iter(opens), None)
        if owner is not None:
            self._tie(owner, read)

    def _comma(self, low: int, high: int) -> bool:
        """Whether a comma stands in a range or right before it."""
        return "," in self.text[max(0, low - 1) : high]

    @staticmethod
    def _read_origin(words: list[str], inside: Sequence[Mention], read: Reading) -> None:
        """Note the country of "the Qatari X" and "the young Indian, X": an adjective that is no place's own name."""
        named = {word for mention in inside for word in words_of(mention.surface)}
        for first, end, place in places().find(words):
            opens = any(word in DETERMINERS for word in words[max(0, first - 2) : first])
            if end == len(words) and opens and not named.intersection(words[first:end]):
                read.places[place] += 1

    def _read_ties(self, mention: Mention, read: Reading) -> None:
        """Note the place or organisation of "China's X" and "X of Hungary"."""
        at = bisect_left(self.starts, mention.start)
        owner = self.mentions[at - 1] if at else None
        if owner is not None and OWNED.fullmatch(self.text, owner.end, mention.start):
            self._tie(owner, read)
        after = next((m for m in self.mentions[at : at + 3] if m.start >= mention.end), None)
        if after is not None and OF.fullmatch(self.text, mention.end, after.start):
            self._tie(after, read)

    def _read_acts(self, mention: Mention, read: Reading) -> None:
        """Note the role of whoever does what it does ("X, who founded the firm")."""
        low, high = self._part(mention)
        found = acts(self.text, low, mention.start, mention.end, high)
        if found is None:
            return
        verb = found.group("verb").casefold()
        read.roles[next(role for stem, role in DOERS.items() if verb.startswith(stem))] += 1
        if found.re is DONE_BY:  # "Iran's side is headed by X"
            self._tie_nearest(found.start(), read, among=(Kind.ORG, Kind.LOC))

    def _gender(self, mention: Mention) -> Counter[str]:
        """Votes "m" and "f": title, kinship or gendered role before it count 3, its given name 2, a pronoun 1."""
        votes: Counter[str] = Counter()
        votes[self.signs.clues[self.signs.number[mention.start, mention.end]].gender] += 3
        own = [word for word in words_of(mention.surface) if not is_title(word)]
        if len(own) > 1:
            votes[given_gender().get(own[0], "")] += 2
        for word in words_of(mention.surface)[:-1]:
            votes[gender_cues().get(word, "") if word in HONORIFICS else role_gender().get(word, "")] += 3
        votes[self.pronoun(mention)] += 1
        return votes

    def _kin(self, mention: Mention) -> list[str]:
        """The folded names of those whom the text calls kin of a mention."""
        number = self.signs.number[mention.start, mention.end]
        others = [
            kin.right if kin.left == number else kin.left
            for kin in self.signs.kin
            if number in (kin.left, kin.right)
        ]
        return [fold(self.people[other].surface) for other in others]

    def roles(self, mention: Mention) -> Iterable[str]:
        """Return the roles that stand beside a mention."""
        return self._reading(mention).roles

    def pronoun(self, mention: Mention) -> str:
        """Return the sex of the first pronoun behind a mention and before the next person, "" if there is none."""
        if mention.end not in self._pronouns:
            at = bisect_right(self.people_starts, mention.start)
            stop = self.people_starts[at] if at < len(self.people_starts) else len(self.text)
            found = PRONOUN.search(self.text, mention.end, min(stop, mention.end + PRONOUN_CHARACTERS))
            self._pronouns[mention.end] = gender_cues()[found.group().casefold()] if found else ""
        return self._pronouns[mention.end]

    @staticmethod
    def _decided(votes: Counter[str]) -> str:
        """The sex that the votes agree on, with "?" where they are few; "" where there is none or they disagree."""
        sex, other = ("m", "f") if votes["m"] > votes["f"] else ("f", "m")
        if not votes[sex] or votes[sex] < 4 * votes[other]:
            return ""
        return sex if votes[sex] >= SURE_VOTES else f"{sex}?"

    def _also(self, mention: Mention) -> list[str]:
        """Names that the text equates with the mention: another script in brackets, "also known as"."""
        tail = self.text[mention.end : mention.end + 120]
        out = []
        bracket = BRACKET.match(tail)
        if bracket and any(c.isalpha() and ord(c) > 0x24F for c in bracket.group(1)):
            out.append(bracket.group(1))
        known = ALSO.match(tail)
        if known:
            out.append(known.group(1).strip("“”\"‘’'.,"))
        return out


OWNERS = frozenset("its their".split())
INDEFINITE = frozenset("a an un une ein eine".split())
DOERS = {
    "led": "leader",
    "lead": "leader",
    "head": "chief",
    "chair": "chair",
    "found": "founder",
    "establish": "founder",
    "edit": "editor",
    "direct": "director",
    "coach": "coach",
    "command": "commander",
    "own": "owner",
    "presid": "president",
    "run": "chief",
    "at": "chief",
    "in": "chief",
    "captain": "captain",
    "skipper": "captain",
}
PRONOUN = re.compile(r"\b(?:he|his|him|himself|she|her|hers|herself|il|elle|er)\b", re.IGNORECASE)
