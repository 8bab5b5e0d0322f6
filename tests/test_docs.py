"""The manual and the tool say the same: every command has help with an example that runs, and is in the README."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from resolver.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it; groups themselves left out."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append(((*path, name), command))
    return found


def example(command: click.Command) -> str:
    found = re.findall(r"Example:\s+(resolver .+)", command.help or "")
    assert found, "expected a line 'Example:  resolver ...' in the help"
    return " ".join(found[-1].split())


ALL = commands()
NAMES = [" ".join(path) for path, _ in ALL]
# Commands that wait for a browser are started and stopped in their own tests.
STAYING = {"review", "serve"}
RUNNING = [(path, command) for path, command in ALL if path[0] not in STAYING]


@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_every_command_tells_what_it_does_and_gives_an_example_of_itself(path, command):
    assert example(command).split()[1 : 1 + len(path)] == list(path)
    assert all(getattr(option, "help", "") for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_in_the_readme(name):
    assert f"resolver {name}" in README


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the sample articles, a store made of them, and the files that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "data").symlink_to(ROOT / "data")
    (folder / "aliases").symlink_to(ROOT / "aliases")
    run("resolver resolve data/articles --store news.duckdb", folder)
    (folder / "names.csv").write_text("name,count\nSteve Witkoff,3\nSteve Vitkov,1\n", encoding="utf-8")
    (folder / "pairs.csv").write_text("left,right\nGaddafi,Kadhafi\n", encoding="utf-8")
    for name, text in EXAMPLE_FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


EXAMPLE_FILES: dict[str, str] = {
    "targets.simple.csv": "id,schema,name,aliases\nQ1,Person,Amina Okonjo,Amina Okonjo-Bello\n",
    "verdicts.csv": "left,right,verdict,reason,user,decided_at\n",
}


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line of the tool as a process of its own."""
    words = shlex.split(line)
    assert words[0] == "resolver"
    return subprocess.run(
        [sys.executable, "-c", "from resolver.cli import main; main()", *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize(("path", "command"), RUNNING, ids=[" ".join(path) for path, _ in RUNNING])
def test_the_example_of_every_command_runs(path, command, folder):
    done = run(example(command), folder)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode == 1:  # findings are shown; an id that the example only stands for is one line
        assert done.stdout or len(done.stderr.splitlines()) == 1


def block(name: str) -> str:
    """The indented lines between `<!-- name -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"expected a block {name!r} in README.md"
    return "".join(line.removeprefix("    ") for line in found[1].splitlines(keepends=True))


def test_the_example_at_the_top_of_the_readme_is_true_output(tmp_path):
    for number, text in enumerate(block("example").split("---\n"), 1):
        (tmp_path / f"article{number}.txt").write_text(text, encoding="utf-8")
    run("resolver resolve article1.txt article2.txt --store news.duckdb", tmp_path)
    shown = run("resolver entities --store news.duckdb", tmp_path).stdout
    printed = "".join(f"{line.rstrip()}\n" for line in shown.splitlines())
    if os.environ.get("REWRITE_README"):
        lines = "".join(f"    {line}" for line in printed.splitlines(keepends=True))
        text = re.sub(
            r"(<!-- result -->\n).*?(<!-- end -->)", lambda m: m[1] + lines + m[2], README, flags=re.DOTALL
        )
        (ROOT / "README.md").write_text(text, encoding="utf-8")
    assert block("result") == printed


def test_the_python_example_of_the_readme_runs(folder):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    command = [sys.executable, "-c", code[1]]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "Behrouz Tavakkolian" in done.stdout
