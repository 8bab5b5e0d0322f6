"""Hypothesis strategies shared by the tests: texts as newspapers and as hostile files have them, and articles."""

from __future__ import annotations

from hypothesis import strategies as st

from resolver.model import Article, Kind, Span

NAMES = (
    "Ana Ruiz",
    "Omar al-Sabti",
    "J. R. Okafor",
    "Chen Wei",
    "Ruiz",
    "Jordan",
    "UN",
    "Bank of Malta",
    "O’Neil",
    "ÉMILE ZOLA",
)
WORDS = (
    "said",
    "the",
    "in",
    "president",
    "Mr.",
    "and",
    "of",
    "met",
    "Monday",
    "talks",
    ",",
    ".",
    "\n",
    "’s",
    "—",
    "“",
    "”",
    "(",
    ")",
)

any_text = st.text(max_size=300)
"""Any characters but surrogates, which no file can hold."""

news_text = st.lists(st.sampled_from((*NAMES, *WORDS)), max_size=60).map(" ".join)
"""Heaps of names and the words and marks that stand around names."""

texts = st.one_of(any_text, news_text)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Articles with some text, perhaps given spans, perhaps boilerplate."""
    text = draw(texts.filter(str.strip))
    ranges = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 20)).map(
        lambda pair: (pair[0], min(len(text), pair[0] + pair[1]))
    )
    given = draw(st.none() | st.lists(st.tuples(ranges, st.sampled_from(Kind)), max_size=5))
    boilerplate = draw(st.lists(ranges, max_size=1))
    return Article(
        doc_id=draw(st.text(min_size=1, max_size=10)),
        text=text,
        given=None if given is None else tuple(sorted(Span(*place, kind) for place, kind in given)),
        boilerplate=tuple(boilerplate),
    )
