"""The page of a saved question in the terminal: what it asks, takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dragoman.cli.console import one_line, terminal_width
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.api import KnowledgeBase
    from dragoman.queries import Asked, SavedQuery
    from dragoman.store import Term

# How many examples a page has; among how many rows of the answer, and for how many seconds.
_EXAMPLES: Final = 3
_ROWS: Final = 200
_PATIENCE: Final = 5.0


def page(handle: KnowledgeBase, asked: Asked, lang: str | None) -> str:
    """Return what a saved question asks, what it takes, what it gives, and an example."""
    from dragoman import syntax, tables

    query = asked.question
    if query is None:
        raise DragomanError("Only saved questions are described: dragoman query NAME --describe.")
    rows = _rows(handle, handle.prepared(query))
    examples = {
        each.name: list(dict.fromkeys(row[each.name] for row in rows if each.name in row))
        for each in query.params
    }
    called = _called(handle, {each for found in examples.values() for each in found}, lang)
    lines: list[tuple[str, str]] = [
        (query.name, query.summary),
        ("", query.description),
        ("about", ", ".join(query.tags)),
    ]
    for parameter in query.params:
        told = [f"{parameter.description} ({parameter.type})."]
        if names := [called[each] for each in examples[parameter.name][:_EXAMPLES]]:
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
    lines.append(("example", _command(query, rows, called)))
    lines = [(one_line(name), one_line(text)) for name, text in lines]
    width, longest = terminal_width() or tables.LINE, max(len(name) for name, _ in lines)
    return "".join(
        f"{name if not number else '':<{longest}}  {line}\n"
        for name, text in lines
        for number, line in enumerate(tables.folded(text, max(width - longest - 2, 20)))
    )


def _rows(handle: KnowledgeBase, asked: Asked) -> list[dict[str, Term]]:
    """Return the first rows of an answer; none where that takes long."""
    if asked.text.form != "SELECT":
        return []
    try:
        answer = handle.run(asked, limit=_ROWS, timeout=_PATIENCE, labels=False).answer
    except DragomanError:
        return []
    rows = (zip(answer.columns, row, strict=True) for row in answer.rows)
    return [{name: term for name, term in row if term is not None} for row in rows]


def _command(query: SavedQuery, rows: list[dict[str, Term]], called: dict[Term, str]) -> str:
    """Return a command that one row at least answers."""
    names = [each.name for each in query.params]
    end = query.time[-1] if query.time else ""
    row = max(rows, key=lambda row: (end in row, any(each in row for each in names)), default={})
    told = [f" --set {name}={called[row[name]]}" for name in names if row.get(name) in called][:1]
    if end in row:
        told.append(f" --since {getattr(row[end], 'value', '')[:4]}")
    return f"dragoman query {query.name}{''.join(told)}"


def _called(handle: KnowledgeBase, terms: Iterable[Term], lang: str | None) -> dict[Term, str]:
    """Return how values are written on a command line: by their labels, where they have one."""
    from pyoxigraph import NamedNode

    from dragoman import syntax
    from dragoman.labels import labels, languages

    short = syntax.readable(handle.prefixes)
    found = list(terms)
    iris = [each.value for each in found if isinstance(each, NamedNode)]
    labelled = labels(handle.source, iris, languages(lang))

    def told(term: Term) -> str:
        if not isinstance(term, NamedNode):
            return str(getattr(term, "value", term))
        label = labelled.get(term.value)
        return f'"{label.value}"' if label else short(term.value)

    return {each: told(each) for each in found}
