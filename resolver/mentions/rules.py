"""The rule extractor: sequences of capitalised words, judged by what they hold and what stands beside them.

No model: word lists, hand-set votes, and one thought: all occurrences of a form in an article are judged
together, so that one clear place ("Dr. Chen", "in Kassala") decides for the unclear ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from resolver.mentions.words import Word, cue, fold, is_name_like, listed, words
from resolver.model import Article, Kind, Span

__all__ = ["rules", "spans_in"]

_PARTICLES = frozenset(
    ["de", "del", "della", "dello", "di", "da", "dos", "das", "do", "du", "des", "van", "von", "vom", "der", "den", "ter", "ten", "te", "zu", "zum", "zur", "af", "av", "bin", "ibn", "bint", "ben", "ould", "el", "al", "ul", "la", "le", "lo", "y", "abu", "umm", "st"]
)
_GENERATIONS = frozenset(("jr", "sr", "junior", "senior", "ii", "iii", "iv"))
_LINKS = frozenset(("of", "for", "and", "the", "de", "des", "du", "der", "für", "&", "on", "in", "to"))
_MIN_VOTE = 1.5
"""Votes that a form needs to be taken; with all weights below, chosen by hand on the newsroom training articles."""

_PER, _ORG, _LOC = Kind.PER, Kind.ORG, Kind.LOC
Votes = dict[Kind, float]


class _Run(NamedTuple):
    """Capitalised words `[first, last)` of a text. `led` says that a title stands before it."""

    first: int
    last: int
    led: bool = False


def rules(articles: Sequence[Article]) -> list[list[Span]]:
    """Return the names in articles, by rules."""
    return [spans_in(article.text) for article in articles]


def spans_in(text: str) -> list[Span]:
    """Return the people, organisations and places that a text names.

    Returns:
        Spans sorted by place, none overlapping; the confidence rises with the votes of the form.
    """
    seen = _Text(text)
    votes: dict[str, Votes] = defaultdict(lambda: dict.fromkeys(Kind, 0.0))
    places: list[tuple[_Run, str]] = []
    for run in seen.runs():
        form = seen.form(run)
        places.append((run, form))
        for kind, vote in seen.judge(run).items():
            votes[form][kind] += vote
    found = []
    for run, form in places:
        kind = max(votes[form], key=lambda kind: votes[form][kind])
        vote = votes[form][kind]
        if vote >= _MIN_VOTE:
            confidence = vote / (vote + 1)
            found.append(Span(*seen.range(run), kind, round(confidence, 3), "rules"))
    return found


class _Text:
    """A text as words, with what each stands in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(_split(words(text)))
        self.opens = self._openings()
        self.loud = self._headlines()

    # ---------------------------------------------------------------- what stands where

    def _openings(self) -> list[bool]:
        """Tell of each word whether a sentence starts with it, so that its capital says nothing."""
        opens, start = [], True
        for i, word in enumerate(self.words):
            opens.append(start)
            if word.text[0].isalnum() or (word.text[0] == "." and i and self.is_abbreviation(i - 1)):
                start = False
            else:
                start = word.text[0] in '.!?:;…\n“”"«»„‘([—–•*|>' or start
        return opens

    def _headlines(self) -> list[bool]:
        """Tell of each word whether its line is a headline of capitals, where capitals say nothing."""
        loud: list[bool] = []
        line: list[Word] = []
        for word in [*self.words, Word(0, 0, "\n", "")]:
            if word.text[0] != "\n":
                line.append(word)
                continue
            long = [w.text for w in line if w.text[0].isalpha() and len(w.text) > 3]
            capital = sum(w[0].isupper() for w in long)
            full = line and line[-1].text in {".", "”", '"', "?", "!"} and len(line) > 20
            flag = len(long) >= 3 and not full and capital > 0.7 * len(long)
            loud += [flag] * (len(line) + 1)
            line = []
        return loud[:-1]

    def is_abbreviation(self, i: int) -> bool:
        """Tell whether a point behind word `i` belongs to it."""
        return self.words[i].folded in _ABBREVIATIONS and self.words[i].end == self.words[i + 1].start

    def near(self, i: int, step: int) -> str:
        """Return the folded neighbour of word `i` on the same line, or nothing."""
        return self.words[i + step].folded if 0 <= i + step < len(self.words) else ""

    def range(self, run: _Run) -> tuple[int, int]:
        """Return the characters of a run."""
        return self.words[run.first].start, self.words[run.last - 1].end

    def form(self, run: _Run) -> str:
        """Return the key under which the occurrences of a run are judged together."""
        return " ".join(word.folded for word in self.words[run.first : run.last])

    # ---------------------------------------------------------------- runs

    def runs(self) -> Iterator[_Run]:
        """Yield the capitalised sequences that may be names, without titles around them."""
        i = 0
        while i < len(self.words):
            if not self.is_capital(i):
                i += 1
                continue
            last = self._run_end(i)
            yield from self._parts(_Run(i, last))
            i = last

    def is_capital(self, i: int) -> bool:
        """Tell whether word `i` may be of a name."""
        word = self.words[i].text
        return word[0].isalpha() and is_name_like(word)

    def _follows(self, i: int) -> bool:
        """Tell whether word `i` stands right behind the one before it, with at most a blank between."""
        if i >= len(self.words):
            return False
        gap = self.text[self.words[i - 1].end : self.words[i].start]
        return gap in {" ", "\xa0"} or (gap == "" and self.words[i - 1].text.endswith("."))

    def _run_end(self, i: int) -> int:
        """Return where the capitalised sequence that starts with word `i` ends."""
        j = i + 1
        while j < len(self.words):
            if self.words[j].text == "." and self.is_abbreviation(j - 1):
                if not (self._follows(j + 1) and self.is_capital(j + 1)):
                    break
                j += 2
            elif self._follows(j) and (self.is_capital(j) or self.words[j].folded in _GENERATIONS):
                j += 1
            else:
                k = j
                while (
                    k < min(j + 3, len(self.words)) and self._follows(k) and self.words[k].text in _PARTICLES
                ):
                    k += 1
                if k == j or not self._follows(k) or not self.is_capital(k):
                    break
                j = k + 1
        return j

    def _parts(self, run: _Run) -> Iterator[_Run]:
        """Yield the names in a capitalised sequence: before and behind titles, without what only opens a sentence."""
        first, last = run.first, run.last
        if self.opens[first] and self.words[first].folded in _openers() and not self._is_given(first, last):
            first += 1
        while first < last and self.words[first].folded in _ARTICLES:
            first += 1
        if first >= last:
            return
        if self._org_tail(first, last):
            yield _Run(first, self._org_end(first, last))
            return
        cut = first
        for i in range(first, last):
            if self._is_title(i, first, last):
                cut = i + 1
                if cut < last and self.words[cut].text == ".":
                    cut += 1
        if cut > first:
            led = cut < last
            left = self._trim(first, cut)
            while left.last > left.first and self._is_lead(left.last - 1):
                left = left._replace(last=left.last - 1)
            if left.last > left.first:
                yield left
            if led:
                yield self._trim(cut, last)._replace(led=True)
            return
        trimmed = self._trim(first, last)
        if trimmed.last > trimmed.first:
            yield trimmed

    def _is_given(self, i: int, last: int) -> bool:
        return i + 1 < last and self.words[i].folded in listed("given")

    def _is_title(self, i: int, first: int, last: int) -> bool:
        word = self.words[i].folded
        if word not in cue("titles") or (i + 1 >= last and i == first and not self.opens[i]):
            return word in cue("titles")
        return not (i > first and i + 1 >= last) and not (
            i > first
            and self.words[i - 1].folded in listed("given")
            and self.words[i - 1].folded not in cue("titles")
        )

    def _is_lead(self, i: int) -> bool:
        word = self.words[i].folded
        return (
            word in cue("titles") or word in cue("nationalities") or word in listed("common") or word == "."
        )

    def _trim(self, first: int, last: int) -> _Run:
        """Return a run without nationalities, weekdays and the like at its ends."""
        while first < last and self._is_edge(first):
            first += 1
        while last > first and (self._is_edge(last - 1) or self.words[last - 1].text == "."):
            last -= 1
        return _Run(first, last)

    def _is_edge(self, i: int) -> bool:
        word = self.words[i].folded
        return word in cue("nationalities") or word in cue("times") or word in _ARTICLES

    def _org_tail(self, first: int, last: int) -> bool:
        """Tell whether a run holds a word that makes it the name of an organisation."""
        inner = range(first, last)
        return last - first > 1 and any(self.words[i].folded in cue("org_words") for i in inner)

    def _org_end(self, first: int, last: int) -> int:
        """Return the end of an organisation's name that goes on with "of ..."."""
        if any(self.words[i].folded in cue("org_heads") for i in range(first, last)):
            j = last
            while j < len(self.words) and j < last + 3 and self._follows(j) and self.words[j].text in _LINKS:
                j += 1
            if (
                j > last
                and self.words[last].text in {"of", "for", "de", "des", "du", "der", "für"}
                and self._follows(j)
                and self.is_capital(j)
            ):
                return self._run_end(j)
        return last

    # ---------------------------------------------------------------- votes

    def judge(self, run: _Run) -> Votes:
        """Return what one occurrence says of its form."""
        own = self._by_itself(run)
        if self.loud[run.first]:
            return own
        for kind, vote in self._by_context(run).items():
            own[kind] += vote
        return own

    def _by_itself(self, run: _Run) -> Votes:
        tokens = [word.folded for word in self.words[run.first : run.last] if word.text != "."]
        shapes = [word.text for word in self.words[run.first : run.last] if word.text != "."]
        votes = dict.fromkeys(Kind, 0.0)
        n = len(tokens)
        if not tokens or tokens[-1] in cue("events") or (tokens[0] in cue("ships") and n > 1):
            return dict.fromkeys(Kind, -9.0)
        common = sum(token in listed("common") for token in tokens)
        if common == n and (n > 1 or self.opens[run.first]):
            votes = dict.fromkeys(Kind, -3.0)
        if any(token in cue("org_words") for token in tokens):
            votes[_ORG] += 4 if n > 1 else 1
        if tokens[-1] in cue("place_words") or tokens[0] in {
            "mount",
            "lake",
            "cape",
            "port",
            "fort",
            "san",
            "santa",
            "são",
        }:
            votes[_LOC] += 4 if n > 1 else 0
        if " ".join(tokens) in cue("places"):
            votes[_LOC] += 4
        acronym = (
            n == 1
            and shapes[0].isupper()
            and 2 <= len(shapes[0].replace(".", "")) <= 6
            and not self.loud[run.first]
        )
        if acronym:
            votes[_ORG] += 2
            votes[_PER] -= 2
            return votes
        if tokens[0] in listed("given"):
            votes[_PER] += 3 if n > 1 else 1
        if tokens[-1] in listed("surnames"):
            votes[_PER] += 1
        if 2 <= n <= 4 and not common and not self.loud[run.first]:
            votes[_PER] += 1.5
        if n > 1 and any(len(shape.strip(".")) == 1 for shape in shapes[:-1]):
            votes[_PER] += 2
        if (
            (n > 1
            and any(token in _PARTICLES for token in tokens[:-1]))
            or tokens[-1].startswith(("al-", "el-"))
        ):
            votes[_PER] += 1.5
        if tokens[-1] in _GENERATIONS and n > 1:
            votes[_PER] += 2
        return votes

    def _by_context(self, run: _Run) -> Votes:
        votes: Votes = dict.fromkeys(Kind, 0.0)
        before, before2 = self.near(run.first, -1), self.near(run.first, -2)
        after, after2 = self.near(run.last - 1, 1), self.near(run.last - 1, 2)
        single = run.last - run.first == 1
        opens = self.opens[run.first]
        if run.led:
            votes[_PER] += 3
        if before in cue("roles") or (before == "," and before2 in cue("roles")):
            votes[_PER] += 2.5
        if before in cue("org_before"):
            votes[_ORG] += 2.5
        if before in cue("place_prepositions"):
            votes[_LOC] += 2.5
        elif before in {"from", "to", "at"}:
            votes[_LOC] += 0.7
        if before in cue("place_parts") or (before == "of" and before2 in cue("place_before")):
            votes[_LOC] += 2.5
        if before == "the" and single:
            votes[_PER] -= 2
            votes[_ORG] += 1.5
        if before in {"said", "says", "told", "by", "with", "that"}:
            votes[_PER] += 0.7
        if after in cue("speech"):
            votes[_PER] += 1.5
            votes[_ORG] += 0.7
        elif after in cue("acts"):
            votes[_PER] += 0.7
            votes[_ORG] += 0.5
        if after == ":" and opens:
            votes[_PER] += 1
        if after == "'s":
            votes[_PER] += 0.5
            votes[_LOC] += 0.3
            votes[_ORG] += 0.2
        if after == "," and after2 in {"who", "whose"}:
            votes[_PER] += 3
        if after == "," and re.match(r",\s\d\d,", self.text[self.words[run.last - 1].end :][:6]):
            votes[_PER] += 3
        if after in cue("org_after"):
            votes[_ORG] += 2
        if (
            after in {"—", "–", "-", "("}
            and opens
            and (after != "-" or self.text[self.words[run.last - 1].end] == " ")
        ):
            votes[_LOC] += 2
        if not opens and single and self.words[run.first].folded not in listed("common"):
            votes[_PER] += 0.8
            votes[_LOC] += 0.5
            votes[_ORG] += 0.4
        return votes


_ARTICLES = frozenset(("the", "a", "an"))
_ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "sen", "rep", "gov", "gen", "col", "maj", "capt", "lt", "sgt", "adm", "brig", "cmdr", "rev", "fr", "sr", "jr", "st", "hon", "messrs", "mme", "mlle", "ste"]
)
_SPLIT_TAILS = frozenset(
    ["based", "born", "led", "backed", "bound", "area", "wide", "style", "era", "held", "controlled", "educated", "trained", "owned", "run"]
)


def _openers() -> frozenset[str]:
    return listed("common")


def _split(found: Iterator[Word]) -> Iterator[Word]:
    """Yield words, with "London-based" cut before its tail."""
    for word in found:
        head, mark, tail = word.text.rpartition("-")
        if mark and head and tail in _SPLIT_TAILS:
            cut = word.start + len(head)
            yield Word(word.start, cut, head, fold(head))
            yield Word(cut + 1, word.end, tail, tail)
        else:
            yield word
