"""Schema changes by number, forward only: how a store of an earlier version becomes one of this version.

A change of schema.sql raises `SCHEMA_VERSION` and adds the SQL that turns the version before into it, so
that an old store and a new one end up with the same tables, views and comments.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from resolver.errors import StoreError
from resolver.store.files import Connection, first
from resolver.version import __version__

__all__ = ["SCHEMA_VERSION", "create", "create_tables", "migrate", "version"]

#: Number of the last schema change.
SCHEMA_VERSION: Final = 4

#: SQL that leads to a version from the one before it; version 1 is the first.
MIGRATIONS: Final[dict[int, str]] = {
    2: """
alter table chains add column context.near varchar[];
alter table chains add column context.kin varchar[];
update chains set context = struct_update(context, near := []::varchar[], kin := []::varchar[]);
alter table names add column group_id ubigint;
comment on column names.group_id is
    'Equal for spellings that are one name; null in a store of an earlier version until its next run';

create table name_keys (
    "key" uinteger not null,
    group_id ubigint not null
);
comment on table name_keys is 'What names that may be one share: finds the stored names to compare a new one with';
comment on column name_keys."key" is 'Hash of a kind and a part of the name, such as the sounds of two of its words';
comment on column name_keys.group_id is 'The name: see names';

create table words (
    number integer not null,
    word varchar not null,
    articles integer not null
);
comment on table words is 'Telling words of the texts, and in how many texts each stands: what rarity means here';
comment on column words.number is 'Stands for the word in article_words';
comment on column words.word is 'The word, folded';
comment on column words.articles is 'Texts that hold it, of those that documents carry now';

create table article_words (
    article_id varchar not null,
    words integer[] not null
);
comment on table article_words is 'The telling words of each text that documents carry now';
comment on column article_words.article_id is 'The text: see articles';
comment on column article_words.words is 'Numbers of its words: see words';

create table features (
    family varchar not null,
    feature varchar not null,
    articles integer not null
);
comment on table features is 'What chains are described by, and in how many texts each description stands';
comment on column features.family is 'role, office, place, org, word';
comment on column features.feature is 'The description, folded';
comment on column features.articles is 'Texts that hold it, of those that documents carry now';
""",
    3: """
alter table article_words add column story integer;
comment on column article_words.story is
    'Equal for texts that tell one story or are linked by others that do; null before anybody looked';
comment on column features.family is 'role, office, place, org, word; article: how many name anybody or anything';
update names set group_id = null;
""",
    4: """
alter table article_words rename column story to event;
alter table article_words add column story integer;
comment on column article_words.event is 'Equal for texts that tell one event; null before anybody looked';
comment on column article_words.story is
    'Equal for texts that tell one story, of one event or of several; null before anybody looked';
""",
}


def create(db: Connection) -> None:
    """Make the tables and views of a new store in an empty database."""
    create_tables(db)
    db.execute(
        "insert into meta values ('alias-resolver', $version, now() at time zone 'UTC', $program)",
        {"version": SCHEMA_VERSION, "program": __version__},
    )


def create_tables(db: Connection) -> None:
    """Make the tables and views without a row."""
    db.execute(resources.files("resolver").joinpath("schema.sql").read_text("utf-8"))


def version(db: Connection, path: Path) -> int:
    """Return the schema version of an open store; 0 for a database without tables (nothing was ever stored).

    Raises:
        StoreError: The database is something else, or of a version that this program does not know.
    """
    tables = {
        row[0]
        for row in db.execute(
            "select table_name from duckdb_tables() where database_name = 'store'"
        ).fetchall()
    }
    if not tables:
        return 0
    row = None
    if "meta" in tables:
        columns = db.execute(
            "select column_name from duckdb_columns() where database_name = 'store' and table_name = 'meta'"
        ).fetchall()
        if {"product", "schema_version"} <= {column for (column,) in columns}:
            row = first(db, "select schema_version from meta where product = 'alias-resolver'")
    if row is None:
        some = ", ".join(sorted(tables)[:3])
        raise StoreError(
            f"{path}: a DuckDB file, but no store of alias-resolver (it has tables {some}): "
            "name another file with --store"
        )
    if row[0] > SCHEMA_VERSION:
        raise StoreError(
            f"{path}: schema version {row[0]} is newer than {SCHEMA_VERSION}, the newest that alias-resolver "
            f"{__version__} knows: pip install --upgrade alias-resolver"
        )
    return int(row[0])


def migrate(db: Connection, found: int) -> None:
    """Lead a store from an earlier schema version to the current one."""
    for number in range(found + 1, SCHEMA_VERSION + 1):
        db.execute(MIGRATIONS[number])
    db.execute("update meta set schema_version = $version", {"version": SCHEMA_VERSION})
