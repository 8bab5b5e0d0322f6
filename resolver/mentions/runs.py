"""Words -> sequences of capitalised words that may be names, cut from the titles and sentence openings around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from resolver.mentions.words import Word, cue, is_common, is_name_like, listed, opens_like, words

__all__ = ["Run", "Sequences"]

_OPENING_MARKS = frozenset('.!?:;…\n“”"«»„‘([—–•*|>')
"""Marks behind which a sentence, a quotation or a turn of speech may start."""

_ARTICLES = frozenset(("the", "a", "an"))
_GOES_ON = frozenset(("of", "for", "de", "des", "du", "der", "für"))
_LINKS = _GOES_ON | {"the", "and", "la", "le", "les"}


class Run(NamedTuple):
    """Words `[first, last)` of a text that may be a name; `led` says that a title stands before it."""

    first: int
    last: int
    led: bool = False


class Sequences:
    """A text as words, and the capitalised sequences in it.

    Attributes:
        words: Words, marks and line ends.
        opens: For each word whether a sentence starts with it, so that its capital says nothing.
        loud: For each word whether its line is a headline in capitals, where capitals say nothing at all.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(words(text))
        self.opens = self._openings()
        self.loud = self._headlines()

    def folded(self, i: int) -> str:
        """Return word `i` as it stands in the lists; nothing beyond the ends."""
        return self.words[i].folded if 0 <= i < len(self.words) else ""

    def _openings(self) -> list[bool]:
        opens, start = [], True
        for i, word in enumerate(self.words):
            opens.append(start)
            if word.text[0].isdigit() and start:
                continue  # a time or a number at the head of a line
            if word.text[0].isalnum() or (word.text == "." and i and self._is_abbreviation(i - 1)):
                start = False
            else:
                start = start or word.text[0] in _OPENING_MARKS
        return opens

    def _headlines(self) -> list[bool]:
        loud: list[bool] = []
        line: list[Word] = []
        for word in [*self.words, Word(0, 0, "\n", "")]:
            if word.text[0] != "\n":
                line.append(word)
                continue
            long = [part.text for part in line if part.text[0].isalpha() and len(part.text) > 3]
            capitals = sum(part[0].isupper() for part in long)
            sentence = (
                line[-1:] and line[-1].text in {".", "”", '"', "?", "!"} and not all(map(str.isupper, long))
            )
            loud += [len(long) >= 3 and not sentence and capitals > 0.7 * len(long)] * (len(line) + 1)
            line = []
        return loud[:-1]

    def _is_abbreviation(self, i: int) -> bool:
        """Tell whether the point behind word `i` belongs to it."""
        return self.folded(i) in cue("abbreviations") and self.words[i].end == self.words[i + 1].start

    # ---------------------------------------------------------------- sequences

    def runs(self) -> Iterator[Run]:
        """Yield the sequences that may be names, from left to right."""
        i = 0
        while i < len(self.words):
            if self._is_capital(i):
                last = self._end(i)
                for run in self._names(i, last):
                    yield run
                    last = max(last, run.last)
                i = last
            else:
                i += 1

    def _is_capital(self, i: int) -> bool:
        word = self.words[i].text
        return word[0].isalpha() and is_name_like(word)

    def _follows(self, i: int) -> bool:
        """Tell whether word `i` stands right behind the one before it, with at most a blank between."""
        if not 0 < i < len(self.words):
            return False
        gap = self.text[self.words[i - 1].end : self.words[i].start]
        return gap in {" ", "\xa0"} or (gap == "" and self.words[i - 1].text.endswith("."))

    def _end(self, i: int) -> int:
        """Return where the capitalised sequence that starts with word `i` ends."""
        j = i + 1
        while True:
            k = self._next(j)
            if k == j:
                return self._with_generation(j)
            j = k

    def _next(self, j: int) -> int:
        """Return where a sequence that reaches to word `j` goes on to, or `j` if it ends."""
        if self._joins(j) and self._is_capital(j + 1):
            return j + 2
        if self.folded(j) == "." and self._is_abbreviation(j - 1):
            return j + 2 if self._follows(j + 1) and self._is_capital(j + 1) else j
        k = j
        while k < j + 3 and self._follows(k) and self.words[k].text in cue("particles"):
            k += 1
        return k + 1 if self._follows(k) and self._is_capital(k) and not self._is_plain(k) else j

    def _joins(self, j: int) -> bool:
        """Tell whether word `j` makes its neighbours one organisation: "People's Bank", "Carr & Lormont"."""
        if j + 1 >= len(self.words):
            return False
        if self.folded(j) == "&":
            lone = not self._follows(j - 1) or not self._is_capital(j - 2) or not self._follows(j + 2)
            return lone and self._follows(j) and self._follows(j + 1)
        ahead = (k for k in (j + 1, j + 2) if k == j + 1 or self._follows(k))
        owner = self.folded(j) in {"'s", "'", "’"} and is_common(self.folded(j - 1))
        return owner and any(self.folded(k) in cue("org_words") for k in ahead)

    def _is_plain(self, i: int) -> bool:
        """Tell whether a capitalised word inside a line is none of a name: "in Basra I am ..."."""
        return self.folded(i) in cue("function") and self.folded(i) not in listed("given") | cue("particles")

    def _with_generation(self, j: int) -> int:
        """Return the end of a name with "Jr.", ", Sr." or an initial that stands behind the surname."""
        k = j + 1 if self.folded(j) == "," else j
        if self.folded(k) in cue("generations") and (k == j or self.folded(k) in {"jr", "sr"}):
            j = k + 1
        word = self.words[j].text if j < len(self.words) and self._follows(j) else ""
        initial = len(self.words[j - 1].text) == 1 and self._follows(j - 1)
        if self.folded(j) == "." and (initial or self.folded(j - 1) in {"jr", "sr"}):
            return j + 1
        return j + 2 if len(word) == 1 and word.isupper() and word != "I" and self.folded(j + 1) == "." else j

    def _names(self, first: int, last: int) -> Iterator[Run]:
        """Yield the names in a capitalised sequence: before and behind titles, without what opens a sentence."""
        while first < last and self._is_opener(first, last):
            first += 1
        if first == last:
            return
        if (
            last - first > 1
            and self.folded(first) in cue("place_acronyms")
            and self.words[first].text.isupper()
        ):
            yield Run(first, first + 1)
            first += 1
        cut = max((i + 1 for i in range(first, last) if self._is_title(i, first, last)), default=first)
        if cut > first:
            if self.folded(cut) == ".":
                cut += 1
            yield from self._whole(first, self._without_leads(first, cut))
        yield from (run._replace(led=cut > first) for run in self._whole(cut, last))

    def _whole(self, first: int, last: int) -> Iterator[Run]:
        """Yield a sequence without titles as an organisation with all that belongs to it, or trimmed."""
        end = self._organisation_end(first, last)
        if end > last or (last - first > 1 and self._has_org_word(first, last) and not self.loud[first]):
            yield Run(first, end)
        else:
            yield from self._trimmed(first, last)

    def _has_org_word(self, first: int, last: int) -> bool:
        return any(self.folded(i) in cue("org_words") for i in range(first, last))

    def _is_opener(self, i: int, last: int) -> bool:
        """Tell whether a capitalised word at the front of a sequence is no part of a name."""
        word = self.folded(i)
        if len(word) > 1 and self.words[i].text.isupper() and not self.loud[i]:
            return False
        if word in cue("function"):
            return word in _ARTICLES or word not in listed("given") or self.opens[i]
        named = i + 1 < last and word in listed("given")
        return self.opens[i] and opens_like(word) and not named

    def _is_title(self, i: int, first: int, last: int) -> bool:
        word, before = self.folded(i), self.folded(i - 1)
        office = i == first and before == "of" and self.folded(i - 2) in cue("titles") and is_common(word)
        role = i == first and last - i > 2 and word in cue("roles")
        if not (office or role or word in cue("titles")) or self._has_org_word(i + 1, last):
            return False
        if f"{before} {word}" in cue("titles"):
            return True
        behind_name = i > first and before in listed("given") and before not in cue("titles")
        return not behind_name

    def _without_leads(self, first: int, cut: int) -> int:
        """Return the end of what stands before titles: an organisation or a country, if not another lead."""
        while cut > first and self._is_lead(cut - 1):
            cut -= 1
        return cut

    def _is_lead(self, i: int) -> bool:
        word = self.folded(i)
        behind = self.folded(i + 1)
        if f"{word} {behind}" in cue("titles") or (
            word in cue("place_parts") and behind in cue("nationalities")
        ):
            return True
        return any(word in cue(section) for section in ("titles", "roles", "nationalities")) or (
            is_common(word) or word == "."
        )

    def _trimmed(self, first: int, last: int) -> Iterator[Run]:
        """Yield a sequence without nationalities, weekdays and the like at its ends, if anything remains."""
        while first < last and (self._is_edge(first) or self.folded(first) == "."):
            first += 1
        if last - first > 1 and self.folded(first) in cue("place_parts") and self._is_edge(first + 1):
            first += 2  # "South African"
        while last > first and self._is_tail(first, last - 1):
            last -= 1
        if last > first:
            yield Run(first, last)

    def _is_tail(self, first: int, i: int) -> bool:
        """Tell whether the last word of a sequence is no part of the name: "James Comey Memos"."""
        named = self.folded(first) in listed("given")
        if i - first > 1 and named and self.folded(i) not in listed("surnames") and is_common(self.folded(i)):
            return True
        return self._is_edge(i) and not (named and i > first and self.folded(i) in listed("surnames"))

    def _is_edge(self, i: int) -> bool:
        word = self.folded(i)
        alone = not self._follows(i + 1) or not self._is_capital(i + 1)
        time = word in cue("times") and (alone or word not in listed("given"))
        nationality = word in cue("nationalities") or word.removesuffix("s") in cue("nationalities")
        return time or nationality or word in _ARTICLES

    def _organisation_end(self, first: int, last: int) -> int:
        """Return the end of an organisation's name, which may go on with "of ..."."""
        if not any(self.folded(i) in cue("org_heads") for i in range(first, last)):
            return last
        while True:
            j = last
            while j < last + 3 and self._follows(j) and self.words[j].text in _LINKS:
                j += 1
            goes_on = j > last and self.folded(last) in _GOES_ON and self._follows(j) and self._is_capital(j)
            if not goes_on or (self.folded(j) in listed("given") - {"st"} and self._end(j) > j + 1):
                return last
            last = self._end(j)
