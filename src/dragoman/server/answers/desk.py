"""The desk: a text beside its report form, drafted, marked, checked and added."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import tomllib
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dragoman import form as forms
from dragoman import names, syntax, vocabulary
from dragoman.additions import Given
from dragoman.errors import DragomanError, SyntaxProblem, UnreadableFilesError
from dragoman.files import save, sha256_of
from dragoman.form import drafting
from dragoman.form.words import Text
from dragoman.server import negotiation, pages
from dragoman.server.answers.checking import own_text_file
from dragoman.server.answers.posted import Posted, posted, posted_object
from dragoman.server.answers.texts import FOLDER, Texts
from dragoman.server.exchange import in_json
from dragoman.server.problems import Refusal
from dragoman.validation import Input, formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dragoman.base import SourceFile
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served
    from dragoman.validation import Report

# Code points: as `dragoman draft` takes them.
_LONGEST: Final = 1_000_000
_OFFSETS: Final = {"start": f"{vocabulary.OA}start", "end": f"{vocabulary.OA}end"}
_KEY: Final = re.compile(r"[a-z][a-z0-9-]*")


class Pattern(NamedTuple):
    """What marked words may say.

    Attributes:
        label: what it is called.
        section: the section of the form that it goes into.
        block: its lines, with `{words}` and `{text}` in them.
    """

    label: str
    section: str
    block: str


class Sentence(NamedTuple):
    """A sentence of the text: its number, as p1.2, where it stands, and its words."""

    number: str
    start: int
    end: int
    words: str


def page(served: Served, request: Request) -> Response:
    """Return the desk: empty, with a source of the base, or with what was done to what was sent.

    What was sent says in `do` what is to be done: `draft` makes a form of the text, `insert` puts a
    pattern into the form, `check` says what is wrong with it, and `add` adds it when nothing is.
    """
    if request.method == "GET":
        return _opened(served, request)
    told = posted(request)
    text = _text(told)
    work = {"draft": _draft, "insert": _insert, "check": _check, "add": _add}.get(told.told("do"))
    if work is None:
        raise Refusal(400, "What is to be done? draft, insert, check or add.")
    return work(served, request, told, text)


def findings(served: Served, request: Request) -> Response:
    """Return what is wrong with a form, as JSON: a list of line, column, message, severity.

    Sent is JSON: the `form`, and the `text` that it is about, where that is at hand.
    """
    told = _told(request, "form")
    with _written(told["form"], told.get("text", "")) as file:
        try:
            report = served.base.validate([file])
            found = [
                {"line": each.line or 1, "column": 1, "message": each.message_in(()),
                 "severity": "error" if each.level == "violation" else each.level}
                for each in report.findings
            ]  # fmt: skip
        except (SyntaxProblem, UnreadableFilesError) as error:
            problems = error.problems if isinstance(error, UnreadableFilesError) else (error,)
            found = [
                {"line": getattr(each, "line", None) or 1, "column": 1, "message": str(each),
                 "severity": "error"} for each in problems
            ]  # fmt: skip
    return in_json(found)


def words(served: Served, request: Request) -> Response:  # noqa: ARG001  the form of handlers
    """Return how a form names a place, as JSON: sent are `text`, `start`, `end` (code points)."""
    told = _told(request, "text")
    try:
        start, end = int(told["start"]), int(told["end"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refusal(400, "A place has a start and an end, which are numbers.") from error
    content = {"words": Text(told["text"]).tell(start, end), "text": told["text"][start:end]}
    return in_json(content)


def rests(served: Served, request: Request) -> Response:
    """Return where the words are that a form rests on: start, end (code points) and line."""
    told = posted(request)
    with _written(told.text("form"), told.text("text")) as file:
        base = served.base
        made = forms.made(base.base, file.path, file.label, base.store)
    found: dict[str, dict[str, int]] = {}
    for quad in syntax.read_rdf(made.content, "turtle"):
        for key, property_ in _OFFSETS.items():
            if quad.predicate.value == property_:
                place = str(getattr(quad.subject, "value", ""))
                found.setdefault(place, {})[key] = int(getattr(quad.object, "value", "0"))
    content = [
        {**span, "line": made.positions.line(place) or 1}
        for place, span in found.items()
        if span.keys() == _OFFSETS.keys()
    ]
    return in_json(content)


def _told(request: Request, needed: str) -> dict[str, Any]:
    told = posted_object(request)
    if not isinstance(told.get(needed), str):
        raise Refusal(400, f"What is sent here is a JSON object with a text {needed!r}.")
    if not isinstance(told.get("text", ""), str):
        raise Refusal(400, "The text is a text.")
    return told


# ------------------------------------------------------------------ what is done


def _opened(served: Served, request: Request) -> Response:
    if not (name := request.told("source")):
        return _page(request, Posted(()))
    source = _source(served, name)
    triples = [quad.triple for quad in syntax.read_rdf(source.path)]
    base, text = served.base, Texts(served).get(source.graph)
    told = forms.of_source(
        base.base, source.name, triples, base.store, text, f"{source.name}.txt" if text else ""
    )
    fields = {"form": told, "name": source.name, "state": sha256_of(source.path)}
    return _page(request, Posted((*fields.items(), ("text", text or ""))))


def _source(served: Served, name: str) -> SourceFile:
    source = served.base.base.source(name)
    if source.folder != "data":
        raise Refusal(404, f"{name} is no source below data/: only those are told as reports.")
    return source


def _text(told: Posted) -> str:
    """Return the text of the source, as it was pasted or sent."""
    uploads = told.uploads("file")
    if not uploads:
        text = told.text("text")
    else:
        try:
            text = uploads[0].content.decode()
        except UnicodeDecodeError as error:
            raise Refusal(400, f"{uploads[0].name} is not UTF-8. Save it as plain text.") from error
    if len(text) > _LONGEST:
        raise Refusal(413, f"The text has more than {_LONGEST:,} code points.")
    return text


def _draft(served: Served, request: Request, told: Posted, text: str) -> Response:
    if not any(map(str.isalnum, text)):
        return _page(request, told, problem="There are no words to draft from: paste a text.")
    title = told.told("title") or None
    name = names.slug(told.told("name") or title or "") or "untitled"
    about = drafting.Told(
        name,
        f"{name}.txt",
        title,
        told.told("url") or None,
        told.told("publisher") or None,
        told.told("date") or None,
        told.told("language") or None,
    )
    made = drafting.draft(served.base.store, text, about, served.base.prefixes)
    return _page(request, _with(told, form=made, text=text, name=name))


def _insert(served: Served, request: Request, told: Posted, text: str) -> Response:  # noqa: ARG001
    pattern = patterns().get(told.told("pattern"))
    if pattern is None:
        raise Refusal(400, f"A pattern is one of {', '.join(patterns())}.")
    form, place = told.text("form"), told.told("words").strip()
    marked = ""
    if text and place:
        try:
            marked = text[slice(*Text(text).find(place))]
        except DragomanError as error:
            return _wrong(request, _with(told, text=text), f"Words: {error}")
    before = form
    try:
        form = inserted(form, pattern, place, marked)
    except DragomanError as error:
        return _wrong(request, _with(told, text=text), str(error))
    if _wants_json(request):
        content = {"form": form, "line": _first_other(before, form)}
        return in_json(content)
    return _page(request, _with(told, form=form, text=text, words=""))


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return negotiation.best(accept, ("text/html", "application/json")) == "application/json"


def _wrong(request: Request, told: Posted, problem: str) -> Response:
    if _wants_json(request):
        raise Refusal(422, problem)
    return _page(request, told, problem=problem, status=422)


def _first_other(before: str, after: str) -> int:
    lines = zip(before.split("\n"), after.split("\n"), strict=False)
    return next((n for n, (old, new) in enumerate(lines, 1) if old != new), 1)


def inserted(form: str, pattern: Pattern, words: str, text: str) -> str:
    """Return a form with the block of a pattern at the end of its section.

    Args:
        form: the form, as YAML.
        pattern: what is said.
        words: the place of the words, as forms name it.
        text: the words.

    Raises:
        DragomanError: the section stands in one line, so that nothing can be put behind it.
    """
    told = {"{words}": words or "??", "{text}": text or words or "??"}
    block = re.sub(  # at once: words may have such a mark in them
        r"\{(words|text)\}",
        lambda mark: json.dumps(told[mark[0]], ensure_ascii=False),
        pattern.block.strip("\n"),
    )
    lines = form.rstrip("\n").split("\n") if form.strip() else ["dragoman: report/1"]
    begins = next((n for n, line in enumerate(lines) if line.startswith(f"{pattern.section}:")), -1)
    if begins < 0:
        lines.append(f"{pattern.section}:")
        begins = len(lines) - 1
    elif lines[begins].partition(":")[2].partition(" #")[0].strip():
        raise DragomanError(
            f"{pattern.section} stands in one line of the form: write its entries below it, each "
            "in lines of its own."
        )
    ends = begins + 1
    while ends < len(lines) and not re.match(r"[^\s#-]", lines[ends]):
        ends += 1
    while ends > begins + 1 and not lines[ends - 1].strip():
        ends -= 1
    if key := _KEY.match(block):
        taken = {each.strip().partition(":")[0] for each in lines[begins:ends]}
        free = next(
            each for each in (key[0], *(f"{key[0]}-{n}" for n in range(2, 10_000)))
            if each not in taken
        )  # fmt: skip
        block = free + block[key.end() :]
    lines[ends:ends] = [f"  {line}" for line in block.split("\n")]
    return "\n".join(lines) + "\n"


def _check(served: Served, request: Request, told: Posted, text: str) -> Response:
    with _written(told.text("form"), text) as file:
        try:
            report = served.base.validate([file])
        except (SyntaxProblem, UnreadableFilesError) as error:
            return _page(request, _with(told, text=text), problem=str(error), status=422)
    return _page(request, _with(told, text=text), report=report)


def _add(served: Served, request: Request, told: Posted, text: str) -> Response:
    if not request.writer:
        raise Refusal(403, "Who adds facts signs in first, with the token of the server.")
    state, name = told.told("state"), told.told("name")
    with _written(told.text("form"), text) as file:
        given = Given(file.path, file.label)
        instead = (name, state) if state else None
        try:
            done = served.base.add(given, replace=bool(state), instead=instead)
        except DragomanError as error:
            changed = _changed(served, name, state)
            return _page(
                request, _with(told, text=text), problem=str(error), changed=changed,
                status=409 if changed else 422,
            )  # fmt: skip
    if done.done and text and told.told("keep"):
        _keep(served, text, {each.path for each in done.added})
    return _page(
        request, _with(told, text=text), report=done.report, addition=done,
        status=200 if done.done else 422,
    )  # fmt: skip


def _keep(served: Served, text: str, added: Iterable[str]) -> None:
    """Keep the text of a source that was added, so that its passages have their words."""
    folder = served.base.base.root / FOLDER
    hashed = hashlib.sha256(text.encode()).hexdigest()
    for path in added:
        source = served.base.base.root / path
        if hashed in source.read_text(encoding="utf-8"):
            folder.mkdir(exist_ok=True)
            save(folder / f"{source.stem}.txt", [text.encode()])


def _changed(served: Served, name: str, state: str) -> str:
    """Return, where somebody else has changed a source meanwhile, its form as it is now."""
    if not state:
        return ""
    try:
        source = _source(served, name)
    except (DragomanError, Refusal):
        return f"# {name} is no longer in the base.\n"
    if sha256_of(source.path) == state:
        return ""
    triples = [quad.triple for quad in syntax.read_rdf(source.path)]
    return forms.of_source(served.base.base, source.name, triples, served.base.store)


# ------------------------------------------------------------------ what is shown


def _with(told: Posted, **fields: str) -> Posted:
    return Posted((*fields.items(), *told.fields))


def _page(
    request: Request,
    told: Posted,
    *,
    report: Report | None = None,
    status: int = 200,
    **more: object,
) -> Response:
    text = told.text("text")
    found = pages.page(
        request,
        "desk.html",
        told=told,
        paragraphs=list(_paragraphs(text)),
        patterns=patterns(),
        report=report,
        groups=list(formats.grouped(report)) if report else [],
        looked=formats.looked_at(report) if report else [],
        summary=formats.summary(report) if report else "",
        source_iri=f"{vocabulary.SOURCE_GRAPH}{told.told('name')}",
        **{"problem": "", "addition": None, "changed": "", **more},
    )
    return found._replace(status=status)


def _paragraphs(text: str) -> Iterator[Sequence[Sentence]]:
    for number, spans in enumerate(Text(text).paragraphs, 1):
        yield [
            Sentence(f"p{number}.{at}", start, end, text[start:end])
            for at, (start, end) in enumerate(spans, 1)
        ]


@cache
def patterns() -> dict[str, Pattern]:
    """Return what marked words may say, by a short name."""
    told = tomllib.loads(Path(__file__).with_name("patterns.toml").read_text(encoding="utf-8"))
    return {name: Pattern(**each) for name, each in told.items()}


@contextmanager
def _written(form: str, text: str) -> Iterator[Input]:
    """Give a form as a file, with its text beside it under the name that the form has for it.

    Raises:
        Refusal: there is no form, or it names a file in another folder.
    """
    if not form.strip():
        raise Refusal(400, "There is no form yet: draft one from the text, or write it.")
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        path = Path(folder) / "form.yaml"
        path.write_text(form, encoding="utf-8", newline="")
        place = own_text_file(path)
        if place is not None and text:
            place.write_text(text, encoding="utf-8", newline="")
        yield Input(path, "form")
