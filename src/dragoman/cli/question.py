"""What a saved question is: its page, and its SPARQL for any other editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dragoman.cli.console import one_line, terminal_width
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.api import KnowledgeBase
    from dragoman.queries import Asked, SavedQuery

# How many examples a page has; among how many rows, and for how many seconds, they are looked for.
_EXAMPLES: Final = 3
_ROWS: Final = 200
_PATIENCE: Final = 5.0


def sparql(handle: KnowledgeBase, asked: Asked, lang: str | None) -> str:
    """Return a query as any editor runs it: whole, with its values, and with labels."""
    from dragoman.labels import languages
    from dragoman.queries import printed

    return printed(asked, handle.prefixes, languages(lang))


def page(handle: KnowledgeBase, asked: Asked, lang: str | None) -> str:
    """Return what a saved question asks, what it takes, what it gives, and an example."""
    from dragoman import syntax, tables

    query = asked.question
    if query is None:
        raise DragomanError("Only saved questions are described: dragoman query NAME --describe.")
    examples = _examples(handle, query, lang)
    lines: list[tuple[str, str]] = [
        (query.name, query.summary),
        ("", query.description),
        ("about", ", ".join(query.tags)),
    ]
    for parameter in query.params:
        told = [f"{parameter.description} ({parameter.type})."]
        if names := examples.get(parameter.name):
            told.append(f"For example {', '.join(names)}.")
        lines.append((f"--set {parameter.name}=", " ".join(told)))
    if query.params:
        lines.append(("", "Without a value, all count; given twice, either does."))
    if query.time:
        ends = " and ".join(dict.fromkeys(query.time))
        lines.append(("--since --until", f"A year, month or day; rows are about {ends}."))
    if asked.text.form == "SELECT":
        meanings = dict(query.columns)
        told = [
            f"{name} ({meanings[name]})" if name in meanings else name
            for name in syntax.columns(query.text)
        ]
        lines.append(("columns", ", ".join(told)))
    count = len(query.text.splitlines())
    lines.append(("SPARQL", f"{count} lines in {query.path}; whole, with labels: --print"))
    lines.append(("example", _command(query, examples)))
    lines = [(one_line(name), one_line(text)) for name, text in lines]
    width, longest = terminal_width() or tables.LINE, max(len(name) for name, _ in lines)
    return "".join(
        f"{name if not number else '':<{longest}}  {line}\n"
        for name, text in lines
        for number, line in enumerate(tables.folded(text, max(width - longest - 2, 20)))
    )


def _command(query: SavedQuery, examples: dict[str, list[str]]) -> str:
    name, values = next(iter(examples.items()), ("", []))
    told = f" --set {name}={values[0]}" if values else ""
    return f"dragoman query {query.name}{told}{' --since 2020' if query.time else ''}"


def _examples(handle: KnowledgeBase, query: SavedQuery, lang: str | None) -> dict[str, list[str]]:
    """Return values for each parameter for which there are rows, or else of its class."""
    return {
        parameter.name: found
        for parameter in query.params
        if (found := list(_examples_of(handle, query, parameter.name, lang)))
    }


def _examples_of(
    handle: KnowledgeBase, query: SavedQuery, name: str, lang: str | None
) -> Iterator[str]:
    from pyoxigraph import NamedNode

    from dragoman import syntax
    from dragoman.labels import labels, languages

    short = syntax.readable(handle.prefixes)
    (kind,) = (each.type for each in query.params if each.name == name)
    asked = handle.prepared(query)
    spaces = {**handle.prefixes, **asked.text.prefixes}
    iri = syntax.written_iri(kind, spaces)
    found: list[object] = []
    try:
        if asked.text.form == "SELECT" and name in syntax.columns(query.text):
            answer = handle.run(asked, limit=_ROWS, timeout=_PATIENCE, labels=False).answer
            at = answer.columns.index(name)
            found = [row[at] for row in answer.rows]
        if not any(found) and iri:
            text = (
                "SELECT DISTINCT ?thing { ?thing a/rdfs:subClassOf* "
                f"<{iri}> }} ORDER BY ?thing LIMIT {_EXAMPLES}"
            )
            rows = handle.run(handle.prepared(text), timeout=_PATIENCE, labels=False).answer.rows
            found = [thing for (thing,) in rows]
    except DragomanError:
        return
    terms = list(dict.fromkeys(each for each in found if each is not None))[:_EXAMPLES]
    called = labels(
        handle.source,
        [each.value for each in terms if isinstance(each, NamedNode)],
        languages(lang),
    )
    for term in terms:
        if isinstance(term, NamedNode):
            label = called.get(term.value)
            yield f'"{label.value}"' if label else short(term.value)
        else:
            yield str(getattr(term, "value", term))
