"""Mappings: what the columns of a table hold, and the CONSTRUCT that makes facts of its rows.

A mapping is one `.rq` file: a header of `#+` lines in YAML, then SPARQL 1.1 with a line `#ROWS` in
its WHERE, where the rows come as `VALUES`. It sees them and no graph. Each column is a variable of
its name; besides there are `?row`, `?item` (which of several values of a cell), `?account` and
`?passage` (IRIs of the row), `?source` and `?voice`; of a column of things that may be new
`?column_new`, its name where it is, and of any column `?column_text`, what was typed; and `?none`,
which has no value.
"""

from __future__ import annotations

__all__ = ["Column", "Mapping", "find_mapping", "is_mapping", "mappings", "read_mapping"]

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import syntax, vocabulary
from dragoman.errors import SyntaxProblem, UnknownNameError, nearest, suggestion
from dragoman.headers import Header
from dragoman.names import fold

if TYPE_CHECKING:
    from collections.abc import Mapping as Table
    from collections.abc import Sequence
    from pathlib import Path

    from yaml.nodes import Node

    from dragoman.base import Base
    from dragoman.syntax import QueryText

REQUIRED: Final = ("summary", "description", "tags", "columns", "key")
OPTIONAL: Final = ("question",)
ROWS: Final = re.compile(r"^[ \t]*#ROWS[ \t]*$", re.MULTILINE)
# What there is besides the columns.
GIVEN: Final = ("row", "item", "account", "passage", "source", "voice", "none")
NEW, TEXT, LABEL = "_new", "_text", "Label"
# What a file of rows that were left out tells of each; it is read over.
ERROR: Final = "error"
# So many strange columns are told, and so much of the name of each.
_MOST_STRANGE: Final = 5
_LONGEST: Final = 60
_KEYS: Final = (
    *("description", "lookup", "datatype", "language", "required", "several", "list", "else"),
    *("new", "from", "match"),
)


class Column(NamedTuple):
    """What a column holds.

    Attributes:
        name: its heading, and its variable.
        description: what it means, for people.
        lookup: IRI of the class of the things whose names it holds; empty for texts.
        datatypes: IRIs of datatypes, of which the first that fits is taken; none for plain texts.
        language: of its texts, as a BCP 47 tag.
        required: whether each row needs a value.
        several: whether a cell may hold several values, with `;` between them.
        choices: the texts to choose from; of values of a datatype they are only offered.
        offered: whether the names of all things of the class are offered to pick from.
        skipped: whether a name that nothing bears is left out, instead of being reported.
        new: the namespace of the IRIs of things that are not known yet; empty where all must be.
        parts: the columns that an IRI is made of where the cell is empty.
        further: those that become part of it where they are filled in.
        matches: IRIs of properties by which a thing with these parts is known, one for each.
    """

    name: str
    description: str
    lookup: str = ""
    datatypes: tuple[str, ...] = ()
    language: str = ""
    required: bool = False
    several: bool = False
    choices: tuple[str, ...] = ()
    offered: bool = False
    skipped: bool = False
    new: str = ""
    parts: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()


class Mapping(NamedTuple):
    """How the rows of one kind of table become facts.

    Attributes:
        name: the file's name without `.rq`.
        path: the file.
        summary: a few words, for a list.
        description: what a row says, in plain words.
        columns: the columns that a table may have.
        key: the columns that make the name of a row's account; rows with the same tell more of one.
        question: the saved question whose columns it takes; empty where there is none.
        query: the text.
    """

    name: str
    path: Path
    summary: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    question: str
    query: QueryText

    def column(self, heading: str) -> Column | None:
        """Return the column that a heading means, in any spelling; None where there is none."""
        plain = _plain(heading)
        return next((each for each in self.columns if _plain(each.name) == plain), None)

    def labelled(self, heading: str) -> Column | None:
        """Return the column of things whose names stand under a heading, as a result has them."""
        if not _plain(heading).endswith(LABEL.casefold()):
            return None
        found = self.column(_plain(heading).removesuffix(LABEL.casefold()))
        return found if found and found.lookup else None


def is_mapping(text: str) -> bool:
    """Return whether a text with SPARQL is one of a mapping, right or wrong."""
    return bool(ROWS.search(text))


def mappings(base: Base) -> list[Mapping]:
    """Return the mappings of a base, sorted by name.

    Raises:
        SyntaxProblem: one is none.
    """
    prefixes = base.prefixes()
    return [read_mapping(path, prefixes) for path in base.mappings()]


def find_mapping(base: Base, name: str) -> Mapping:
    """Return a mapping by its name, or by the path of its file.

    Raises:
        UnknownNameError: naming the nearest.
        SyntaxProblem: it is no mapping.
    """
    from pathlib import Path

    known = {path.stem: path for path in base.mappings()}
    path = known.get(name)
    if path is None and name.endswith(".rq"):
        path = Path(name)
    if path is None:
        raise UnknownNameError("table", name, known)
    return read_mapping(path, base.prefixes())


def fitting(known: Sequence[Mapping], heading: Sequence[str], label: str) -> Mapping:
    """Return the one mapping that knows all columns of a table.

    Raises:
        SyntaxProblem: none does, or several do.
    """
    headings = [each for each in heading if each and each != ERROR]
    if not headings:
        raise SyntaxProblem("Its first row names no columns.", label, 1)

    def strange(mapping: Mapping) -> list[str]:
        return [
            each for each in headings if not mapping.column(each) and not mapping.labelled(each)
        ]

    def missing(mapping: Mapping) -> list[str]:
        told = {mapping.column(each) or mapping.labelled(each) for each in headings}
        return [
            each.name for each in mapping.columns
            if each.required and each not in told and not each.parts
        ]  # fmt: skip

    fit = [each for each in known if not strange(each) and not missing(each)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        names = " or ".join(each.name for each in fit)
        raise SyntaxProblem(f"Several tables have these columns: say --mapping {names}.", label, 1)
    near = min(known, key=lambda each: (len(strange(each)), len(missing(each))), default=None)
    if near is None or len(strange(near)) == len(headings):
        names = ", ".join(each.name for each in known)
        raise SyntaxProblem(
            "No table has these columns. What export -f csv writes begins with subject,predicate; "
            f"tables to fill in are made with dragoman new table, and there are: {names}. Another "
            "mapping is told with --mapping FILE.rq.",
            label,
            1,
        )
    columns = [each.name for each in near.columns]
    told = [
        f"There is no column {each[:_LONGEST]!r}. {_advice(each[:_LONGEST], columns)}"
        for each in strange(near)[:_MOST_STRANGE]
    ]
    if lacking := missing(near):
        told.append(f"It lacks {', '.join(lacking)}.")
    raise SyntaxProblem(f"A table of {near.name}? {' '.join(told)}", label, 1)


def _advice(name: str, columns: Sequence[str]) -> str:
    close = nearest(name, columns, 1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(columns)}."


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", "", fold(heading))


# ------------------------------------------------------------------------- reading


def read_mapping(path: Path, prefixes: Table[str, str]) -> Mapping:
    """Read one mapping and check that it can be run.

    Args:
        path: the file.
        prefixes: those of the base, which header and text may use.

    Raises:
        SyntaxProblem: with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SyntaxProblem(f"It cannot be read: {reason}.", path) from error
    header = Header(path)
    written = header.lines(text)
    if not written:
        raise header.problem(f"A mapping begins with a header: #+ {', '.join(REQUIRED)}.", 0)
    entries = header.mapping(header.parse(written), (*REQUIRED, *OPTIONAL), REQUIRED)
    checked = syntax.check_query(text, str(path), prefixes)
    query = syntax.check_query(syntax.with_prefixes(checked, prefixes), str(path))
    reader = _Columns(header, {**prefixes, **query.prefixes})
    columns = reader.columns(entries["columns"])
    question = entries.get("question")
    header.texts(entries["tags"])
    found = Mapping(
        path.stem,
        path,
        header.text(entries["summary"]),
        header.text(entries["description"]),
        columns,
        reader.among(entries["key"], columns),
        header.text(question) if question else "",
        query,
    )
    _check(found)
    return found


def _check(mapping: Mapping) -> None:
    """Refuse what would make nothing of a table, or of a column, in silence.

    Raises:
        SyntaxProblem: saying what.
    """
    path, text = mapping.path, mapping.query.text
    if mapping.query.form != "CONSTRUCT":
        raise SyntaxProblem("A mapping is a CONSTRUCT.", path)
    if len(ROWS.findall(text)) != 1:
        raise SyntaxProblem("A mapping has one line #ROWS in its WHERE, where the rows go.", path)
    names = [each.name for each in mapping.columns]
    variables = set(mapping.query.variables)
    known = {*GIVEN, *names, *(f"{each}{TEXT}" for each in names)}
    known |= {f"{each.name}{NEW}" for each in mapping.columns if each.new}
    made = set(re.findall(r"\bAS\s+[?$](\w+)", text, re.IGNORECASE))
    for head in re.findall(r"\bVALUES\s*([?$]\w+|\([^)]*\))", text, re.IGNORECASE):
        made |= set(re.findall(r"[?$](\w+)", head))
    for name in sorted(variables - known - made):
        raise SyntaxProblem(
            f"Nothing gives ?{name} a value. {suggestion(name, known | made)}".rstrip(), path
        )
    for name in names:
        if not variables & {name, f"{name}{TEXT}", f"{name}{NEW}"}:
            raise SyntaxProblem(f"It makes nothing of its column {name}.", path)
    _check_template(mapping)
    if "passage" not in variables:
        raise SyntaxProblem("It has no ?passage: each row is its own evidence.", path)
    _try(mapping)


def _check_template(mapping: Mapping) -> None:
    """Refuse what has no template, makes blank nodes, or makes other facts each time."""
    text = mapping.query.text
    found = list(syntax.tokens(text))
    first, last = template(mapping)
    inside = [each for each in found if first < each.start < last]
    words = {each.text.upper() for each in found if each.kind == "word"}
    if "BNODE" in words or any(each.kind == "blank" or each.text in "[(" for each in inside):
        raise SyntaxProblem("It makes blank nodes: give everything an IRI.", mapping.path)
    if odd := sorted(words & {"NOW", "RAND", "UUID", "STRUUID"}):
        raise SyntaxProblem(f"It makes other facts each time: leave out {odd[0]}.", mapping.path)
    if odd := sorted(words & {"GROUP", "HAVING", "LIMIT", "OFFSET"}):
        raise SyntaxProblem(
            f"Rows come a thousand at a time: {odd[0]} would not see all of them.", mapping.path
        )


def template(mapping: Mapping) -> tuple[int, int]:
    """Return where the brackets of the template stand in the text.

    Raises:
        SyntaxProblem: there is no template.
    """
    found = list(syntax.tokens(mapping.query.text))
    start = next(
        (at for at, each in enumerate(found) if (each.kind, each.text.upper()) == _CONSTRUCT), 0
    )
    if found[start + 1].text != "{":
        raise SyntaxProblem("Write out what is made: CONSTRUCT { … } WHERE { … }.", mapping.path)
    end = next(each for each in found[start + 1 :] if each.text == "}")
    return found[start + 1].start, end.start


_CONSTRUCT: Final = ("word", "CONSTRUCT")


def _try(mapping: Mapping) -> None:
    """Run it over no rows, for no answer.

    Raises:
        SyntaxProblem: it is no SPARQL.
    """
    from pyoxigraph import Store

    try:
        Store().query(f"{''.join(with_marks(mapping))} LIMIT 0")
    except (SyntaxError, ValueError) as error:
        raise SyntaxProblem(f"It is no SPARQL 1.1: {error}.", mapping.path) from error


def used(mapping: Mapping) -> list[str]:
    """Return the variables that rows have to give, in the order of the text."""
    names = [each.name for each in mapping.columns]
    given = {*GIVEN, *names, *(f"{each}{end}" for each in names for end in (NEW, TEXT))} - {"none"}
    return [each for each in mapping.query.variables if each in given]


def with_marks(mapping: Mapping) -> tuple[str, str]:
    """Return the text before the rows, up to their variables, and the text after them.

    What is made of a row stands between two marks that name it, in whichever order the engine
    gives what a template makes.
    """
    text = mapping.query.text
    first, last = template(mapping)
    inside = text[first + 1 : last]
    closed = [each.text for each in syntax.tokens(inside)][-1:] in ([], ["."])
    marked = f"{_mark('first')}{inside}{'' if closed else ' . '}{_mark('last')}"
    start, end = ROWS.split(f"{text[: first + 1]}{marked}{text[last:]}")
    head = " ".join(f"?{each}" for each in (MARK, *used(mapping)))
    return f"{start}VALUES ({head}) {{ ", f" }}{end}"


def _mark(which: str) -> str:
    return f" <{MARKS}row> <{MARKS}{which}> ?{MARK} . "


# No column is called so, for it begins with a letter.
MARK: Final = "_mark"
MARKS: Final = "urn:x-dragoman:"


class _Columns:
    """Reads what the header says of the columns."""

    def __init__(self, header: Header, prefixes: Table[str, str]) -> None:
        self._header, self._prefixes = header, prefixes

    def columns(self, node: Node) -> tuple[Column, ...]:
        told = self._header.mapping(node, None, ())
        found = tuple(self._column(name, each) for name, each in told.items())
        names = {each.name for each in found}
        for column in found:
            for part in (*column.parts, *column.further):
                if part not in names:
                    raise self._problem(f"{column.name} is made from no column {part!r}.", node)
        return found

    def among(self, node: Node, columns: Sequence[Column]) -> tuple[str, ...]:
        names = self._header.texts(node)
        known = [each.name for each in columns]
        for name in names:
            if name not in known:
                raise self._problem(f"There is no column {name!r}. {suggestion(name, known)}", node)
        return names

    def _problem(self, message: str, node: Node) -> SyntaxProblem:
        return self._header.problem(message, node.start_mark.line)

    def _column(self, name: str, node: Node) -> Column:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) or name in GIVEN or name.endswith(LABEL):
            raise self._problem(
                f"A column cannot be called {name!r}: use letters and digits.", node
            )
        told = self._header.mapping(node, _KEYS, ("description",))
        text = {key: self._header.text(each) for key, each in told.items() if _is_text(each)}
        for key in told.keys() - text.keys() - {"list", "datatype", "from", "match"}:
            raise self._problem(f"A text is expected for {key}.", told[key])
        made = self._header.texts(told["from"]) if "from" in told else ()
        matched = self._header.texts(told["match"]) if "match" in told else ()
        offered, choices = False, tuple[str, ...]()
        if "list" in told and "list" not in text:
            choices = self._header.texts(told["list"])
        elif "list" in text:
            offered = self._flag("list", text, told)
        kinds = (
            (text["datatype"],) if "datatype" in text
            else self._header.texts(told["datatype"]) if "datatype" in told else ()
        )  # fmt: skip
        column = Column(
            name,
            text["description"],
            self._iri(text["lookup"], told["lookup"]) if "lookup" in text else "",
            tuple(self._datatype(each, told["datatype"]) for each in kinds),
            text.get("language", ""),
            self._flag("required", text, told),
            self._flag("several", text, told),
            choices,
            offered,
            self._otherwise(text, told),
            self._space(text["new"], told["new"]) if "new" in text else "",
            tuple(each for each in made if not each.endswith("?")),
            tuple(each[:-1] for each in made if each.endswith("?")),
            tuple(self._iri(each, told["match"]) for each in matched),
        )
        if sum((bool(column.lookup), bool(column.datatypes), bool(column.language))) > 1:
            raise self._problem(f"{name} has a lookup, datatypes or a language: one of them.", node)
        if column.new and not column.lookup:
            raise self._problem(f"What may be new in {name} is of a class: add its lookup.", node)
        if column.parts and not column.new:
            raise self._problem(f"{name} is made from other columns: add new: PREFIX.", node)
        if column.matches and len(column.matches) != len(column.parts):
            raise self._problem(f"{name} needs a property to match for each part of it.", node)
        return column

    def _flag(self, key: str, text: dict[str, str], told: dict[str, Node]) -> bool:
        value = text.get(key, "false")
        if value not in {"true", "false"}:
            raise self._problem(f"{key} is true or false.", told[key])
        return value == "true"

    def _otherwise(self, text: dict[str, str], told: dict[str, Node]) -> bool:
        value = text.get("else", "report")
        if value not in {"skip", "report"}:
            raise self._problem("What to do else is skip or report.", told["else"])
        return value == "skip"

    def _iri(self, name: str, node: Node) -> str:
        iri = syntax.written_iri(name, self._prefixes)
        if iri is None:
            raise self._problem(f"{name!r} is no term: write it with a prefix, as dip:State.", node)
        return iri

    def _datatype(self, name: str, node: Node) -> str:
        from dragoman import datatypes

        iri = self._iri(name, node)
        if iri.removeprefix(vocabulary.XSD) not in datatypes.NAMES:
            raise self._problem(f"{name} is no datatype of XML Schema.", node)
        return iri

    def _space(self, prefix: str, node: Node) -> str:
        if prefix not in self._prefixes:
            advice = suggestion(prefix, self._prefixes)
            raise self._problem(f"There is no prefix {prefix!r}. {advice}", node)
        return self._prefixes[prefix]


def _is_text(node: Node) -> bool:
    return isinstance(node.value, str)
