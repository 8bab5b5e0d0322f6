"""The case that the project grew from: one envoy, two outlets, two surnames that no string measure can link."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver import Resolver

SHARED = Path(os.environ.get("RESOLVER_SHARED", Path(__file__).parents[2] / "shared"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not (SHARED / "seeds").is_dir(), reason="needs the articles that the project grew from"
    ),
]


def people(
    tmp_path: Path, change: Callable[[str], str] = str, aliases: tuple[str, ...] | None = None
) -> Resolver:
    """Resolve the articles with their texts changed."""
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        (tmp_path / path.name).write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    engine = Resolver(tmp_path / "news.duckdb", aliases=aliases)
    engine.resolve(sorted(tmp_path.glob("*.txt")))
    return engine


def spellings(engine: Resolver) -> list[set[str]]:
    """The spellings of each entity that is somewhere called Steve."""
    return [{surface for surface, _ in row.spellings} for row in engine.entities("Steve")]


@pytest.mark.parametrize("aliases", [None, ("",)], ids=["no table", "curated table"])
def test_the_envoy_is_one_man_under_both_surnames_and_context_is_why(tmp_path, aliases):
    engine = people(tmp_path, aliases=aliases)
    assert spellings(engine) == [{"Steve Weitekamp", "Weitekamp", "Steve Witkoff", "Witkoff"}]
    terms = {term.feature: term for term in engine.why("Steve Weitekamp", "Steve Witkoff").terms}
    assert "envoy" in terms["context: role"].detail
    assert "united states" in terms["context: country"].detail
    if aliases is None:
        by = {m.surface: m.linked_by for m in engine.mentions()}
        assert by["Steve Witkoff"] == "context"


def test_another_mangling_of_the_name_is_linked_too(tmp_path):
    engine = people(tmp_path, lambda text: text.replace("Weitekamp", "Wittenberg"))
    assert spellings(engine) == [{"Steve Wittenberg", "Wittenberg", "Steve Witkoff", "Witkoff"}]


def test_a_coach_of_the_same_given_name_is_somebody_else(tmp_path):
    def coached(text: str) -> str:
        text = text.replace("U.S. Middle East envoy Steve Weitekamp", "baseball coach Steve Wexler")
        return text.replace("Weitekamp", "Wexler")

    assert sorted(map(sorted, spellings(people(tmp_path, coached)))) == [
        ["Steve Wexler", "Wexler"],
        ["Steve Witkoff", "Witkoff"],
    ]
