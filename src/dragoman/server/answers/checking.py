"""Checking facts that are pasted or sent as files, and adding them when they are valid."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import additions, syntax
from dragoman import base as bases
from dragoman import form as form_files
from dragoman.errors import SyntaxProblem, UnreadableFilesError
from dragoman.server import negotiation, pages
from dragoman.server.answers.posted import Posted, Upload, posted
from dragoman.server.exchange import Response
from dragoman.server.problems import Refusal
from dragoman.validation import Input, formats, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dragoman.additions import Difference
    from dragoman.server.exchange import Request
    from dragoman.server.served import Served
    from dragoman.validation import Report

# What a pasted text may be, by the suffix that a file of it has.
SUFFIXES: Final = {
    "ttl": "Turtle",
    "yaml": "Report form (YAML)",
    "nt": "N-Triples",
    "trig": "TriG",
    "nq": "N-Quads",
    "jsonld": "JSON-LD",
    "rdf": "RDF/XML",
}
HTML: Final = "text/html"
_REPORTS: Final = {
    HTML: "",
    "application/json": "json",
    "text/turtle": "turtle",
    "text/plain": "people",
    "text/markdown": "md",
    "application/sarif+json": "sarif",
}
_NAME: Final = re.compile(r"[\w.-]+")
# Letters that are kept of the name of a file, from its end: no more than 255 bytes.
_NAMED: Final = 60
_LONGEST_NAME: Final = 255
_PASTED: Final = "pasted"
# Files of more lines are not shown beside what was found in them.
_LISTED: Final = 5000


class Listing(NamedTuple):
    """A file that was sent, to be shown beside what was found in it.

    Attributes:
        name: what it was called.
        lines: its lines; none where it is no text.
        wrong: the numbers of the lines with findings.
    """

    name: str
    lines: tuple[str, ...]
    wrong: frozenset[int] = frozenset()


def check(served: Served, request: Request) -> Response:
    """Return the form; or check what was sent, in the base or by shapes that came with it.

    The answer is a page, or the report as JSON, Turtle, SARIF, Markdown or text, by `Accept`; its
    status is 200 whatever was found, and 422 where the facts cannot be read.

    Raises:
        Refusal: nothing was sent, or no report of the wanted kind can be had.
    """
    if request.method == "GET":
        return _page(request, Posted(()))
    told = posted(request)
    wanted = negotiation.best(request.headers.get("accept", ""), tuple(_REPORTS))
    if wanted is None:
        raise Refusal(406, f"A report comes as {', '.join(_REPORTS)}.")
    adding = told.told("do") == "add"
    if adding and not request.writer:
        raise Refusal(403, "Who adds facts signs in first, with the token of the server.")
    with _written(told) as (files, shapes):
        if not files:
            raise Refusal(400, "There is nothing to check: paste facts, or choose a file.")
        if adding and shapes:
            raise Refusal(400, "What is added is checked with the shapes of the base alone.")
        listed = [_listing(each) for each in files]
        try:
            if adding:
                return _added(served, request, told, files)
            report = served.base.validate(files, shapes or None)
        except (SyntaxProblem, UnreadableFilesError) as error:
            if wanted != HTML:
                raise Refusal(422, str(error)) from error
            return _page(request, told, problem=str(error), listings=listed, status=422)
        if wanted == HTML:
            changes = [] if shapes else list(_changes(served, files))
            return _page(request, told, report=report, listings=listed, changes=changes)
        body = formats.write(report, _REPORTS[wanted]).encode()
        return Response(body, f"{wanted}; charset=utf-8")


class Change(NamedTuple):
    """What a file says otherwise than the source of the base in whose place it is checked."""

    name: str
    iri: str
    difference: Difference
    short: Callable[[str], str]


def _changes(served: Served, files: Sequence[Input]) -> Iterator[Change]:
    base, store = served.base.base, served.base.store
    for each in files:
        content: bytes | Path = each.path
        if bases.is_form(each.path):
            content = form_files.made(base, each.path, each.label, store).content
        triples = [quad.triple for quad in syntax.read_rdf(content, *_syntax(content))]
        source = standing.home(store.store, base.sources("data"), standing.tally(triples)[1])
        if source is not None:
            before = [quad.triple for quad in syntax.read_rdf(source.path)]
            found = additions.compare(before, triples)
            yield Change(source.name, source.graph, found, additions.worded(served.base.prefixes))


def _syntax(content: bytes | Path) -> tuple[str, ...]:
    return ("turtle",) if isinstance(content, bytes) else ()


def _added(served: Served, request: Request, told: Posted, files: Sequence[Input]) -> Response:
    name = told.told("name") or None
    if name is None and files[0].label == _PASTED:
        raise Refusal(400, "Say what the source is to be called.")
    given = [additions.Given(each.path, each.label) for each in files]
    done = served.base.add(*given, name=name, replace=bool(told.told("replace")))
    return _page(
        request,
        told,
        report=done.report,
        listings=[_listing(each) for each in files],
        addition=done,
        status=200 if done.done else 422,
    )


def _page(
    request: Request,
    told: Posted,
    *,
    report: Report | None = None,
    listings: Sequence[Listing] = (),
    status: int = 200,
    **more: object,
) -> Response:
    """Return the form as it was sent, and what was found."""
    marked = [
        each._replace(wrong=frozenset(
            finding.line or 0 for finding in report.findings if finding.file == each.name
        ) if report else frozenset())
        for each in listings
    ]  # fmt: skip
    found = pages.page(
        request,
        "check.html",
        told=told,
        suffixes=SUFFIXES,
        report=report,
        groups=list(formats.grouped(report)) if report else [],
        looked=formats.looked_at(report) if report else [],
        summary=formats.summary(report) if report else "",
        listings=marked,
        **{"problem": "", "addition": None, "changes": [], **more},
    )
    return found._replace(status=status)


def _listing(file: Input) -> Listing:
    try:
        text = file.path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return Listing(file.label, ())
    lines = text.split("\n")
    return Listing(file.label, tuple(lines) if len(lines) <= _LISTED else ())


@contextmanager
def _written(told: Posted) -> Iterator[tuple[list[Input], list[Input]]]:
    """Give what was sent as files, called as they were when they were sent: facts, and shapes.

    Raises:
        Refusal: the format of what was pasted is none.
    """
    suffix = told.told("syntax", "ttl")
    if suffix not in SUFFIXES:
        raise Refusal(400, f"There is no format {suffix!r} here, but {', '.join(SUFFIXES)}.")
    uploads = told.uploads("files")
    if text := told.text("text"):
        uploads.insert(0, Upload(f"{_PASTED}.{suffix}", text.encode()))
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        yield (
            [*_saved(uploads, Path(folder) / "facts")],
            [*_saved(told.uploads("shapes"), Path(folder) / "shapes")],
        )


def _saved(uploads: Sequence[Upload], folder: Path) -> Iterator[Input]:
    """Write files, each in a folder of its own; what they were called reaches no path but so.

    Raises:
        Refusal: a suffix tells no format.
    """
    for number, each in enumerate(uploads):
        name = "".join(_NAME.findall(each.name))[-_NAMED:].lstrip(".-") or "file.ttl"
        place = folder / str(number)
        place.mkdir(parents=True)
        (place / name).write_bytes(each.content)
        if bases.is_form(place / name):
            own_text_file(place / name)
        else:
            try:
                syntax.format_of(place / name)
            except SyntaxProblem as error:  # told of the name that was sent
                raise Refusal(422, f"{name}: {error.problem}") from error
        yield Input(place / name, _PASTED if name.startswith(f"{_PASTED}.") else name)


def own_text_file(path: Path) -> Path | None:
    """Return the file of the text that a form names; it must be beside it, none else is read.

    Raises:
        Refusal: it would be in another folder, be the form, or have a name that no file has.
    """
    place = form_files.text_file(path)
    if place is not None and (place.parent != path.parent or place.name in {"", ".", ".."}):
        raise Refusal(
            400, "The form names a text in another folder: here it is named alone, as summit.txt."
        )
    if place is not None and (
        place.name.casefold() == path.name.casefold()
        or "\0" in place.name
        or len(place.name.encode()) > _LONGEST_NAME
    ):
        raise Refusal(400, "No text can be called as the form says: name it as summit.txt.")
    return place
