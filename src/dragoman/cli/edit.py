"""`dragoman edit`: a source of the base as its report form, in an editor, and back when valid."""

from __future__ import annotations

import os
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.export import complete_sources
from dragoman.cli.reporting import report_format
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.api import KnowledgeBase
    from dragoman.base import SourceFile
    from dragoman.cli.console import Settings


@click.command(
    short_help="Change a source as its report form, in your editor.",
    epilog="""\b
Examples:
  dragoman edit summit                           in the editor that VISUAL or EDITOR names
  dragoman edit summit --text summit.txt         with words of the text, not with offsets
  EDITOR="code --wait" dragoman edit summit
  dragoman export summit -f report               look at the form only

What is saved is compiled and checked as dragoman add --replace does, and takes the place of the
source when nothing stands against it. Otherwise it is kept as NAME.yaml, and the source as it was.

\b
Exit codes: 0 done or nothing changed, 1 refused and nothing changed, 2 it could not be done.""",
)
@click.argument("name", metavar="SOURCE", shell_complete=complete_sources)
@click.option("--text", metavar="FILE", help="The text of the source, known by its SHA-256.")
@options
@click.pass_obj
def command(
    settings: Settings,
    /,
    name: str,
    text: str | None,
    **told: Any,  # noqa: ANN401  the shared options
) -> None:
    """Open SOURCE of the base as a report form in an editor, and put it back when it is valid."""
    from dragoman.files import sha256_of

    told["format_"] = report_format(settings, told["format_"], told["output"])
    wanted = wishes(told)
    base = settings.open()
    source = base.base.source(name)
    if source.folder != "data":
        raise DragomanError(f"{name} is no source below data/: only those are told as reports.")
    before = sha256_of(source.path)
    form = _form(base, source, text)
    # Beside the text that a form may name; it stays where it is not taken in.
    path = _new_file(source.name)
    path.write_text(form, encoding="utf-8")
    try:
        _edited(path)
        if path.read_bytes() == form.encode():
            settings.note(f"Nothing was changed in {source.name}.")
            path.unlink()
            return
        done = base.add(path, replace=True, instead=(source.name, before), **wanted)
    except DragomanError:
        if path.is_file() and path.read_bytes() == form.encode():
            path.unlink()
        elif path.is_file():
            settings.note(
                f"Nothing was changed. Your form is {path}: put it in its place with dragoman add "
                f"{path} --replace, when it is mended."
            )
        raise
    if done.done:
        path.unlink()
        _warn_of_another(settings, source.name)
    else:
        settings.note(f"Your form is {path}: dragoman add {path} --replace, when it is mended.")
    tell(settings, done, told)


def _form(base: KnowledgeBase, source: SourceFile, text: str | None) -> str:
    """Return the report form of a source, with the words of its text where that is at hand."""
    from dragoman import form, syntax
    from dragoman.lookup.texts import read_texts

    facts = base.store
    words, file = None, text or ""
    if text is not None:
        words = read_texts(facts, [Path(text)]).get(source.graph)
        if words is None:
            raise DragomanError(f"{text} is the text of another source than {source.name}.")
    elif (path := Path(f"{source.name}.txt")).is_file():
        with suppress(DragomanError):  # it is the text of nothing here
            words, file = read_texts(facts, [path]).get(source.graph), str(path)
    triples = [quad.triple for quad in syntax.read_rdf(source.path)]
    return form.of_source(base.base, source.name, triples, facts, words, file)


def _new_file(name: str) -> Path:
    """Return a name in the current folder, where the text of a source may be, that nothing has."""
    path, number = Path(f"{name}.yaml"), 1
    while path.exists():
        number += 1
        path = Path(f"{name}-{number}.yaml")
    return path


def _warn_of_another(settings: Settings, name: str) -> None:
    """Say of a form in the current folder that it is not what the base has now."""
    if (path := Path(f"{name}.yaml")).exists():
        settings.note(
            f"{path} is not what was edited: take it anew with dragoman export {name} -f report "
            f"-o {path}, or take it away."
        )


def _edited(path: Path) -> None:
    """Open a file in the editor of the user, and wait until it is closed."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise DragomanError(
            "No editor is named. Name one in the variable EDITOR, as in EDITOR=nano; or write the "
            "form to a file with dragoman export SOURCE -f report -o FILE.yaml, and add it with "
            "dragoman add FILE.yaml --replace."
        )
    try:
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603  the user's own
    except (OSError, ValueError) as error:
        raise DragomanError(f"The editor {editor!r} cannot be run: {error}.") from error
    if not path.is_file():
        raise DragomanError(f"The editor {editor!r} took the file away: nothing was done.")
    if done.returncode:
        raise DragomanError(
            f"The editor {editor!r} ended with {done.returncode}: nothing was done."
        )
