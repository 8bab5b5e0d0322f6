"""The people of one article: full names first, then every bare name by what the text says around it.

A newspaper names a person in full and then by surname; a relative or a namesake in the same story goes by given
name, title or a word such as "the younger". Purity goes first: a bare name goes to the likeliest person by the learned
table if that is likely enough; else it stays a person of its own, and who comes near is kept as a rival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from resolver.chains.fits import FIRST, MIDDLE, bare_fit, full_fit, guessed_fit
from resolver.chains.forms import NO_MATCH, Form, contradicts, placed
from resolver.chains.judge import likelihoods, weights
from resolver.chains.options import Options
from resolver.chains.person import Person
from resolver.chains.scene import Candidates, Scene, differ
from resolver.context import Surroundings
from resolver.context.lexicon import kin_words
from resolver.model import Kind, Mention, Name

__all__ = ["Cast"]

LEAST = 0.7  # probability from which on a bare name is given to somebody
LIKELIER = 0.5  # of that, probability that this one is meant where an earlier bare name is in doubt as well
RIVAL = 0.1  # probability from which on somebody is a rival
GUESS_CHARACTERS = (
    2500  # a name that only resembles another is the same one near it; pages hold many articles
)


class Cast:
    """The people of one article as they are found.

    Args:
        mentions: The mentions of people in order.
        parse: Surface and kind -> Name.
        surroundings: The article, prepared for reading.
    """

    def __init__(
        self, mentions: Sequence[Mention], parse: Callable[[str, Kind], Name], surroundings: Surroundings
    ) -> None:
        self.scene = Scene(mentions, parse, surroundings)
        self.people: list[Person] = []
        self.owner: dict[int, Person] = {}
        self.doubts: dict[int, list[Person]] = {}
        self.options = Options(self.scene, self.people, self.owner)
        self._full_names()
        self._bare_names()

    # ------------------------------------------------------------ full names

    def _full_names(self) -> None:
        """Make a person of every full name, the fullest first; fuller, shorter and initialled ones join them."""
        scene = self.scene
        apart = scene.apart()
        full = [n for n, form in enumerate(scene.forms) if form.full]
        for number in sorted(full, key=lambda n: size(scene.forms[n])):
            form = scene.forms[number]
            foes = {next(iter(pair - {number})) for pair in apart if number in pair}
            ranks = [self._full_rank(number, person, foes) for person in self.people]
            best = min(ranks, default=NO_MATCH)
            fitting = [
                (rank, p) for rank, p in zip(ranks, self.people, strict=True) if rank == best < NO_MATCH
            ]
            if not fitting:
                self._new_person(form, scene.numbers[number])
            elif len(fitting) == 1:
                self._take(fitting[0][1], form, scene.numbers[number])
            else:
                for mention in scene.numbers[number]:
                    self._choose(mention, form, fitting)
        for same in scene.signs.same:
            left = same.left
            if left is None and not same.gender:
                left = self._of_one_given_name(same.right)
            if left in self.owner and same.right in self.owner:
                self._unite(self.owner[left], self.owner[same.right])

    def _of_one_given_name(self, number: int) -> int | None:
        """Return the last mention before a full name that has its given name: "Born Dora Lund, she" is Dora Feld."""
        given = self.scene.form(number).core[0]
        return next((n for n in range(number - 1, -1, -1) if self.scene.form(n).core[0] == given), None)

    def _full_rank(self, number: int, person: Person, foes: set[int]) -> int:
        """How well a full name fits a person: 0 best, `NO_MATCH` not at all."""
        rank = full_fit(self.scene.forms[number], person)
        if rank == NO_MATCH or any(self.scene.form_at[n] in foes for n in person.numbers):
            return NO_MATCH
        return NO_MATCH if self._another(number, person, rank) else rank

    def _another(self, number: int, person: Person, rank: int) -> bool:
        """Whether the article tells that a full name is not the person whose name it fits."""
        scene, form = self.scene, self.scene.forms[number]
        numbers = scene.numbers[number]
        gender = Person.gender_of_name(form)
        return (
            (form.spelled < len(form.core) and self._introduced(numbers[0], person))
            or (rank > 0 and any(n > numbers[0] and scene.reintroduced(n, numbers) for n in person.numbers))
            or (rank > 0 and self._other_roles(number, person))
            or (form.compound and self._of_other_sex(numbers, person))
            or bool(gender and person.gender() and gender != person.gender())
            or any(contradicts(form.generation, other.generation) for other in person.forms)
            or self._of_two_generations(number, person)
            or (
                any(turned(form, other) for other in person.full_forms) and self._turned_about(number, person)
            )
        )

    def _other_roles(self, number: int, person: Person) -> bool:
        """Whether a full name and a person have roles, and none in common."""
        return differ(self.scene.roles(*self.scene.numbers[number]), self.scene.roles(*person.numbers))

    def _of_other_sex(self, numbers: Iterable[int], person: Person) -> bool:
        """Whether "Mr" stands before a double surname and the person is a woman."""
        sexes = {self.scene.clues[n].gender for n in numbers} - {""}
        return bool(sexes) and person.gender() not in ("", *sexes)

    def _introduced(self, number: int, person: Person) -> bool:
        """Whether a name with initials introduces somebody else than a person named before."""
        scene = self.scene
        earlier = min(person.numbers) < number and scene.reintroduced(number, person.numbers)
        return earlier or scene.introduced_anew(number, person.numbers)

    def _of_two_generations(self, number: int, person: Person) -> bool:
        """Whether one of two full names says Jr or III and the other, without it, is somebody's father."""
        form = self.scene.forms[number]
        if form.generation:
            plain = [
                n for n in person.numbers if self.scene.form(n).full and not self.scene.form(n).generation
            ]
            return form.generation != "sr" and bool(plain) and self._elder(*plain)
        return bool(person.every_generation - {"", "sr"}) and self._elder(*self.scene.numbers[number])

    def _turned_about(self, number: int, person: Person) -> bool:
        """Whether a name in another order is another's: of other roles, or "María Ana" beside "Ana María Rojas"."""
        form = self.scene.forms[number]
        mine, theirs = self.scene.roles(*self.scene.numbers[number]), self.scene.roles(*person.numbers)
        return bool(mine and not mine & theirs) or any(
            placed(form.core, other.core) is None for other in person.full_forms
        )

    def _elder(self, *numbers: int) -> bool:
        """Whether mentions name somebody's parent: "My father, X", or a parent of one of the same surname."""
        words = (self.scene.clues[n].kin for n in numbers)
        if any(word and kin_words()[word][1] == "sr" for word in words):
            return True
        pairs = [
            (k.left, k.right) if k.generation == "jr" else (k.right, k.left)
            for k in self.scene.signs.kin
            if k.generation
        ]
        last = self.scene.form(numbers[0]).core[-1]
        return any(elder in numbers and self.scene.form(child).core[-1] == last for elder, child in pairs)

    # ------------------------------------------------------------ bare names

    def _bare_names(self) -> None:
        """Give every bare name to somebody, in the order of the text, the headline last."""
        bare = [n for n in range(len(self.scene.mentions)) if n not in self.owner]
        self._relatives()
        self._familiar(bare)
        for number in sorted(bare, key=self._turn):
            form = self.scene.form(number)
            partner = self._partner(number)
            if partner is not None:
                self._take(partner, form, [number])
                continue
            candidates = self._candidates(number, form.core[0])
            if candidates:
                self._choose(number, form, candidates)
            else:
                self._new_person(form, [number])

    def _turn(self, number: int) -> tuple[bool, bool, int]:
        """Sorting key: in the order of the text, but a kunya after the father's own name and the headline last."""
        return self.scene.clues[number].headline, self._fathers(number) != [], number

    def _relatives(self) -> None:
        """Mark father and son of one surname, elder and younger, and who is named only beside a relative."""
        for number, clue in enumerate(self.scene.clues):
            if clue.kin and number in self.owner:
                self.owner[number].aside.add(number)
        for kin in self.scene.signs.kin:
            left, right = self.owner.get(kin.left), self.owner.get(kin.right)
            later = self.owner.get(max(kin.left, kin.right))
            if later is not None and {*self.scene.form(min(kin.left, kin.right)).core} & later.tokens:
                later.aside.add(max(kin.left, kin.right))
            if left is None or right is None or left is right or not left.tokens & right.tokens:
                continue
            if kin.generation:
                right.generations.add(kin.generation)
                left.generations.add("sr" if kin.generation == "jr" else "jr")

    def _familiar(self, bare: Iterable[int]) -> None:
        """Mark who is called by given name alone where others of the article share the surname."""
        for number in bare:
            token = self.scene.form(number).core[0]
            fits = [person for person in self.people if token in person.tokens]
            joined = self.scene.signs.tail(number).strip() in ("and", "et", "und", "&")
            if len(fits) == 1 and not self.scene.clues[number].headline and not joined:
                fits[0].called.add(token)

    def _partner(self, number: int) -> Person | None:
        """Return the person with whom the text equates a bare name."""
        for same in self.scene.signs.same:
            if same.left is None and same.gender and same.right == number:
                return self._antecedent(number, same.gender)
            if same.left is not None and number in (same.left, same.right):
                person = self.owner.get(same.left if same.right == number else same.right)
                if person is not None:
                    return person
        return next((self.owner[n] for n in self._fathers(number) if n in self.owner), None)

    def _fathers(self, number: int) -> list[int]:
        """Return the mentions whose son or daughter makes them "Abu Tareq"."""
        child = self.scene.form(number).core[0].partition(" ")[2]
        if not child:
            return []
        return [
            kin.left
            for kin in self.scene.signs.kin
            if kin_words()[kin.word][1] == "jr" and self.scene.form(kin.right).core[0] == child
        ]

    def _antecedent(self, number: int, gender: str) -> Person | None:
        """Return whom "him" or "her" before a mention means: the last man or woman named, or else the last person."""
        before = [self.owner[n] for n in range(number - 1, -1, -1) if n in self.owner]
        told = [person for person in before if person.gender() == gender]
        return next(iter(told or [person for person in before if not person.gender()]), None)

    def _candidates(self, number: int, token: str) -> Candidates:
        """Return who a bare name may stand for, with how well the name fits."""
        fits = [(rank, person) for person in self.people if (rank := bare_fit(token, person)) <= MIDDLE]
        if not fits:
            return self._guesses(number, token)
        free = [fit for fit in fits if not self.scene.blocked(number, fit[1], self.owner)]
        found = self._latest_nameless(number, free)
        told = self.scene.clues[number].generation
        if not told and min(rank for rank, _ in fits) == FIRST:  # "Roy Jr."; "CASTELLAN JR." is just the son
            told = self.scene.form(number).generation
        if not told:
            return found
        named = [fit for fit in found if told in fit[1].generations]
        opposed = any(person.generations and told not in person.generations for _, person in fits)
        return named or [fit for fit in found if opposed and not fit[1].generations]

    @staticmethod
    def _latest_nameless(number: int, found: Candidates) -> Candidates:
        """Return the candidates, of those never named in full only the last one: they may all be the same."""

        def named_last(person: Person) -> tuple[int, int]:
            return max((n for n in person.numbers if n < number), default=-1), -min(person.numbers)

        bare = [person for _, person in found if not person.full_forms]
        last = max(bare, key=named_last, default=None)
        return [fit for fit in found if fit[1].full_forms or fit[1] is last]

    def _guesses(self, number: int, token: str) -> Candidates:
        """Return the one person whose name a bare name resembles; a guess by letters needs to be the only one."""
        clue = self.scene.clues[number]
        if clue.kin or len(token) == 1:
            return []
        found = [
            (rank, person)
            for person in self.people
            if (rank := guessed_fit(token, person, clue)) < NO_MATCH
            and self.scene.near(number, person) <= GUESS_CHARACTERS
            and not self.scene.blocked(number, person, self.owner)
        ]
        return found if len(found) == 1 else []

    def _choose(self, number: int, form: Form, candidates: Candidates) -> None:
        """Give a bare name to the likeliest person if that is likely enough, and note who else comes near."""
        chances = self.chances(number, candidates)
        weighed = [(chance, person) for chance, (_, person) in zip(chances, candidates, strict=False)]
        weighed.sort(key=lambda option: -option[0])
        chance, chosen = weighed[0]
        together = chance + sum(other for other, person in weighed if self._maybe_one(person, chosen))
        rivals = [person for other, person in weighed if other >= RIVAL]
        if together >= LEAST and chance >= LIKELIER:
            self._take(chosen, form, [number])
            # who may be the bearer of a bare name may be meant by everything that is taken for that name
            rivals = [person for person in unique((*rivals, *chosen.maybe)) if person is not chosen]
        else:
            self._new_person(form, [number])
            self.people[-1].maybe.extend(person for person in rivals if person.full_forms)
        if rivals:
            self.doubts[number] = rivals

    @staticmethod
    def _maybe_one(left: Person, right: Person) -> bool:
        """Whether one of two people is a bare name that may mean the other."""
        return any(p is right for p in left.maybe) or any(p is left for p in right.maybe)

    def chances(self, number: int, candidates: Candidates) -> list[float]:
        """Return how likely each candidate is meant by a bare name, and last how likely none of them is."""
        return likelihoods(self.options.facts(number, candidates), weights())

    # ------------------------------------------------------------ keeping book

    def _new_person(self, form: Form, numbers: Sequence[int]) -> None:
        person = Person()
        self.people.append(person)
        self._take(person, form, numbers)

    def _take(self, person: Person, form: Form, numbers: Sequence[int]) -> None:
        """Give mentions of a form to a person."""
        person.take(form, numbers, [self.scene.clues[n] for n in numbers])
        for number in numbers:
            self.owner[number] = person
            person.pronouns[self.scene.surroundings.pronoun(self.scene.mentions[number])] += 1

    def _unite(self, left: Person, right: Person) -> None:
        """Make one person of two that the text equates."""
        if left is right:
            return
        left.absorb(right)
        self.people.remove(right)
        for number in right.numbers:
            self.owner[number] = left

    def groups(self) -> tuple[list[list[Form]], dict[str, list[int]]]:
        """Return the people as groups of forms, the fullest form of each first, and the doubts by mention id."""
        scene = self.scene
        groups = []
        for person in self.people:
            by_form: dict[int, list[Mention]] = defaultdict(list)
            for number in sorted(person.numbers):
                by_form[scene.form_at[number]].append(scene.mentions[number])
            forms = [scene.forms[at]._replace(mentions=mentions) for at, mentions in by_form.items()]
            groups.append(
                sorted(forms, key=lambda f: (f.name.script != "latin", *size(f), f.mentions[0].start))
            )
        number_of = {id(person): number for number, person in enumerate(self.people)}
        doubts = {
            scene.mentions[number].mention_id: [number_of[id(p)] for p in people if id(p) in number_of]
            for number, people in self.doubts.items()
        }
        return groups, doubts


def unique(people: Iterable[Person]) -> list[Person]:
    """Return people once each, in order."""
    return list({id(person): person for person in people}.values())


def turned(one: Form, other: Form) -> bool:
    """Whether two names are the same tokens in another order."""
    return one.core != other.core and sorted(one.core) == sorted(other.core)


def size(form: Form) -> tuple[int, int, int, int]:
    """Sorting key: the fullest name first, initials behind names spelled out, the commoner spelling first."""
    return (-form.spelled, -len(form.core), -len(form.mentions), -len(form.name.folded))
