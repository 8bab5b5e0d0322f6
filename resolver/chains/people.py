"""The people of one article: full names first, then every bare name by what the text says around it.

A newspaper names a person in full and then by surname; a relative or a namesake in the same story goes by given
name, title or a word such as "the younger". Purity goes first: where a bare name contradicts everybody, it stays a
person of its own, and where two fit about as well, the likelier gets it and the other is kept as a rival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from resolver.chains.forms import NO_MATCH, Form, contradicts, form_of, placed, same_token
from resolver.chains.likeness import diminutive, misread, misspelt, sexed
from resolver.chains.person import Person
from resolver.context import Surroundings
from resolver.context.lexicon import kin_words
from resolver.model import Kind, Mention, Name, Role

__all__ = ["Cast"]

# Points for giving a bare name to one of several people; chosen by hand on newsroom/train, in steps of one half.
TITLE_POINTS = 3.0  # "Captain Adhikari" and one of them is a captain
ROLE_POINTS = 2.0  # the words beside this mention and beside that person name one office
GENERATION_POINTS = 4.0
GENDER_POINTS = (
    1.5  # for or against: "Lady Merrin", or "he" behind the name, and what is known of that person
)
LATEST_POINTS = 1.0  # the one named last before it
ASIDE_POINTS = 1.5  # against: named only as somebody's relative
FAMILIAR_POINTS = 2.0  # against: called by given name elsewhere in the article
FIRST_POINTS = 1.5  # against: the bare name is this one's given name and another's surname
MIDDLE_POINTS = 3.0
ECHO_POINTS = 0.5  # for each word that the sentence shares with those that name the person
MOST_ECHO_POINTS = 1.5
RIVAL_POINTS = 2.0  # who comes within so many points of the best is a rival

LONG_SURNAME = 7  # letters: two full names may differ by a slip in so long a surname
GUESS_CHARACTERS = (
    2500  # a name that only resembles another is the same one near it; pages hold many articles
)
RANKS = frozenset(
    """judge constable sergeant captain lieutenant major colonel brigadier doctor professor rabbi priest pastor imam
    sheikh""".split()
)
GUESSED = 5  # rank of full names from which on they agree only nearly
EXACT, LAST, FIRST, NICK, INITIAL, MIDDLE, PET, TYPO = 0, 1, 2, 3, 4, 5, 6, 7
"""How a bare name fits a person, best first."""


class Cast:
    """The people of one article as they are found.

    Args:
        mentions: The mentions of people in order.
        parse: Surface and kind -> Name.
        surroundings: The article, prepared for reading.
    """

    def __init__(
        self,
        mentions: Sequence[Mention],
        parse: Callable[[str, Kind], Name],
        surroundings: Surroundings,
    ) -> None:
        self.mentions = mentions
        self.surroundings = surroundings
        self.signs = surroundings.signs
        self.people: list[Person] = []
        self.owner: dict[int, Person] = {}
        self.doubts: dict[int, list[Person]] = {}
        self.forms: list[Form] = []
        self.numbers: list[list[int]] = []
        self.form_at: dict[int, int] = {}
        self.english = surroundings.text.count(" the ") > 0
        self.names = [parse(mention.surface, Kind.PER) for mention in mentions]
        self.kin_of: dict[int, list[int]] = defaultdict(list)
        for kin in self.signs.kin:
            self.kin_of[kin.left].append(kin.right)
            self.kin_of[kin.right].append(kin.left)
        self._spell()
        self.apart = self._apart()
        self._full_names()
        self._bare_names()

    # ------------------------------------------------------------ spellings

    def _spell(self) -> None:
        """Find the distinct spellings; a full name that the text gives to two people makes two."""
        known: dict[tuple[tuple[str, ...], str], list[int]] = {}
        for number, name in enumerate(self.names):
            form = form_of(name, self.signs.clues[number].generation)
            if self.english and not form.full and name.surface.startswith("M. "):
                form = form._replace(core=("m", *form.core))  # an initial; in French it is Monsieur
            versions = known.setdefault((form.core, form.generation), [])
            at = next((v for v in reversed(versions) if not self._namesake(number, form, v)), None)
            if at is None:
                at = len(self.forms)
                self.forms.append(form)
                self.numbers.append([])
                versions.append(at)
            self.forms[at].mentions.append(self.mentions[number])
            self.numbers[at].append(number)
            self.form_at[number] = at

    def _namesake(self, number: int, form: Form, version: int) -> bool:
        """Whether a mention of a full name introduces a second bearer: the text speaks of namesakes just there."""
        if not form.full or not self.signs.contrasted(number):
            return False
        clue = self.signs.clues[number]
        if not (clue.introduced or clue.titles or clue.other):
            return False
        first = self.numbers[version][0]
        mine = set(self.surroundings.context([self.mentions[number]]).roles) | clue.titles
        theirs = set(self.surroundings.context([self.mentions[first]]).roles) | self.signs.clues[first].titles
        return clue.other or not mine & theirs

    def _apart(self) -> set[frozenset[int]]:
        """Pairs of spellings that kinship keeps apart, and those that are two versions of one full name."""
        out: set[frozenset[int]] = set()
        for kin in self.signs.kin:
            left, right = self.form_at[kin.left], self.form_at[kin.right]
            if self.forms[left].full:
                out.add(frozenset((left, right)))
                if not self.forms[right].full:  # "His brother Bahman": no Bahman is he
                    for number, form in enumerate(self.forms):
                        if form.full and form.core[0] == self.forms[right].core[0] and number != left:
                            out.add(frozenset((left, number)))
        keys: dict[tuple[tuple[str, ...], str], int] = {}
        for number, form in enumerate(self.forms):
            if form.full:
                earlier = keys.setdefault((form.core, form.generation), number)
                if earlier != number:
                    out.add(frozenset((earlier, number)))
        return out

    # ------------------------------------------------------------ full names

    def _full_names(self) -> None:
        """Make a person of every full name, the fullest first; fuller, shorter and initialled ones join them."""
        full = [n for n, form in enumerate(self.forms) if form.full]
        full.sort(key=lambda n: self._size(self.forms[n]))
        for number in full:
            form = self.forms[number]
            ranked = [(self._full_rank(number, person), at) for at, person in enumerate(self.people)]
            best = min(ranked, default=(NO_MATCH, 0))[0]
            fitting = [self.people[at] for rank, at in ranked if rank == best < NO_MATCH]
            if not fitting:
                self._new_person(form, self.numbers[number])
            elif len(fitting) == 1:
                self._take(fitting[0], form, self.numbers[number])
            else:
                for mention in self.numbers[number]:
                    self._choose(mention, form, [(best, person) for person in fitting])
        for same in self.signs.same:
            if same.left is not None and same.left in self.owner and same.right in self.owner:
                self._unite(self.owner[same.left], self.owner[same.right])

    @staticmethod
    def _size(form: Form) -> tuple[int, int, int, int]:
        """Sorting key: the fullest name first, initials behind names spelled out."""
        return (-form.spelled, -len(form.core), -len(form.mentions), -len(form.name.folded))

    def _full_rank(self, number: int, person: Person) -> int:
        """How well a full name fits a person: 0 best, `NO_MATCH` not at all."""
        form = self.forms[number]
        if any(frozenset((number, self._form_number(other))) in self.apart for other in person.forms):
            return NO_MATCH
        if any(contradicts(form.generation, other.generation) for other in person.forms):
            return NO_MATCH
        gender = Person.gender_of_name(form)
        if gender and person.gender() and gender != person.gender():
            return NO_MATCH
        rank = min((pair_rank(form, other) for other in person.full_forms), default=NO_MATCH)
        if rank >= GUESSED and any(givens_differ(form, other) for other in person.full_forms):
            return NO_MATCH
        return rank

    def _form_number(self, form: Form) -> int:
        return next(n for n, other in enumerate(self.forms) if other is form)

    # ------------------------------------------------------------ bare names

    def _bare_names(self) -> None:
        """Give every bare name to somebody, in the order of the text, the headline last."""
        bare = [n for n in range(len(self.mentions)) if n not in self.owner]
        self._generations()
        self._familiar(bare)
        for number in sorted(bare, key=self._turn):
            form = self.forms[self.form_at[number]]
            partner = self._partner(number)
            if partner is not None:
                self._take(partner, form, [number])
                continue
            candidates = self._candidates(number, form)
            if not candidates:
                self._new_person(form, [number])
            else:
                self._choose(number, form, candidates)

    def _turn(self, number: int) -> tuple[bool, bool, int]:
        """Sorting key: in the order of the text, but a kunya after the rest and the headline last."""
        return self.signs.clues[number].headline, " " in self.forms[self.form_at[number]].core[0], number

    def _partner(self, number: int) -> Person | None:
        """Return the person with whom the text equates a bare name."""
        for same in self.signs.same:
            if same.left is None and same.right == number:
                return self._antecedent(number, same.gender)
            if same.left is not None and number in (same.left, same.right):
                person = self.owner.get(same.left if same.right == number else same.right)
                if person is not None:
                    return person
        return self._parent(self.forms[self.form_at[number]].core[0])

    def _antecedent(self, number: int, gender: str) -> Person | None:
        """Return whom "him" or "her" before a mention means: the last man or woman named, or else the last person."""
        before = [self.owner[n] for n in range(number - 1, -1, -1) if n in self.owner]
        told = [person for person in before if person.gender() == gender]
        return next(iter(told or [person for person in before if not person.gender()]), None)

    def _parent(self, token: str) -> Person | None:
        """Return whose son makes him "Abu Tareq"."""
        child = token.partition(" ")[2]
        for kin in self.signs.kin if child else ():
            if kin_words()[kin.word][1] == "jr" and self.forms[self.form_at[kin.right]].core[0] == child:
                return self.owner.get(kin.left)
        return None

    def _generations(self) -> None:
        """Mark father and son of one surname, elder and younger."""
        for kin in self.signs.kin:
            left, right = self.owner.get(kin.left), self.owner.get(kin.right)
            if left is None or right is None or left is right or not left.shares_token(right):
                continue
            generation = kin.generation
            if generation:
                right.generations.add(generation)
                left.generations.add("sr" if generation == "jr" else "jr")
            later = max(kin.left, kin.right)
            self.owner[later].aside.add(later)

    def _familiar(self, bare: Iterable[int]) -> None:
        """Mark who is called by given name alone where others of the article share the surname."""
        for number in bare:
            form = self.forms[self.form_at[number]]
            clue = self.signs.clues[number]
            fits = [person for person in self.people if form.core[0] in person.tokens]
            joined = self.signs.tail(number).strip() in ("and", "et", "und", "&")
            if len(fits) == 1 and not clue.headline and not joined:
                fits[0].called.add(form.core[0])

    def _candidates(self, number: int, form: Form) -> list[tuple[int, Person]]:
        """Return who a bare name may stand for, with how well the name fits; only the best kind of fit is kept."""
        token = form.core[0]
        found: list[tuple[int, Person]] = []
        for person in self.people:
            rank = self._bare_rank(number, token, person)
            if (
                rank < NO_MATCH
                and not self._early(number, rank, person)
                and not self._blocked(number, form, person)
            ):
                found.append((rank, person))
        if any(rank <= MIDDLE for rank, _ in found):
            found = [(rank, person) for rank, person in found if rank <= MIDDLE]
        clue = self.signs.clues[number]
        if clue.other and len(found) > 0:
            latest = self._latest([person for _, person in found], number)
            found = [(rank, person) for rank, person in found if person is not latest]
        if clue.generation:
            told = [(rank, person) for rank, person in found if clue.generation in person.generations]
            opposed = any(
                person.generations and clue.generation not in person.generations
                for person in self.people
                if token in person.tokens
            )
            found = told or ([] if not opposed else [f for f in found if not f[1].generations])
        if len(found) > 1 and min(rank for rank, _ in found) >= INITIAL:
            return []  # a guess by letters alone needs to be the only one
        return found

    def _early(self, number: int, rank: int, person: Person) -> bool:
        """Whether a bare name stands before a person is introduced: newspapers give the full name first.

        The headline does not count, nor a bare name that shares an office with the person. A given name before the
        full one is usual in interviews; there it takes an introduction of its own.
        """
        clue = self.signs.clues[number]
        full = [n for n in sorted(person.numbers) if self.forms[self.form_at[n]].full]
        if not full or number > full[0] or clue.headline or clue.kin or clue.alias:
            return False
        if rank in (FIRST, MIDDLE):
            return clue.presented and number < min(person.numbers)
        first = self.signs.clues[full[0]]
        roles = set(self.surroundings.context([self.mentions[full[0]]]).roles) | first.titles
        if not (first.presented or first.kin or (roles and not first.titles)):
            return False
        own = set(self.surroundings.context([self.mentions[number]]).roles) | clue.titles
        return not own & roles

    def _bare_rank(self, number: int, token: str, person: Person) -> int:
        """How a bare name fits a person's names."""
        best = NO_MATCH
        if len(token) == 1:
            return EXACT if not person.full_forms and token in person.bare else NO_MATCH
        for form in person.full_forms:
            core = form.core
            last = len(core) - 1
            for at, part in enumerate(core):
                if (token == part or (misread(token, part) and at in (0, last))) and not (
                    at in form.joints and at != last  # nobody calls Carl-Gustaf Gustaf
                ):
                    best = min(best, LAST if at == last else FIRST if at == 0 else MIDDLE)
                if at and token == core[at - 1] + part:
                    best = min(best, FIRST if at < last else LAST)
            if token in form.name.having(Role.NICK):
                best = min(best, NICK)
        if best < NO_MATCH:
            return best
        if token in person.bare:
            return EXACT
        return self._guess(number, token, person)

    def _guess(self, number: int, token: str, person: Person) -> int:
        """How a bare name fits by its letters alone: an initial, a pet form, a slip."""
        clue = self.signs.clues[number]
        near = min(abs(self.mentions[n].start - self.mentions[number].start) for n in person.numbers)
        if clue.kin or near > GUESS_CHARACTERS:
            return NO_MATCH
        full = person.full_forms
        if full and (clue.alias or not clue.presented):
            firsts = {form.core[0] for form in full if len(form.core[0]) > 1}
            if any(diminutive(token, f, loosely=clue.alias) or diminutive(f, token) for f in firsts):
                return PET
            if clue.alias and any(diminutive(token, last) for last in person.surnames):
                return PET
            if self._initialled(token, person):
                return INITIAL
        known = person.surnames or person.bare
        slips = [name for name in known if misspelt(token, name)]
        if clue.presented:
            slips = [name for name in slips if abs(len(name) - len(token)) < 1 or misread(token, name)]
        return TYPO if slips else NO_MATCH

    @staticmethod
    def _initialled(token: str, person: Person) -> bool:
        """Whether a given name has the initial of a person whose given name the article does not spell out."""
        if person.bare - person.tokens_of_full or not Person.is_given(token):
            return False
        return all(form.spelled == len(form.core) - 1 for form in person.full_forms) and any(
            len(form.core[0]) == 1
            and token.startswith(form.core[0])
            and f"{form.core[0].upper()}." in form.name.surface
            for form in person.full_forms
        )

    def _blocked(self, number: int, form: Form, person: Person) -> bool:
        """Whether something beside a bare name contradicts a person."""
        clue = self.signs.clues[number]
        token = form.core[0]
        return (
            any(self.owner.get(other) is person for other in self.kin_of[number])
            or bool(clue.gender and person.gender() and clue.gender != person.gender())
            or any(contradicts(form.generation, other.generation) for other in person.forms)
            or bool(clue.described and person.described and clue.described not in person.described)
            # "the other Raymond" beside "Raymond Sr."
            or (not form.generation and not person.full_forms and person.every_generation <= {"jr", "sr"})
            or (token not in person.tokens and any(sexed(token, last) for last in person.surnames))
            or self._late_title(number, person)
        )

    def _late_title(self, number: int, person: Person) -> bool:
        """Whether a rank stands before a bare name that the person, named only without it, never bears.

        Offices do not count: everybody knows "President Trump" without them.
        """
        clue = self.signs.clues[number]
        titles = clue.titles & RANKS
        if not titles or clue.headline or titles & person.titles:
            return False
        if person.full_forms:
            if min(person.numbers) < number:
                return False
        elif all(self.signs.clues[n].headline for n in person.numbers):
            return False
        roles = self.surroundings.context([self.mentions[n] for n in sorted(person.numbers)]).roles
        return not titles & set(roles)

    def _choose(self, number: int, form: Form, candidates: Sequence[tuple[int, Person]]) -> None:
        """Give a mention to the likeliest of several people and note the others that come near."""
        if len(candidates) == 1:
            self._take(candidates[0][1], form, [number])
            return
        latest = self._latest([person for _, person in candidates], number)
        scored = [
            (self._points(number, form, rank, person, candidates) + LATEST_POINTS * (person is latest), -at)
            for at, (rank, person) in enumerate(candidates)
        ]
        scored.sort(reverse=True)
        ahead = scored[0][0] - scored[1][0]
        chosen = candidates[-scored[0][1]][1]
        rivals = [candidates[-at][1] for points, at in scored if points > scored[0][0] - RIVAL_POINTS]
        guessed = ahead <= LATEST_POINTS if chosen is latest else ahead < LATEST_POINTS
        if guessed and self._new_paragraph(number, latest):
            self._new_person(form, [number])
        else:
            self._take(chosen, form, [number])
            rivals.remove(chosen)
        self.doubts[number] = rivals

    def _new_paragraph(self, number: int, latest: Person | None) -> bool:
        """Whether a paragraph ends between the last mention of a person and this one: it may take up another."""
        before = [n for n in latest.numbers if n < number] if latest is not None else []
        if not before or self.signs.clues[number].headline:
            return False
        return "\n" in self.surroundings.text[self.mentions[max(before)].end : self.mentions[number].start]

    def _points(
        self, number: int, form: Form, rank: int, person: Person, candidates: Sequence[tuple[int, Person]]
    ) -> float:
        """What speaks for a person, against the other candidates."""
        clue = self.signs.clues[number]
        points = -FIRST_POINTS if rank == FIRST else -MIDDLE_POINTS if rank == MIDDLE else 0.0
        if rank == FIRST and any(person.follows(other) for _, other in candidates):
            points = 0.0
        if clue.titles & person.titles:
            points += TITLE_POINTS
        own = self.surroundings.context([self.mentions[number]])
        if own.roles:
            theirs = self.surroundings.context([self.mentions[n] for n in sorted(person.numbers)])
            points += ROLE_POINTS * bool(set(own.roles) & set(theirs.roles))
        if clue.generation and clue.generation in person.generations:
            points += GENERATION_POINTS
        pronoun = self.surroundings.pronoun(self.mentions[number])
        if pronoun and person.gender() and pronoun != person.gender():
            points -= GENDER_POINTS
        if clue.gender and clue.gender == person.gender():
            points += GENDER_POINTS
        if person.called - {form.core[0]}:
            points -= FAMILIAR_POINTS
        if person.aside >= {n for n in person.numbers if n < number}:
            points -= ASIDE_POINTS
        return points + self._echo(number, person, candidates)

    def _echo(self, number: int, person: Person, candidates: Sequence[tuple[int, Person]]) -> float:
        """What the sentence of a bare name repeats of the sentences that name this person and no other candidate."""
        mine = self.surroundings.stems(self.mentions[number])
        theirs = {w for n in person.numbers for w in self.surroundings.stems(self.mentions[n])}
        others = {
            w
            for _, other in candidates
            if other is not person
            for n in other.numbers
            for w in self.surroundings.stems(self.mentions[n])
        }
        return min(ECHO_POINTS * len(mine & (theirs - others)), MOST_ECHO_POINTS)

    def _latest(self, people: Sequence[Person], number: int) -> Person | None:
        """Return which of several people is named last before a mention, or else first after it."""
        before = [
            (max(n for n in p.numbers if n < number), at)
            for at, p in enumerate(people)
            if any(n < number for n in p.numbers)
        ]
        if before:
            return people[max(before)[1]]
        after = [(min(p.numbers), at) for at, p in enumerate(people) if p.numbers]
        return people[min(after)[1]] if after else None

    # ------------------------------------------------------------ keeping book

    def _new_person(self, form: Form, numbers: Sequence[int]) -> None:
        person = Person()
        self.people.append(person)
        self._take(person, form, numbers)

    def _take(self, person: Person, form: Form, numbers: Sequence[int]) -> None:
        """Give mentions of a form to a person."""
        person.take(form, numbers, [self.signs.clues[n] for n in numbers])
        for number in numbers:
            self.owner[number] = person
            person.pronouns[self.surroundings.pronoun(self.mentions[number])] += 1

    def _unite(self, left: Person, right: Person) -> None:
        """Make one person of two that the text equates."""
        if left is right:
            return
        left.absorb(right)
        self.people = [person for person in self.people if person is not right]
        for number in right.numbers:
            self.owner[number] = left

    def groups(self) -> tuple[list[list[Form]], dict[str, list[int]]]:
        """Return the people as groups of forms, the fullest form of each first, and the doubts by mention id."""
        groups = []
        for person in self.people:
            by_form: dict[int, list[Mention]] = defaultdict(list)
            for number in sorted(person.numbers):
                by_form[self.form_at[number]].append(self.mentions[number])
            forms = [self.forms[at]._replace(mentions=mentions) for at, mentions in by_form.items()]
            groups.append(
                sorted(forms, key=lambda f: (f.name.script != "latin", *self._size(f), f.mentions[0].start))
            )
        number_of = {id(person): number for number, person in enumerate(self.people)}
        doubts = {
            self.mentions[number].mention_id: [number_of[id(p)] for p in people if id(p) in number_of]
            for number, people in self.doubts.items()
        }
        return groups, doubts


def pair_rank(short: Form, full: Form) -> int:
    """How well a full name fits another that is as full or fuller."""
    if len(short.core) > len(full.core):
        short, full = full, short
    places = placed(short.core, full.core)
    if places is None:
        return like_rank(short, full)
    if len(short.core) == len(full.core):
        return 0 if short.spelled and full.spelled else 1
    if places[0] == 0:
        return 1  # the given name and at least one more: "Hernán Iriarte" for "Hernán Iriarte Lozano"
    if places[0] in full.joints:
        return NO_MATCH  # nobody calls Carl-Gustaf Rosenblad Gustaf Rosenblad
    return 2 if places[-1] == len(full.core) - 1 else 4


def givens_differ(left: Form, right: Form) -> bool:
    """Whether both spell out a given name and the two have nothing to do with each other."""
    if left.compound or right.compound:
        return False
    a, b = left.core[0], right.core[0]
    return min(len(a), len(b)) > 1 and a not in right.core and b not in left.core and not loosely(a, b)


def like_rank(short: Form, full: Form) -> int:
    """Rank of two full names that agree in all but one token, and there by a slip or a pet form."""
    for one, other in ((short, full), (full, short)):
        if (
            one.compound
            and not other.compound
            and other.core[-1] in one.core
            and other.core[0] not in one.core
        ):
            return 5  # "Femke Blom" and "Oosterwijk-Blom"
    places = placed(short.core, full.core, loosely)
    if places is None or len(places) != len(short.core):
        return NO_MATCH
    differing = [
        (a, full.core[at], at)
        for a, at in zip(short.core, places, strict=True)
        if not same_token(a, full.core[at])
    ]
    if all(misread(a, b) for a, b, _ in differing):
        return 5
    if len(differing) != 1 or places[0] != 0:
        return NO_MATCH
    a, b, at = differing[0]
    if at == 0 and (diminutive(a, b) or diminutive(b, a)):
        return 6
    return 6 if at == len(full.core) - 1 and min(len(a), len(b)) >= LONG_SURNAME else NO_MATCH


def loosely(left: str, right: str) -> bool:
    """Whether two tokens are equal, an initial, a slip or a pet form apart."""
    if same_token(left, right) or misread(left, right) or misspelt(left, right):
        return True
    return len(left) > 2 and len(right) > 2 and (diminutive(left, right) or diminutive(right, left))
