"""One person of one article while the article is being read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from resolver.chains.forms import Form
from resolver.chains.likeness import seen
from resolver.context import Clue
from resolver.context.lexicon import given_gender
from resolver.model import Role

__all__ = ["Person"]

SURE_VOTES = (
    2  # votes that make the sex known; a title or kinship word gives three, a given name two, a pronoun one
)
FEMALE_ENDINGS = ("ovna", "evna", "ichna", "aite", "iene", "dottir", "skaya", "ovova")
MALE_ENDINGS = ("ovich", "evich")


class Person:
    """What is known of a person: forms, the numbers of the mentions, and clues.

    Attributes:
        forms: Forms in the order in which they came; `full_forms` those of two tokens or more.
        bare: The single tokens by which the person is known.
        surnames: The last tokens of the full names.
        tokens: All tokens that are spelled out; `tokens_of_full` all of full names.
        initials: The first letters of all tokens, easily misread ones made one; `heads` the ends of all tokens.
        numbers: Numbers of the mentions.
        titles: Titles that stand before the name.
        described: Roles in "X the broker".
        generations: "jr" or "sr" by name, words beside it or kinship.
        aside: Mentions that only name the person as somebody's relative.
        courteous: Whether "Mr", "Mme" or the like stands before every mention.
        called: Given names by which the article calls the person.
        pronouns: How often "m" or "f" follows.
        maybe: People named in full who may be meant where this is a bare name in doubt.
    """

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self.full_forms: list[Form] = []
        self.bare: set[str] = set()
        self.surnames: set[str] = set()
        self.tokens: set[str] = set()
        self.tokens_of_full: set[str] = set()
        self.initials: set[str] = set()
        self.heads: set[str] = set()
        self.numbers: set[int] = set()
        self.titles: set[str] = set()
        self.described: set[str] = set()
        self.generations: set[str] = set()
        self.aside: set[int] = set()
        self.called: set[str] = set()
        self.maybe: list[Person] = []
        self.courteous = True
        self.pronouns: Counter[str] = Counter()
        self.votes: Counter[str] = Counter()

    def take(self, form: Form, numbers: Sequence[int], clues: Sequence[Clue]) -> None:
        """Add mentions of a form."""
        if not any(other is form for other in self.forms):
            self._know(form)
            self.votes[self.gender_of_name(form)] += 2
        self.numbers.update(numbers)
        if form.generation:
            self.generations.add(form.generation)
        for clue in clues:
            self.courteous = self.courteous and clue.courteous
            self.titles |= clue.titles
            self.votes[clue.gender] += 3
            if clue.described:
                self.described.add(clue.described)

    def _know(self, form: Form) -> None:
        self.forms.append(form)
        self.tokens.update(token for token in form.core if len(token) > 1)
        self.initials.update(seen(token)[0] for token in form.core)
        self.initials.update(nick[0] for nick in form.name.having(Role.NICK))
        self.heads |= form.heads
        if form.full:
            self.full_forms.append(form)
            self.tokens_of_full.update(form.core)
            self.surnames.add(form.core[-1])
        else:
            self.bare.add(form.core[0])

    def absorb(self, other: Person) -> None:
        """Take everything of another person."""
        for form in other.forms:
            self._know(form)
        self.numbers |= other.numbers
        self.aside |= other.aside
        self.titles |= other.titles
        self.described |= other.described
        self.generations |= other.generations
        self.called |= other.called
        self.pronouns += other.pronouns
        self.votes += other.votes
        self.courteous = self.courteous and other.courteous

    @property
    def every_generation(self) -> set[str]:
        """What each form states of a generation, "" among them where one states nothing."""
        return {form.generation for form in self.forms}

    def follows(self, other: Person) -> bool:
        """Whether the surname is the other's given name, as where people bear their father's name behind their own."""
        return self is not other and bool(self.surnames & {form.core[0] for form in other.full_forms})

    def gender(self, pronouns: int = SURE_VOTES) -> str:
        """Return "m" or "f" where title, kinship and given name agree on it, or else so many pronouns; "" otherwise."""
        votes, least = (
            (self.votes, SURE_VOTES) if self.votes["m"] or self.votes["f"] else (self.pronouns, pronouns)
        )
        male, female = votes["m"], votes["f"]
        if male >= least and male > 3 * female:
            return "m"
        return "f" if female >= least and female > 3 * male else ""

    @staticmethod
    def gender_of_name(form: Form) -> str:
        """Return the sex that a full name tells: by its given name, patronymic or surname's ending."""
        if not form.full:
            return ""
        for token in form.core[1:]:
            if token.endswith(FEMALE_ENDINGS):
                return "f"
            if token.endswith(MALE_ENDINGS):
                return "m"
        return given_gender().get(form.core[0], "")
