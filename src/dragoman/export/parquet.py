"""The Parquet layout: statements as tables, a folder for each predicate, for Spark, Trino, DuckDB.

The one importer of pyarrow. A folder is called `predicate=` and a short name, as Hive does it; the
IRI stands in the column p. In each file the rows are sorted by subject, object and graph.
"""

from __future__ import annotations

import hashlib
import re
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any, Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from dragoman import canonical, syntax
from dragoman.errors import MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Quad

    from dragoman.canonical import CanonicalGraph

COLUMNS: Final = ("s", "p", "o", "o_type", "datatype", "lang", "direction", "g")
_ROWS: Final = 64 * 1024
_LONGEST: Final = 100


def files(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Return one file for each predicate, in the order of their IRIs.

    Each is to be read to its end before the next is asked for. The columns are those of COLUMNS:
    `s` an IRI, or a blank node as `_:label`; `o` the IRI, the blank node or the characters of the
    literal; `o_type` iri, blank, literal or triple (RDF 1.2, written as in N-Triples); `datatype`,
    `lang` and `direction` null where there is none; `g` the IRI of the graph.

    Raises:
        MissingLibraryError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: F401  to say at once that it is missing
    except ImportError as error:
        raise MissingLibraryError(
            "The Parquet layout needs pyarrow, which is not installed. Install it: "
            "pip install 'dragoman[parquet]'"
        ) from error
    return _files(graphs, prefixes)


def _files(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    sorter = canonical.Sorter()
    for graph in canonical.apart(graphs):
        for block in graph.quads():
            # the predicate first, so that sorting brings together what goes into one file
            lines = [
                b"%s %s %s" % (predicate, subject, rest)
                for line in block.splitlines(keepends=True)
                for subject, predicate, rest in (line.split(b" ", 2),)
            ]
            sorter.add_lines(lines, len(block))
    names = _Names(prefixes)
    for predicate, members in groupby(_lines(sorter), key=lambda line: line[: line.index(b" ")]):
        yield f"predicate={names.of(predicate[1:-1].decode())}/part-0.parquet", _table(members)


class _Names:
    """Short names for predicates: letters, digits, `_`, `-`, `.`; no two alike on any system."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._short = syntax.shortener(dict(prefixes))
        self._given: set[str] = set()

    def of(self, iri: str) -> str:
        """Return the prefixed name with `_` for the colon, or the end of the IRI and a hash."""
        prefix, _, local = self._short(iri).partition(":")
        name = f"{prefix}_{local}"
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) or len(name) > _LONGEST:
            end = re.sub(r"[^A-Za-z0-9]+", "-", re.split(r"[/#:]", iri.rstrip("/#:"))[-1])
            name = f"iri_{end[:_LONGEST]}_{hashlib.sha256(iri.encode()).hexdigest()[:12]}"
        if name.casefold() in self._given:
            name = f"{name}_{hashlib.sha256(iri.encode()).hexdigest()[:12]}"
        self._given.add(name.casefold())
        return name


class _Sink:
    """A file to write into, which gives back what was written."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:  # noqa: ANN401  any buffer
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """What was written can still be taken."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _lines(sorter: canonical.Sorter) -> Iterator[bytes]:
    for block in sorter.blocks():
        yield from block.splitlines(keepends=True)


def _table(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a Parquet file, a row group at a time."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    sink = _Sink()
    writer = parquet.ParquetWriter(
        sink, schema, compression="zstd", use_dictionary=True, write_statistics=True
    )
    for columns in _groups(lines):
        writer.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True)), schema=schema))
        yield sink.taken()
    writer.close()
    yield sink.taken()


def _groups(lines: Iterator[bytes]) -> Iterator[tuple[list[str | None], ...]]:
    """Yield the columns of some rows at a time."""
    stream = canonical.BlockStream(
        b"%s %s %s" % (subject, predicate, rest)
        for line in lines
        for predicate, subject, rest in (line.split(b" ", 2),)
    )
    columns: tuple[list[str | None], ...] = tuple([] for _ in COLUMNS)
    for quad in parse(cast("IO[bytes]", stream), RdfFormat.N_QUADS):
        for column, cell in zip(columns, _row(quad), strict=True):
            column.append(cell)
        if len(columns[0]) == _ROWS:
            yield columns
            columns = tuple([] for _ in COLUMNS)
    if columns[0]:
        yield columns


def _row(quad: Quad) -> tuple[str | None, ...]:
    start = (_bare(quad.subject), quad.predicate.value)
    term, graph = quad.object, _bare(quad.graph_name)
    if isinstance(term, Literal):
        direction = term.direction.value if term.direction else None
        datatype = term.datatype.value
        return (*start, term.value, "literal", datatype, term.language, direction, graph)
    kind = "iri" if isinstance(term, NamedNode) else "triple"
    kind = "blank" if isinstance(term, BlankNode) else kind
    return (*start, _bare(term), kind, None, None, None, graph)


def _bare(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
