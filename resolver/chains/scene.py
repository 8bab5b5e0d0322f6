"""What the text of one article says for and against a mention being somebody, whatever the names are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from resolver.chains.forms import Form, contradicts, form_of
from resolver.chains.known import is_given
from resolver.chains.likeness import sexed
from resolver.chains.person import Person
from resolver.context import Surroundings
from resolver.model import Kind, Mention, Name

__all__ = ["RANKS", "Candidates", "Scene", "differ"]

Candidates = Sequence[tuple[int, Person]]
"""How a name fits, and whom."""

JOINED = ("and", "et", "und", "&", "y", "e")
RANKS = frozenset(
    """judge constable sergeant captain lieutenant major colonel brigadier doctor professor rabbi priest pastor imam
    sheikh""".split()
)


class Scene:
    """One article: its mentions of people, their distinct spellings, and what stands around them.

    Args:
        mentions: The mentions of people in order.
        parse: Surface and kind -> Name.
        surroundings: The article, prepared for reading.

    Attributes:
        forms: The distinct spellings; a full name that the text gives to two people is two.
        numbers: For each spelling the numbers of its mentions.
        form_at: For each mention the number of its spelling.
        kin_of: For each mention those of kin, of who is joined with that person, or is "his lawyer": other people.
    """

    def __init__(
        self, mentions: Sequence[Mention], parse: Callable[[str, Kind], Name], surroundings: Surroundings
    ) -> None:
        self.mentions = mentions
        self.surroundings = surroundings
        self.signs = surroundings.signs
        self.clues = self.signs.clues
        self.forms: list[Form] = []
        self.numbers: list[list[int]] = []
        self.form_at: dict[int, int] = {}
        self.kin_of: dict[int, list[int]] = defaultdict(list)
        for kin in self.signs.kin:
            self.kin_of[kin.left].append(kin.right)
            self.kin_of[kin.right].append(kin.left)
        self.joined = frozenset(self.signs.together)
        for left, right in (*self.signs.together, *self.signs.owned):
            self.kin_of[left].append(right)
            self.kin_of[right].append(left)
        self._roles: dict[int, frozenset[str]] = {}
        self._spell(parse)

    def _spell(self, parse: Callable[[str, Kind], Name]) -> None:
        """Find the distinct spellings."""
        known: dict[tuple[tuple[str, ...], str], list[int]] = {}
        for number, mention in enumerate(self.mentions):
            form = form_of(parse(mention.surface, Kind.PER), self.clues[number].generation)
            if not form.full and self.signs.initialled(mention):
                form = form._replace(core=("m", *form.core))
            family = self._family(number, parse) if not form.full and is_given(form.core[0]) else ""
            if family:
                form = form._replace(core=(form.core[0], family))
            versions = known.setdefault((form.core, form.generation), [])
            open_to = [v for v in versions if not self._namesake(number, form, v)]
            at = self._likest(number, open_to) if len(open_to) > 1 else next(iter(open_to), -1)
            if at < 0:
                at = len(self.forms)
                self.forms.append(form)
                self.numbers.append([])
                versions.append(at)
            self.forms[at].mentions.append(mention)
            self.numbers[at].append(number)
            self.form_at[number] = at

    def _likest(self, number: int, versions: Collection[int]) -> int:
        """Return the version of a full name that shares most with what stands beside a mention; of equals the last."""
        mine = self._marks(number)
        return max(versions, key=lambda v: (len(mine & self._marks(*self.numbers[v])), v))

    def _family(self, number: int, parse: Callable[[str, Kind], Name]) -> str:
        """Return the surname that a given name shares with the next one ("Anna and Pablo Ruiz"), or ""."""
        if number + 1 == len(self.mentions) or self.signs.tail(number).strip() not in JOINED:
            return ""
        core = form_of(parse(self.mentions[number + 1].surface, Kind.PER)).core
        return core[-1] if len(core) > 1 else ""

    def _namesake(self, number: int, form: Form, version: int) -> bool:
        """Whether a mention of a full name introduces a second bearer: the text speaks of namesakes just there."""
        clue = self.clues[number]
        if not form.full or clue.other or self.reintroduced(number, self.numbers[version]):
            return form.full
        if any(other in self.numbers[version] for other in self.kin_of.get(number, ())):
            return True  # "his sister, O. Cole"
        if self._told_apart(number, version):
            return True
        mine = self._marks(number)
        body = [n for n in self.numbers[version] if not self.clues[n].headline]
        if body and self.signs.contrasted(number) and (clue.introduced or mine):
            return not mine & self._marks(*self.numbers[version])
        return self.introduced_anew(number, self.numbers[version])

    def reintroduced(self, number: int, others: Collection[int]) -> bool:
        """Whether a mention speaks of somebody new, and nothing beside it was said of a person by other mentions."""
        return self.signs.newcomer(number) and not self._marks(number) & self._marks(*others)

    def _told_apart(self, number: int, version: int) -> bool:
        """Whether a full name has another age, or is said twice close by with other words beside it each time.

        In one sentence any words do; in one paragraph it takes "X of Leeds" and "X of Hull".
        """
        others = self.numbers[version]
        age = self.signs.age(number)
        if age and any(abs(age - other) > 1 for n in others if (other := self.signs.age(n))):
            return True
        start, last = self.mentions[number].start, self.mentions[others[-1]].end
        if "\n" in self.surroundings.text[last:start]:
            return False
        mine, theirs = self._marks(number), self._marks(*others)
        if last <= self.surroundings.sentence(start)[0]:
            mine, theirs = (
                frozenset(mark for mark in side if mark.startswith("of ")) for side in (mine, theirs)
            )
        return differ(mine, theirs)

    def _marks(self, *numbers: int) -> frozenset[str]:
        """Return roles, titles and other words beside some mentions that tell namesakes apart."""
        return self.roles(*numbers).union(*(self.signs.marks(n) for n in numbers))

    def introduced_anew(self, number: int, others: Collection[int]) -> bool:
        """Whether a mention is said to be one thing and a person, by other mentions, another.

        Without a description behind it that holds against the body of the article alone: headlines put things shortly.
        """
        mine, theirs = self.roles(number), self.roles(*others)
        clue = self.clues[number]
        presented = clue.presented or bool(clue.described)
        body = any(not self.clues[n].headline for n in others)
        return (presented or body) and differ(mine, theirs)

    def form(self, number: int) -> Form:
        """Return the spelling of a mention."""
        return self.forms[self.form_at[number]]

    def roles(self, *numbers: int) -> frozenset[str]:
        """Return the roles and titles that stand beside some mentions."""
        out: frozenset[str] = frozenset()
        for number in numbers:
            if number not in self._roles:
                read = self.surroundings.roles(self.mentions[number])
                said = {self.clues[number].described} - {""}
                self._roles[number] = self.clues[number].titles.union(read, said)
            out |= self._roles[number]
        return out

    def apart(self) -> set[frozenset[int]]:
        """Return the pairs of spellings that kinship keeps apart, and those that are versions of one full name."""
        out: set[frozenset[int]] = set()
        for kin in self.signs.kin:
            left, right = self.form_at[kin.left], self.form_at[kin.right]
            if left == right or not self.forms[left].full:
                continue
            out.add(frozenset((left, right)))
            if not self.forms[right].full:  # "His brother Bahman": no Bahman is he
                given = self.forms[right].core[0]
                out.update(
                    frozenset((left, number))
                    for number, form in enumerate(self.forms)
                    if form.full and form.core[0] == given and number != left
                )
        for a, b in self.signs.together:
            left, right = self.form_at[a], self.form_at[b]
            if self.forms[left].full and self.forms[right].full and left != right:
                out.add(frozenset((left, right)))
        first: dict[tuple[tuple[str, ...], str], int] = {}
        for number, form in enumerate(self.forms):
            earlier = first.setdefault((form.core, form.generation), number)
            if form.full and earlier != number:
                out.add(frozenset((earlier, number)))
        return out

    def blocked(self, number: int, person: Person, owner: Mapping[int, Person]) -> bool:
        """Whether something beside a bare name contradicts a person."""
        clue, form = self.clues[number], self.form(number)
        token = form.core[0]
        return (
            any(owner.get(other) is person for other in self.kin_of.get(number, ()))
            or bool(clue.gender and person.gender(1) and clue.gender != person.gender(1))
            or bool(clue.described and person.described and clue.described not in person.described)
            or any(contradicts(form.generation, other.generation) for other in person.forms)
            # "the other Raymond" beside "Raymond Sr."
            or (not form.generation and not person.full_forms and person.every_generation <= {"jr", "sr"})
            or (token not in person.tokens and any(sexed(token, last) for last in person.surnames))
            or self._late_title(number, person)
            or (min(person.numbers) < number and self.signs.some_relative(number))
        )

    def _late_title(self, number: int, person: Person) -> bool:
        """Whether a rank stands before a bare name that the person, named only without it, never bears.

        Offices do not count: everybody knows "President Trump" without them.
        """
        clue = self.clues[number]
        titles = clue.titles & RANKS
        if not titles or clue.headline or titles & person.titles:
            return False
        if person.full_forms:
            if min(person.numbers) < number:
                return False
        elif all(self.clues[n].headline for n in person.numbers):
            return False
        return not titles & self.roles(*person.numbers)

    def near(self, number: int, person: Person) -> int:
        """Return how many characters a mention is from the next one of a person."""
        start = self.mentions[number].start
        return min(abs(self.mentions[n].start - start) for n in person.numbers)


def differ(one: Collection[str], other: Collection[str]) -> bool:
    """Whether both sides are told something, and nothing of it is the same."""
    return bool(one and other) and set(one).isdisjoint(other)
