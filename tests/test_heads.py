"""The words beside a name: whose role they tell, and what it is tied to."""

from __future__ import annotations

import re

import pytest

from resolver.context import Surroundings
from resolver.model import Kind, Mention


def context(text, *places_and_orgs):
    """The context of "Ada Quill" in a text, with other names marked: ("ORG", "Harbour Board")."""
    found = [
        Mention(f"{surface}{number}", "a", *hit.span(), surface, Kind(kind), 1.0, "given")
        for kind, surface in (("PER", "Ada Quill"), *places_and_orgs)
        for number, hit in enumerate(re.finditer(re.escape(surface), text))
    ]
    found.sort(key=lambda m: m.start)
    return Surroundings(text, found).context(
        [m for m in found if m.kind == Kind.PER and m.surface == "Ada Quill"]
    )


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("The international envoy, the Norwegian Ada Quill, asked for less.", {"envoy"}),
        ("The court can sit; its president, Judge Ada Quill, will say when.", {"judge", "president"}),
        ("The vice president of the Japanese company, Ada Quill, signed.", {"vice president"}),
        ("The speaker of the parliament of Kenya Ada Quill announced it.", {"speaker"}),
        ("Ada Quill (\u65e5\u4e0b), the suspended vice president of the firm, spoke.", {"vice president"}),
        ("The council named Ada Quill, a former lawyer, as its special envoy.", {"envoy", "lawyer"}),
        ("The head of the opponents of the talks, Ada Quill, left.", {"chief"}),
        ("It will send a team led by Ada Quill.", {"leader"}),
        ("Ada Quill, who founded the firm in 1990, left.", {"founder"}),
        ("The house is held by the founder and chief executive Ada Quill.", {"founder", "chief executive"}),
        ("The wife of Minister Ada Quill left.", {"minister"}),
        ("A trader based in Dubai, Ada Quill, sold it.", {"broker"}),
        ("On the line was the biologist who found the traces, Ada Quill.", {"biologist"}),
        ("Europe's chief negotiator, that's Ada Quill, said no.", {"chief negotiator"}),
        ("They rang the woman who runs the port, Ada Quill, at six.", {"chief"}),
        ("They rang the man in charge of the race, Ada Quill, at six.", {"chief"}),
        ("A forester found the boat on Monday. Ada Quill had seen smoke.", {"forester"}),
    ],
)
def test_roles_are_read_off_their_phrase(text, roles):
    assert set(context(text).roles) == roles


@pytest.mark.parametrize(
    "text",
    [
        "The lawyer of Ada Quill, a French judge by the name of Moss, declined.",
        "A judge will decide on Wednesday whether Ada Quill is to be held.",
        "A senior officer told us that Ada Quill had gone.",
        "The minister's sister, Ada Quill, left.",
        "Her sister, Ada Quill, left.",
        "A lawyer for the speaker, Ada Quill, declined.",
        "Ada Quill, her lawyer said, will not return.",
        "Ada Quill, and by the French ambassador, was heard.",
        "Ada Quill, who is the fire chief's brother, left.",
        "Ada Quill heads over from a corner.",
        "Two foresters found the boat on Monday. Ada Quill had seen smoke.",
        "A forester told a judge of the boat. Ada Quill had seen smoke.",
        "A forester found the boat.\nAda Quill had seen smoke.",
        "It was found by a forester who knows the bay, Ada Quill said.",
    ],
)
def test_a_role_beside_a_name_may_be_somebody_elses(text):
    assert context(text).roles == ()


def test_a_role_word_in_the_name_of_an_organisation_is_no_role():
    text = "Ada Quill, 63, of the governing Forward Together Party, spoke."
    assert context(text, ("ORG", "Forward Together Party")).roles == ()


def test_whoever_its_stands_for_is_tied_to_the_name():
    text = "Hoshikawa said that its vice president, Ada Quill, had gone."
    assert context(text, ("ORG", "Hoshikawa")).orgs == ("hoshikawa",)
    assert context("Guyana was heard by its agent, Ada Quill.", ("LOC", "Guyana")).places == ("guyana",)


def test_the_side_that_somebody_leads_is_tied_to_the_name():
    text = "The delegation of Iran was led by Ada Quill."
    assert context(text, ("LOC", "Iran")).places == ("iran",)
