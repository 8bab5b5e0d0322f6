"""Short names of organisations: they go to the one that they can stand for, and to nobody if there are two."""

from __future__ import annotations

import numpy as np
import pytest

from resolver.clusters import short_names
from resolver.model import Kind
from resolver.names import parse_name


def found(*surfaces: str) -> dict[int, int]:
    """The owner of each short name; every name is a cluster of its own."""
    return short_names([parse_name(s, Kind.ORG) for s in surfaces], np.arange(len(surfaces)))


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("Hongda", "Hongda Semiconductor"),
        ("Harbour Aid", "Harbour Aid International"),
        ("Laguna", "AC Laguna"),
        ("Bentivegna", "Teatro Bentivegna"),
        ("Shammas & Sons", "Shammas & Sons S.A.L."),
    ],
)
def test_a_short_name_goes_to_its_owner(short: str, full: str) -> None:
    assert found(short, full) == {0: 1}


def test_of_two_owners_neither_gets_it() -> None:
    assert found("Hongda", "Hongda Semiconductor", "Hongda Shipping") == {}


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("Bank", "Bank of England"),
        ("Central Bank", "Central Bank of Argentina"),
        ("University", "University of Thun"),
        ("Thun", "University of Thun"),
        ("AB", "AB Volvo"),
    ],
)
def test_a_word_for_a_sort_of_organisation_says_nothing(short: str, full: str) -> None:
    assert found(short, full) == {}
