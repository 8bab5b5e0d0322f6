"""The commands on the ledger explain themselves, and what they show as an example runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from resolver.cli import main
from resolver.cli_ledger import COMMANDS
from resolver.store import Store

DATA = Path(__file__).parents[1] / "data" / "articles"
LEAVES = [
    (path, command)
    for top in COMMANDS
    for path, command in (
        [((top.name, name), leaf) for name, leaf in top.commands.items()]
        if isinstance(top, click.Group)
        else [((top.name,), top)]
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store of the sample articles and one verdict."""
    out = tmp_path_factory.mktemp("news")
    store = str(out / "news.duckdb")
    run = CliRunner().invoke
    assert run(main, ["resolve", str(DATA), "--store", store]).exit_code == 0
    with Store.open(store) as opened:
        names = [row.name for row in opened.entity_list() if row.kind == "PER"][:2]
    assert run(main, ["decide", *names, "unsure", "--store", store]).exit_code == 0
    return out


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(map(str, p)) for p, _ in LEAVES])
def test_help_ends_with_an_example_that_runs(
    folder: Path, path: tuple[str, ...], command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CliRunner().invoke(main, [*path, "--help"], terminal_width=200).output
    found = re.search(r"Example:\s+(resolver .*)", text)
    assert found, f"{path} shows no example"
    words = shlex.split(found[1])
    assert words[1 : 1 + len(path)] == list(path)
    monkeypatch.chdir(folder)
    (folder / "aliases").mkdir(exist_ok=True)
    with Store.open("news.duckdb") as store:
        verdicts = [d.decision_id for d in store.decisions()]
        documents = sorted(store.known_articles())
    (folder / "aliases" / "decisions.csv").write_text("left,right,verdict\n", encoding="utf-8")
    known = {"v-0123456789abcdef": (verdicts or [""])[0], "harbor-ledger-001": documents[0]}
    result = CliRunner().invoke(main, [known.get(word, word) for word in words[1:]])
    assert result.exit_code == 0, result.output
