"""What speaks for each person whom a bare name may mean, and for somebody else: facts in words, for a learned table.

Comes in: the scene of one article and the people found so far. Goes out: for each option the names of the facts that
hold. Refuses to know: what a fact is worth.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from resolver.chains.cues import apposition, determiner, phrases_near, reversed_order, speaks
from resolver.chains.fits import FIRST, MIDDLE, RANK_NAMES
from resolver.chains.known import is_given, is_surname
from resolver.chains.likeness import misread
from resolver.chains.person import Person
from resolver.chains.scene import RANKS, Candidates, Scene
from resolver.context.topics import story_words

__all__ = ["Options"]

STEPS = (1, 2, 3, 5, 9)  # bounds of counts


AGAINST = frozenset(
    (
        "pronoun wrong", "role other", "title other", "title new", "rank other", "rank new", "office other",
        "determiner other named", "determiner named named", "determiner of named", "determiner old named",
        "apposed the role named", "apposed kin named", "apposed the words named",
    )
)  # fmt: skip
FOR = frozenset(
    (
        "sex right",
        "pronoun right",
        "role shared",
        "title shared",
        "rank shared",
        "office shared",
        "spoke last",
    )
)


def step(count: float) -> str:
    """Return a count as one of a few ranges."""
    return str(bisect_right(STEPS, count))


class Said(NamedTuple):
    """What the words around a bare name say."""

    words: list[str]
    offices: frozenset[str]


class Options:
    """Reads the facts for and against each option of a bare name.

    Args:
        scene: The article.
        people: The people found so far; grows as names are given.
        owner: For each mention number the person whom it was given to; grows as well.
    """

    def __init__(self, scene: Scene, people: Sequence[Person], owner: Mapping[int, Person]) -> None:
        self.scene = scene
        self.people = people
        self.owner = owner
        text = scene.surroundings.text
        self.names = {word for mention in scene.mentions for word in story_words(mention.surface)}
        self.reversed = reversed_order(text)
        self._known: dict[int, tuple[set[int], set[str]]] = {}
        self.kin_called = {
            scene.form(number).core[0]
            for number, clue in enumerate(scene.clues)
            if clue.kin and not scene.form(number).full
        }
        self.lines = [found.start() for found in re.finditer("\n", text)]

    def facts(self, number: int, candidates: Candidates) -> list[list[str]]:
        """Return the facts of each candidate, and last those of nobody of them.

        Args:
            number: The mention.
            candidates: How the name fits, and whom.
        """
        order = self._order(number, [person for _, person in candidates])
        kept = self._keeper(number)
        said = self._said(number)
        best = min(rank for rank, _ in candidates)
        out = []
        for at, (rank, person) in enumerate(candidates):
            facts = [
                *self._fit(number, rank, best, person, len(candidates)),
                *self._place(number, person, order[at], len(candidates)),
                *self._habit(number, person, kept, several=len(candidates) > 1),
                *self._fame(person, candidates),
                *self._beside(number, person),
                *self._told(number, person, said),
                *self._introduction(number, rank, person),
                *self._speech(number, person),
                f"words {self._echo(number, person, candidates)}",
            ]
            against, for_ = len(AGAINST.intersection(facts)), len(FOR.intersection(facts))
            facts.append(f"against {min(against, 3)} for {min(for_, 2)}")
            out.append(facts)
        out.append(
            [*self._nobody(number, candidates, kept, best), *(f"nobody: {word}" for word in said.words)]
        )
        return out

    # ------------------------------------------------------------ facts of one person

    def _fit(self, number: int, rank: int, best: int, person: Person, count: int) -> Iterator[str]:
        token = self.scene.form(number).core[0]
        name = RANK_NAMES[rank]
        if name == "slip" and any(misread(token, other) for other in person.surnames | person.bare):
            name = "misread"
        if rank == FIRST:
            name += " given" if is_given(token) else " surname" if is_surname(token) else ""
        yield f"fit {name}"
        yield f"fit {'best' if rank == best else 'worse'} of {min(count, 3)}"
        if not person.full_forms:
            yield f"never in full {step(len(person.numbers))}"
        if rank == FIRST and any(
            (kin := self.owner.get(n)) is not None and kin is not person and kin.surnames & person.surnames
            for n in self.scene.kin_of.get(number, ())
        ):
            yield "of the surname of the kin"  # "his wife Ida", and later Ida Moss
        if rank == MIDDLE and is_surname(token):
            yield "middle surname"
        if any(form.halves(token) for form in person.full_forms):
            yield "half of a double name"
        if rank == FIRST and any(person.follows(other) for other in self.people):
            yield "given name is another's father's"

    def _place(self, number: int, person: Person, order: int, count: int) -> Iterator[str]:
        """How far back the person was named, in what form, and whether others were since."""
        before = [n for n in person.numbers if n < number]
        headline = self.scene.clues[number].headline
        if not before:
            yield "not yet named" + (" headline" if headline else f" {min(order, 2)} of {min(count, 2)}")
            return
        last = max(before)
        form = "full" if self.scene.form(last).full else "bare"
        far = self._far(last, number)
        yield f"named {min(order, 2)} of {min(count, 2)}"
        yield f"last {form} {far}"
        if far == "sentence" and headline:
            yield "again in headline"
        yield f"since {step(number - last)}"
        if self.scene.clues[number].other:
            yield f"the other {'latest' if not order else 'earlier'}"
        if self.scene.clues[last].headline:
            yield "last in headline"
        if far == "sentence" and number - last == 1 and (number - 1, number) in self.scene.joined:
            yield "joined"

    def _habit(self, number: int, person: Person, kept: Person | None, *, several: bool) -> Iterator[str]:
        """Whether the article has used just this name for the person, and other names alone."""
        token = self.scene.form(number).core[0]
        if kept is not None:
            yield "name was this one's" if kept is person else "name was another's"
        if any(self.scene.form(n).core[0] == token and not self.scene.form(n).full for n in person.numbers):
            yield "called so"
        if person.called - {token}:
            yield "called by another name" if several else "called by another name, alone"
        if person.courteous and not self.scene.clues[number].courteous:
            yield "else courteous" if several else "else courteous, alone"
        if self.scene.clues[number].courteous:
            yield (
                "courteous" if any(self.scene.clues[n].courteous for n in person.numbers) else "new courtesy"
            )

    def _fame(self, person: Person, candidates: Candidates) -> Iterator[str]:
        """How often and how early the article names the person."""
        count = len(person.numbers)
        yield f"count {step(count)}"
        if len(candidates) > 1:
            rest = max(len(other.numbers) for _, other in candidates if other is not person)
            yield f"lead {max(-4, min(4, count - rest))}"
        first = min(person.numbers)
        if any(self.scene.clues[n].headline for n in person.numbers):
            yield "in headline"
        if self._line(first) <= self._line(0) + 2:
            yield "in lead"

    def _beside(self, number: int, person: Person) -> Iterator[str]:
        """Titles, roles, sex and generation beside the name, against what is known of the person."""
        scene, clue = self.scene, self.scene.clues[number]
        if clue.generation and clue.generation in person.generations:
            yield "generation right"
        if clue.titles:
            known = clue.titles & (person.titles | scene.roles(*person.numbers))
            kind = "rank" if clue.titles & RANKS else "title"
            other = "other" if person.titles else "new" if scene.roles(*person.numbers) else "first"
            yield f"{kind} " + ("shared" if known else other)
        elif person.titles:
            yield "title left out"
        mine, theirs = scene.roles(number), scene.roles(*person.numbers)
        if mine:
            yield "role " + ("shared" if mine & theirs else "other" if theirs else "new")
        gender = person.gender()
        weak = person.gender(1)
        if clue.gender:
            yield f"sex {'right' if weak else 'unknown'}"
        pronoun = scene.surroundings.pronoun(scene.mentions[number])
        if pronoun:
            yield "pronoun " + ("unknown" if not gender else "right" if pronoun == gender else "wrong")
            if not gender and weak:
                yield "pronoun like before" if weak == pronoun else "pronoun unlike before"

    def _told(self, number: int, person: Person, said: Said) -> Iterator[str]:
        """What the words around the name tell of its bearer, against what is known of the person."""
        before = any(n < number for n in person.numbers)
        when = "named" if before else "not yet named"
        for word in said.words:
            yield f"{word} {when}"
        if said.offices:
            theirs = self.scene.roles(*person.numbers)
            yield "office " + ("shared" if theirs & said.offices else "other" if theirs else "new")

    def _said(self, number: int) -> Said:
        words = []
        if word := determiner(self.scene, number):
            words.append(f"determiner {word}")
        if word := apposition(self.scene, number):
            words.append(f"apposed {word}")
        offices, kin = phrases_near(self.scene, number)
        if kin:
            words.append("kin near")
        return Said(words, offices)

    def _introduction(self, number: int, rank: int, person: Person) -> Iterator[str]:
        """How the person is introduced, before the mention or only after it."""
        full = [n for n in person.numbers if self.scene.form(n).full]
        if not full:
            return
        first = min(full)
        clue = self.scene.clues[first]
        roles = self.scene.roles(first)
        how = (
            "kin"
            if clue.kin or (first > number and self._kin_called(person))
            else "titled"
            if clue.titles
            else "presented"
            if clue.presented or roles
            else "plain"
        )
        when = "later" if first > number else "earlier"
        if self.scene.clues[number].headline:
            when = "headline"
        elif self.reversed:
            when = "backwards"
        yield f"introduced {how} {when}"
        if when == "later":
            yield f"later {RANK_NAMES[rank]} {'role shared' if roles & self.scene.roles(number) else ''}"
        named = {n for n in person.numbers if n < number} or person.numbers
        if person.aside >= named:
            yield f"aside {when}"
        if all(self.scene.signs.byline(n) for n in named):
            yield "byline"

    def _kin_called(self, person: Person) -> bool:
        """Whether the article introduces somebody of this given name as kin: "Her husband, Paul", before Paul Moss."""
        return any(form.core[0] in self.kin_called for form in person.full_forms)

    def _speech(self, number: int, person: Person) -> Iterator[str]:
        """Whether the name stands with a verb of speech and the person spoke last."""
        if not speaks(self.scene, number):
            return
        before = [
            n for n in range(number - 1, max(-1, number - 4), -1) if n in self.owner and speaks(self.scene, n)
        ]
        if before:
            yield "spoke last" if self.owner[before[0]] is person else "another spoke last"

    def _echo(self, number: int, person: Person, candidates: Candidates) -> int:
        """How many words the sentence shares with those that name this person and no other candidate."""
        near = self.scene.surroundings.near(self.scene.mentions[number]) - self.names
        others = [other for _, other in candidates if other is not person]
        own = near & self._words(person)
        for other in others:
            own = own - self._words(other) if own else own
        return min(len(own), 3)

    def _words(self, person: Person) -> set[str]:
        """Return the telling words of the sentences that name a person; each sentence is read once."""
        seen, words = self._known.setdefault(id(person), (set(), set()))
        for number in person.numbers - seen:
            words |= self.scene.surroundings.near(self.scene.mentions[number])
        seen |= person.numbers
        return words

    # ------------------------------------------------------------ facts of nobody

    def _nobody(self, number: int, candidates: Candidates, kept: Person | None, best: int) -> Iterator[str]:
        """What speaks for a person whom the article does not name otherwise."""
        scene, clue = self.scene, self.scene.clues[number]
        yield "nobody"
        full = sum(bool(person.full_forms) for _, person in candidates)
        yield f"nobody: {min(full, 3)} in full"
        yield f"nobody: fit {RANK_NAMES[best]}"
        named = any(min(person.numbers) < number for _, person in candidates)
        yield f"nobody: {'headline' if clue.headline else 'others named' if named else 'others not yet named'}"
        if kept is not None:
            yield "nobody: name kept"
        for word in ("kin", "other", "presented", "introduced", "titles", "courteous", "alias"):
            if getattr(clue, word):
                yield f"nobody: {word}"
        if scene.signs.contrasted(number):
            yield "nobody: namesakes"
        if scene.roles(number):
            yield "nobody: role"

    # ------------------------------------------------------------ helpers

    def _order(self, number: int, people: Sequence[Person]) -> list[int]:
        """Return for each person how many of the others were named later before a mention; or sooner after it."""
        keys = []
        for person in people:
            before = [n for n in person.numbers if n < number]
            keys.append((0, -max(before)) if before else (1, min(person.numbers)))
        ranked = sorted(keys)
        return [ranked.index(key) for key in keys]

    def _keeper(self, number: int) -> Person | None:
        """Return who was last called by just this bare name."""
        token = self.scene.form(number).core[0]
        for n in range(number - 1, -1, -1):
            form = self.scene.form(n)
            if not form.full and form.core[0] == token and n in self.owner:
                return self.owner[n]
        return None

    def _line(self, number: int) -> int:
        return bisect_right(self.lines, self.scene.mentions[number].start)

    def _far(self, last: int, number: int) -> str:
        """How far back an earlier mention is: in the sentence, the paragraph, or so many lines."""
        mentions = self.scene.mentions
        low, _ = self.scene.surroundings.sentence(mentions[number].start)
        if mentions[last].start >= low:
            return "sentence"
        lines = self._line(number) - self._line(last)
        return "paragraph" if not lines else f"{min(4, (lines + 1) // 2)} paragraphs"
