"""Saved queries: their headers, and putting values in the place of their parameters.

A saved query is one `.rq` file: a header of `#+` lines in YAML, then SPARQL 1.1 that any editor
runs. A parameter is a line `VALUES ?name { UNDEF }`, which means all; binding puts checked terms in
the place of UNDEF, and pastes no text. A line that keeps its UNDEF is taken out before a query
runs: it says nothing, and engines are quicker without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import base as bases
from dragoman import vocabulary
from dragoman.errors import ParameterError, SyntaxProblem, UnknownNameError, nearest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Literal, NamedNode
    from yaml.nodes import Node

    from dragoman.base import Base
    from dragoman.headers import Header
    from dragoman.store import Source
    from dragoman.syntax import QueryText, Token

REQUIRED: Final = ("summary", "description", "tags")
# Candidates that a message offers for a name that nothing has.
_OFFERED: Final = 3
OPTIONAL: Final = ("params", "time", "columns", "view")
VIEWS: Final = ("timeline", "map", "graph", "matrix", "bars")

# A header in its plain form, whose texts mean in YAML what they say. It is read without a YAML
# loader, whose import takes longer than reading all headers; any other form goes through one.
_TAG: Final = r"[a-z][a-z\- ]*[a-z]"
_TEXT: Final = r"[A-Za-z][^:#\x00-\x1f\x7f-\x9f\u2028\u2029]*"
_ITEM: Final = _TEXT.replace(":#", r":#,\[\]{}")  # inside of braces
_PARAMETER: Final = rf"\{{name: (\w+), type: ([A-Za-z]\w*:\w+), description: ({_ITEM})\}}"
_ANY_PARAMETER: Final = _PARAMETER.replace("(", "(?:")
_VIEW: Final = rf"({'|'.join(VIEWS)})(?: of (\w+))?(?: by (\w+))?(?: with (\w+))?"
_ANY_VIEW: Final = _VIEW.replace("(", "(?:").replace("(?:?:", "(?:")
_PLAIN: Final = (
    rf"#\+ summary: (?P<summary>{_TEXT})\n"
    rf"#\+ description: (?P<description>{_TEXT})\n"
    rf"#\+ tags: \[(?P<tags>{_TAG}(?:, {_TAG})*)\]\n"
    # one beside the word, or several on lines of their own
    rf"(?P<params>#\+ params: \[{_ANY_PARAMETER}\]\n|#\+ params:\n(?:#\+   - {_ANY_PARAMETER}\n)+)?"
    r"(?:#\+ time: \[(?P<time>\w+(?:, \w+)?)\]\n)?"
    rf"(?:#\+ view: \[?(?P<view>{_ANY_VIEW}(?:, {_ANY_VIEW})*)\]?\n)?(?!#\+)"
)


# A named tuple, for a dataclass takes several times longer to make, and lists must come at once.
class Parameter(NamedTuple):
    """A parameter of a saved query: its name, what its values are, and what it means."""

    name: str
    type: str
    description: str


class View(NamedTuple):
    """A picture of an answer, as in `timeline of session by mechanism`.

    Attributes:
        kind: one of `VIEWS`.
        of: the column of what is drawn; empty for the first one that fits.
        by: the column of what it is drawn against; empty for the next one that fits.
        number: the column of numbers that say how much; empty to count rows.
    """

    kind: str
    of: str = ""
    by: str = ""
    number: str = ""


class SavedQuery(NamedTuple):
    """One question.

    Attributes:
        name: the file's name without `.rq`.
        path: the file.
        summary: a few words, for a list.
        description: the question in plain words.
        tags: what it is about; the first is where lists put it.
        text: the whole file, legal SPARQL as it stands.
        params: its parameters.
        time: the variables of the first and the last day that a row is about, or of the one day.
        columns: what its columns mean, by name, where told.
        views: the pictures that help to read its answer, the best first.
    """

    name: str
    path: Path
    summary: str
    description: str
    tags: tuple[str, ...]
    text: str
    params: tuple[Parameter, ...] = ()
    time: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    views: tuple[View, ...] = ()


class Questions(list[SavedQuery]):
    """Saved queries, which show themselves as a table of name, summary and parameters.

    Attributes:
        problems: why files are not among them, each with file and line.
    """

    def __init__(self, found: Iterable[SavedQuery] = ()) -> None:
        super().__init__(found)
        self.problems: list[SyntaxProblem] = []

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows: list[tuple[str, ...]] = [
            (each.name, each.summary, ", ".join(param.name for param in each.params))
            for each in self
        ]
        return ("name", "summary", "parameters"), rows

    def __str__(self) -> str:
        """Return the table as text."""
        from dragoman.notebook import text_table

        return text_table(*self._table())

    def _repr_html_(self) -> str:
        from dragoman.notebook import html_table

        return html_table(f"{len(self)} questions", *self._table())


def saved_queries(base: Base) -> Questions:
    """Return the saved queries of a base, sorted by name.

    A file that is no saved query is left out; `Questions.problems` says why.
    """
    found = Questions()
    for path in base.queries():
        try:
            found.append(read_query(path))
        except SyntaxProblem as problem:
            found.problems.append(problem)
    return found


def find_query(base: Base, name: str) -> SavedQuery:
    """Return one saved query.

    Raises:
        UnknownNameError: naming the nearest.
        SyntaxProblem: its header is wrong.
    """
    paths = {path.stem: path for path in base.queries()}
    if name not in paths:
        raise UnknownNameError("saved query", name, paths)
    return read_query(paths[name])


def read_query(path: Path) -> SavedQuery:
    """Read one `.rq` file and check its header.

    Raises:
        SyntaxProblem: with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SyntaxProblem("It is not UTF-8. Save it as UTF-8.", path) from error
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror}.", path) from error
    if found := re.match(_PLAIN, text):
        return SavedQuery(
            path.stem,
            path,
            found["summary"].strip(),
            found["description"].strip(),
            tuple(re.findall(_TAG, found["tags"])),
            text,
            tuple(
                Parameter(*(each.strip() for each in told))
                for told in re.findall(_PARAMETER, found["params"] or "")
            ),
            tuple((found["time"] or "").split(", ")) if found["time"] else (),
            views=tuple(View(*told) for told in re.findall(_VIEW, found["view"] or "")),
        )
    return _read_yaml(path, text)


def _read_yaml(path: Path, text: str) -> SavedQuery:
    """Read a header of any form."""
    from dragoman.headers import Header

    header = Header(path)
    written = header.lines(text)
    if not written:
        raise header.problem(f"A saved query begins with a header: #+ {', '.join(REQUIRED)}.", 0)
    entries = header.mapping(header.parse(written), (*REQUIRED, *OPTIONAL), REQUIRED)
    params = tuple(
        Parameter(**{key: header.text(node) for key, node in each.items()})
        for each in header.mappings(entries.get("params"), ("name", "type", "description"))
    )
    return SavedQuery(
        path.stem,
        path,
        header.text(entries["summary"]),
        header.text(entries["description"]),
        header.texts(entries["tags"]),
        text,
        params,
        header.time(entries.get("time")),
        header.columns(entries.get("columns")),
        _views(header, entries.get("view")),
    )


def _views(header: Header, node: Node | None) -> tuple[View, ...]:
    """Return the views of a header: one text, or a list."""
    if node is None:
        return ()
    told = header.texts(node) if isinstance(node.value, list) else (header.text(node),)
    found = [re.fullmatch(_VIEW, each) for each in told]
    if None in found:
        raise header.problem(
            f"A view is one of {', '.join(VIEWS)}, with the columns that it shows: "
            "timeline of session by mechanism.",
            node.start_mark.line,
        )
    return tuple(View(*(each or "" for each in match.groups())) for match in found if match)


# ------------------------------------------------------------------ parameters


class Asked(NamedTuple):
    """A query as it is asked.

    Attributes:
        text: what is run.
        question: the saved query that it is, where it is one.
        values: the terms that stand for each of its parameters; of the others, all count.
        since: the first day that is asked for.
        until: the last one.
        dateless: ask for the rows that such a time leaves out because they have no day.
    """

    text: QueryText
    question: SavedQuery | None = None
    values: Mapping[str, tuple[NamedNode | Literal, ...]] = {}
    since: dt.date | None = None
    until: dt.date | None = None
    dateless: bool = False


def ask(  # noqa: PLR0913, PLR0917  what may be said with a question
    query: SavedQuery,
    values: Mapping[str, Sequence[str]],
    prefixes: Mapping[str, str],
    source: Callable[[], Source],
    since: str | None = None,
    until: str | None = None,
) -> Asked:
    """Put values in the place of a saved query's parameters, and ask for a time.

    Each value is read as one RDF term (see `read_term`) and takes the place of the row of every
    `VALUES ?name` in the text; several values of one parameter become several rows: either counts.

    Args:
        query: the saved query.
        values: for each parameter the values, as text.
        prefixes: those that values may use, besides the query's own.
        source: gives the graph in which names are looked up; called only when one is.
        since: a year, month or day: only rows that are about it, or later.
        until: the same, or earlier. A row without a day is neither.

    Raises:
        UnknownNameError: the query has no such parameter.
        ParameterError: a value is not one term, or no single thing is called so; the query has no
            time; or a day is none.
        SyntaxProblem: the query is refused, or has no VALUES line for a parameter.
    """
    from dragoman import syntax

    checked = syntax.check_query(query.text, str(query.path))
    known = {parameter.name: parameter for parameter in query.params}
    spaces = {**prefixes, **checked.prefixes}
    terms: dict[str, tuple[NamedNode | Literal, ...]] = {}
    for name, told in values.items():
        if name not in known:
            raise UnknownNameError("parameter", name, known, f"in the question {query.name}")
        read = (read_term(each, known[name], spaces, source) for each in told)
        terms[name] = tuple(dict.fromkeys(read))
    first, last = _days(query, since, until)
    if first or last:
        for name in query.time:
            if name not in checked.variables:
                raise SyntaxProblem(f"Its time, ?{name}, is no variable of it.", query.path)
    for view in query.views:
        for name in filter(None, view[1:]):
            if name not in checked.variables:
                raise SyntaxProblem(f"Its view, ?{name}, is no variable of it.", query.path)
    return again(Asked(checked, query, terms, first, last))


def again(asked: Asked, **other: object) -> Asked:
    """Return a saved query with other values, or for another time."""
    from dragoman import syntax

    asked = asked._replace(**other)  # type: ignore[arg-type]
    text = written(asked)
    if text == asked.text.text:
        return asked
    return asked._replace(text=syntax.check_query(text, asked.text.name))


def bind(
    query: SavedQuery,
    values: Mapping[str, Sequence[str]],
    prefixes: Mapping[str, str],
    source: Callable[[], Source],
) -> QueryText:
    """Return what is run when a saved query is asked; see `ask`, which has the rest, too."""
    return ask(query, values, prefixes, source).text


def written(asked: Asked) -> str:
    """Return the text of a saved query with its values, without the lines that mean all.

    Raises:
        SyntaxProblem: a parameter has no VALUES line.
    """
    from dragoman import syntax

    query = asked.question
    if query is None:
        return asked.text.text
    text = query.text
    for parameter in query.params:
        name = parameter.name
        if terms := asked.values.get(name):
            text = syntax.with_values(text, name, _row(text, name, terms, query.path))
        else:
            text = syntax.without_undefined(text, name)
    bounds = []
    if asked.dateless:  # a comparison with what is unbound is an error, which no row survives
        ends = (query.time[-1] if asked.since else "", query.time[0] if asked.until else "")
        bounds.append(" || ".join(f"!BOUND(?{each})" for each in dict.fromkeys(ends) if each))
    elif asked.since or asked.until:
        if asked.since:
            bounds.append(f'?{query.time[-1]} >= "{asked.since}"^^<{vocabulary.XSD_DATE}>')
        if asked.until:
            bounds.append(f'?{query.time[0]} <= "{asked.until}"^^<{vocabulary.XSD_DATE}>')
    return syntax.with_filters(text, bounds)


def _row(text: str, name: str, terms: Iterable[NamedNode | Literal], path: Path) -> str:
    from dragoman import syntax

    if not syntax.values_blocks(text, name):
        message = f"The parameter {name!r} has no line VALUES ?{name} {{ UNDEF }}."
        raise SyntaxProblem(message, path)
    return " ".join(map(str, terms))


def defaults(query: SavedQuery) -> dict[str, str]:
    """Return what stands for each parameter that gets no value; UNDEF means all.

    Raises:
        SyntaxProblem: a parameter has no VALUES line.
    """
    from dragoman import syntax

    found = {}
    for parameter in query.params:
        name = parameter.name
        _row(query.text, name, (), query.path)
        block = syntax.values_blocks(query.text, name)[0]
        found[name] = query.text[block.first : block.last].strip()
    return found


def printed(
    asked: Asked,
    prefixes: Mapping[str, str],
    languages: Sequence[str],
    literals: Iterable[str] = (),
) -> str:
    """Return a query as any editor of SPARQL runs it: whole, with its values, and with labels.

    Args:
        asked: the query.
        prefixes: those that it may use without declaring them.
        languages: of the labels, the best first; English comes after them.
        literals: columns that are known to hold no things.
    """
    from dragoman import syntax

    text = syntax.with_prefixes(asked.text, prefixes)
    query = asked.question
    if query is not None:
        text = re.sub(r"\A(?:#\+.*\n)+\n*", "", text)
    tags = list(dict.fromkeys((*languages, "en")))
    spaces = syntax.check_query(text, asked.text.name).prefixes
    values = {*(query.time if query else ()), *literals}
    told = f"# {query.summary} ({query.name})\n\n" if query else ""
    return f"{told}{syntax.with_labels(text, spaces, tags, values).strip()}\n"


def without_things(asked: Asked, source: Source, prefixes: Mapping[str, str]) -> set[str]:
    """Return variables that are values of a property that has no things.

    The base's ontology declares such properties; those of others that it uses are known.
    """
    from itertools import pairwise

    from dragoman import names, syntax

    spaces = {**prefixes, **asked.text.prefixes}
    words = list(syntax.tokens(asked.text.text))
    found = {
        (syntax.written_iri(name.text, spaces), variable.text[1:])
        for name, variable in pairwise(words)
        if name.kind in {"name", "iri"} and variable.kind == "variable"
    }
    plain = {
        *(vocabulary.DCTERMS_DESCRIPTION, vocabulary.DCTERMS_TITLE),
        *(vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_LABEL),
    }
    for iri in {iri for iri, _ in found if iri} - plain:
        if names.is_a(source, iri, vocabulary.OWL_DATATYPE_PROPERTY):
            plain.add(iri)
    return {variable for iri, variable in found if iri in plain}


def values_asked(asked: Asked) -> Iterator[tuple[str, tuple[NamedNode | Literal, ...]]]:
    """Yield each parameter of a saved query and what is asked of it; nothing means all."""
    from pyoxigraph import Store

    from dragoman import syntax

    query = asked.question
    for name in (each.name for each in query.params) if query else ():
        terms = asked.values.get(name, ())
        blocks = syntax.values_blocks(query.text, name) if query and not terms else []
        if query and blocks and not blocks[0].undefined:  # a value that stands in the file
            row = query.text[blocks[0].first : blocks[0].last]
            text = f"SELECT ?{name} {{ VALUES ?{name} {{ {row} }} }}"
            found = Store().query(text, prefixes=asked.text.prefixes)
            terms = tuple(each for (each,) in found if each is not None)  # type: ignore[union-attr]
        yield name, terms


# ------------------------------------------------------------------------ time


def _days(
    query: SavedQuery, since: str | None, until: str | None
) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day that is meant.

    Raises:
        ParameterError: the query has no time, a day is none, or the time ends before it begins.
    """
    options = [f"--{name}" for name, told in (("since", since), ("until", until)) if told]
    if options and not query.time:
        raise ParameterError(
            f"The question {query.name} has no time: leave out {' and '.join(options)}."
        )
    first = _day(since, "since") if since else None
    last = _day(until, "until") if until else None
    if first and last and last < first:
        raise ParameterError(f"--until {until} is before --since {since}.")
    return first, last


def _day(told: str, option: str) -> dt.date:
    """Return the first day of a year, month or day; or the last, where it is the end."""
    import calendar
    import datetime as dt

    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", told.strip(), re.ASCII)
    year, month, day = found.groups() if found else ("0", None, None)
    ends = option == "until"
    try:
        number = int(month or (12 if ends else 1))
        length = calendar.monthrange(int(year), number)[1]
        return dt.date(int(year), number, int(day or (length if ends else 1)))
    except ValueError:
        message = f"--{option} {told}: that is no year, month or day, as 2026, 2026-07, 2026-07-15."
        raise ParameterError(message) from None


# ---------------------------------------------------------------------- values


def read_term(
    value: str, parameter: Parameter, prefixes: Mapping[str, str], source: Callable[[], Source]
) -> NamedNode | Literal:
    """Read a value as one RDF term.

    In this order: `<IRI>`; a quoted literal with its language or datatype; where the parameter's
    type is a datatype, the bare value; an IRI or a prefixed name, in which slashes need no escape;
    the name or code of a thing whose class is the parameter's type, in any spelling.

    Raises:
        ParameterError: saying what was expected, and the nearest names.
    """
    from pyoxigraph import NamedNode

    from dragoman import syntax

    type_iri = syntax.written_iri(parameter.type, prefixes)
    tokens = list(syntax.tokens(value.strip()))
    whole = "".join(token.text for token in tokens) == value.strip()
    if whole and tokens[0:1] and tokens[0].kind == "string":
        return _literal(value, tokens, parameter, prefixes)
    written = syntax.written_iri(value.strip(), prefixes)
    bracketed = whole and [token.kind for token in tokens] == ["iri"]
    if type_iri and type_iri.startswith(vocabulary.XSD) and not bracketed:
        return _typed(value, type_iri, parameter)
    if written is not None:
        try:
            return NamedNode(written)
        except ValueError as error:
            if bracketed:
                raise ParameterError(f"{parameter.name}={value}: {error}.") from error
    return _named(value, type_iri, parameter, prefixes, source)


def _literal(
    value: str, tokens: Sequence[Token], parameter: Parameter, prefixes: Mapping[str, str]
) -> Literal:
    """Read a quoted literal; the tokens have shown that nothing else stands beside it."""
    from pyoxigraph import Literal, RdfFormat, parse

    from dragoman import syntax

    shape = [token.text if token.kind == "mark" else token.kind for token in tokens]
    if shape in (["string"], ["string", "tag"], ["string", "^^", "iri"], ["string", "^^", "name"]):
        datatype = tokens[2].text if len(tokens) == 3 else ""
        if tokens[-1].kind == "name" and (iri := syntax.written_iri(datatype, prefixes)):
            datatype = f"<{iri}>"
        written = "".join(token.text for token in tokens[:2]) + datatype
        try:
            (quad,) = parse(f"<urn:s> <urn:p> {written} .", RdfFormat.TURTLE)
            if isinstance(quad.object, Literal):
                return _well_formed(quad.object, value, parameter)
        except (SyntaxError, ValueError):
            pass
    raise ParameterError(
        f'{parameter.name}={value}: not one literal. Write "text", "text"@en or "2024"^^xsd:gYear.'
    )


def _typed(value: str, datatype: str, parameter: Parameter) -> Literal:
    """Read a bare value of a datatype, as `42`, `true` or `2024-05-01`."""
    from pyoxigraph import Literal, NamedNode

    text = value if datatype == vocabulary.XSD_STRING else value.strip()
    return _well_formed(Literal(text, datatype=NamedNode(datatype)), value, parameter)


def _well_formed(literal: Literal, value: str, parameter: Parameter) -> Literal:
    """Return a literal whose datatype allows its text.

    Raises:
        ParameterError: saying what is wrong with it.
    """
    from dragoman import datatypes

    datatype = literal.datatype.value
    if datatypes.well_formed(literal.value, datatype):
        return literal
    kind = datatype.replace(vocabulary.XSD, "xsd:")
    raise ParameterError(
        f"{parameter.name}={value}: {literal.value!r} is no {kind}: "
        f"{datatypes.fault(literal.value, datatype)}"
    )


def _named(
    value: str,
    type_iri: str | None,
    parameter: Parameter,
    prefixes: Mapping[str, str],
    source: Callable[[], Source],
) -> NamedNode:
    """Find the one thing that bears a name."""
    from pyoxigraph import NamedNode

    from dragoman import syntax
    from dragoman.names import classes_of, fold, holding, is_somewhere, register_of

    short = syntax.readable(prefixes)
    if type_iri in vocabulary.ANYTHING:  # no graph says of each thing that it is one
        type_iri = None
    sources = type_iri in {None, vocabulary.SOURCE_CLASS}
    register, kinds = register_of(source()), (type_iri,) if type_iri else ()
    known = register.names(kinds, titles=sources)
    things = register.bearers(kinds, titles=sources).of(value)
    if sources and not things:  # by its name, as `remove` takes it
        graph = bases.source_iri(value)
        things = [graph] if is_somewhere(source(), graph) else []
    if len(things) == 1:
        return NamedNode(things[0])

    def told(thing: str) -> str:
        classes = " and ".join(map(short, classes_of(source(), thing)))
        return f"{short(thing)} ({classes})" if classes else short(thing)

    kind = f" of type {parameter.type}" if parameter.type else ""
    if things:
        raise ParameterError(
            f"{parameter.name}={value}: several things{kind} are called so: "
            f"{', '.join(map(told, things))}. Name one.",
            parameter.name,
            things,
        )
    problem = f"{parameter.name}={value}: nothing{kind} is called so."
    if type_iri and (others := register.bearers().of(value)):
        raise ParameterError(f"{problem} What is called so: {', '.join(map(told, others))}.")
    texts: dict[str, str] = {}
    owners: dict[str, str] = {}
    for name in known:
        folded = fold(name.text)
        texts.setdefault(folded, f"{name.text!r} ({short(name.thing)})")
        owners.setdefault(folded, name.thing)
    held: dict[str, str] = {}
    for each in holding(value, texts):
        held.setdefault(owners[each], texts[each])
    near = list(held)[:_OFFERED] or [owners[each] for each in nearest(fold(value), texts)]
    close = list(held.values())[:_OFFERED] or [texts[each] for each in nearest(fold(value), texts)]
    more = f", or one of {len(held) - _OFFERED} more" if len(held) > _OFFERED else ""
    advice = (
        f"Did you mean {' or '.join(close)}{more}?"
        if close
        else "Write an <IRI> or a prefixed name."
    )
    raise ParameterError(f"{problem} {advice}", parameter.name, near)


def doubts(asked: Asked, source: Source, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield what is odd about the values of a saved query: unknown here, or of another class."""
    from pyoxigraph import NamedNode

    from dragoman import names, syntax

    if asked.question is None:
        return
    spaces = {**prefixes, **asked.text.prefixes}
    short = syntax.readable(spaces)
    for parameter in asked.question.params:
        kind = syntax.written_iri(parameter.type, spaces)
        for term in asked.values.get(parameter.name, ()):
            if not isinstance(term, NamedNode):
                continue
            told = f"{parameter.name}={short(term.value)}"
            stranger = names.stranger(source, term.value, short(term.value))
            if stranger is not None:
                yield f"{told}: {stranger}"
            elif kind and kind not in vocabulary.ANYTHING:
                classes = names.classes_of(source, term.value)
                if classes and not names.is_a(source, term.value, kind):
                    yield (
                        f"{told}: it is {' and '.join(map(short, classes))}, and this question is "
                        f"about {parameter.type}."
                    )
