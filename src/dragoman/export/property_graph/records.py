"""What must be looked up while a graph is written: on the disk, with little of it in memory.

Records are the nodes that may become edges. A private database of SQLite holds them, the names of
things, and what points to a record; it ends with the process that made it. Rows that are read once
and in order are put by in temporary files.
"""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
import weakref
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Of memory for its pages, in kibibytes.
_CACHE: Final = 32_768
_BATCH: Final = 1000
_TABLES: Final = """
    CREATE TABLE record (id TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID;
    CREATE TABLE told (
        property TEXT, target TEXT, teller TEXT, PRIMARY KEY (property, target, teller)
    ) WITHOUT ROWID;
    CREATE TABLE gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE name (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
    CREATE TABLE more (
        id TEXT, property TEXT, tag TEXT, text TEXT, PRIMARY KEY (id, property, tag, text)
    ) WITHOUT ROWID;
"""


class Records:
    """Records, names of things, and what was found out about them."""

    def __init__(self) -> None:
        # used by one thread at a time, which need not be the one that made it or that ends it
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        # nothing of it is ever read by anybody else, or after a crash
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}
        self.any_more = False
        # The same wholes are asked for by all of their parts, one after the other.
        self.get = lru_cache(1024)(self._get)
        self.has = lru_cache(8192)(self._has)
        self.name = lru_cache(4096)(self._name)

    def add(self, identity: str, data: tuple[Any, ...]) -> None:
        """Keep a record."""
        self._put("record (id, data) VALUES (?, ?)", (identity, marshal.dumps(data)))

    def add_name(self, identity: str, name: str) -> None:
        """Keep what a thing is called."""
        self._put("name (id, name) VALUES (?, ?)", (identity, name))

    def add_told(self, property_: str, target: str, teller: str) -> None:
        """Keep that a record points to something by a property."""
        self._put("told (property, target, teller) VALUES (?, ?, ?)", (property_, target, teller))

    def add_more(self, identity: str, property_: str, tag: str, text: str) -> None:
        """Keep a value that a node gets although no statement about it has it."""
        self.any_more = True
        self._put(
            "more (id, property, tag, text) VALUES (?, ?, ?, ?)", (identity, property_, tag, text)
        )

    def remove(self, identity: str) -> None:
        """Note that a record is no node any more."""
        self._put("gone (id) VALUES (?)", (identity,))

    def settle(self) -> None:
        """Write all that waits, so that it can be asked for."""
        for statement, rows in self._waiting.items():
            self._database.executemany(f"INSERT OR IGNORE INTO {statement}", rows)
            rows.clear()

    def tellers(self, property_: str, target: str) -> list[str]:
        """Return the records that point to something by a property, sorted."""
        query = "SELECT teller FROM told WHERE property = ? AND target = ? ORDER BY teller"
        return [row[0] for row in self._database.execute(query, (property_, target))]

    def is_gone(self, identity: str) -> bool:
        """Return whether a record is no node any more."""
        return self._any("SELECT 1 FROM gone WHERE id = ?", identity)

    def more(self, identity: str) -> list[tuple[str, str, str]]:
        """Return the further values of a node: property, tag and text, sorted."""
        query = "SELECT property, tag, text FROM more WHERE id = ? ORDER BY property, tag, text"
        return self._database.execute(query, (identity,)).fetchall()

    def repeated(self) -> set[tuple[str, str]]:
        """Return the properties and tags of which some node has several further values."""
        query = (
            "SELECT DISTINCT property, tag FROM more GROUP BY id, property, tag HAVING COUNT(*) > 1"
        )
        return set(self._database.execute(query))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield all records, sorted by identity."""
        rows = self._database.execute("SELECT id, data FROM record ORDER BY id")
        return ((identity, marshal.loads(data)) for identity, data in rows)  # noqa: S302  our own

    def _get(self, identity: str) -> Any:  # noqa: ANN401  what was added
        row = self._database.execute("SELECT data FROM record WHERE id = ?", (identity,)).fetchone()
        return marshal.loads(row[0]) if row else None  # noqa: S302  our own

    def _has(self, identity: str) -> bool:
        return self._any("SELECT 1 FROM record WHERE id = ?", identity)

    def _name(self, identity: str) -> str | None:
        row = self._database.execute("SELECT name FROM name WHERE id = ?", (identity,)).fetchone()
        return row[0] if row else None

    def _any(self, query: str, *values: str) -> bool:
        return self._database.execute(query, values).fetchone() is not None

    def _put(self, statement: str, row: tuple[object, ...]) -> None:
        rows = self._waiting.setdefault(statement, [])
        rows.append(row)
        if len(rows) >= _BATCH:
            self.settle()


class Spill:
    """Rows that are put by in the order in which they will be read, as often as wanted."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed when nobody refers to it
        weakref.finalize(self, self._file.close)
        self._batch: list[Any] = []
        self.count = 0

    def add(self, row: object) -> None:
        """Put a row by: of tuples, lists, dictionaries, texts and numbers."""
        self._batch.append(row)
        self.count += 1
        if len(self._batch) >= _BATCH:
            self._write()

    def __iter__(self) -> Iterator[Any]:
        """Yield all rows; nothing may be added any more."""
        if self._batch:
            self._write()
        place = 0
        while True:
            self._file.seek(place)
            size = int.from_bytes(self._file.read(4), "big")
            if not size:
                return
            rows = marshal.loads(self._file.read(size))  # noqa: S302  our own
            place += 4 + size
            yield from rows

    def _write(self) -> None:
        data = marshal.dumps(self._batch)
        self._file.seek(0, 2)
        self._file.write(len(data).to_bytes(4, "big"))
        self._file.write(data)
        self._batch = []
