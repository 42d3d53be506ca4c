"""`dragoman init`: make a base of one's own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from dragoman.cli.console import Settings, write
from dragoman.errors import DragomanError

_README = """\
# A base of diplomatic facts

Made by `dragoman init`. Run `dragoman` in this folder, or name it with `--base` or `DRAGOMAN_BASE`.

- `data/`: a file for each source (Turtle `.ttl`, N-Triples `.nt` or `.nt.gz`): who says what.
- `ontology/`, `shapes/`, `queries/`: your own terms, checks (SHACL) and saved questions, if any.

The ontology, the shapes, the questions and the reference data (states, organizations, posts) that
came with the command are seen through this base. A file of your own with the name of one of theirs,
in the same kind of folder, takes its place; `ontology/prefixes.ttl` adds prefixes to theirs.

    dragoman draft news.txt -o news.yaml     a report form to fill in, with what was found
    dragoman add news.yaml                   in when it is valid; else what is wrong
    dragoman query                           the questions that can be asked
    dragoman status                          what is here, and what changed

The files are the truth: keep them in version control. `.dragoman/` can be deleted at any time when
no command runs.
"""


@click.command(
    short_help="Make a base of your own.",
    epilog="""\b
Examples:
  dragoman init facts          make the folder facts, and a base in it
  dragoman init .              make a base of the current folder, beside your articles

The base is layered over the packaged one: its ontology, shapes, questions and reference data are
seen, and your files are added, or take their place.""",
)
@click.argument("folder", metavar="DIR")
@click.pass_obj
def command(settings: Settings, folder: str) -> None:
    """Make a base in DIR, over the ontology, shapes, questions and reference data that came along.

    DIR is made where it is missing. What stands there stays as it is; where one of the base's own
    folders is there already, nothing is made.
    """
    root = Path(folder).absolute()
    _refuse(root)
    from dragoman.base import CACHE, FOLDERS, MARKER, marker_text
    from dragoman.files import save_all

    texts = {"README.md": _README, ".gitignore": f"{CACHE}/\n", MARKER: marker_text()}
    missing = {name: text for name, text in texts.items() if not (root / name).exists()}
    made: list[Path] = []
    try:
        for each in (root, *(root / name for name in FOLDERS)):
            made += [one for one in (*reversed(each.parents), each) if not one.exists()]
            each.mkdir(parents=True, exist_ok=True)
        # The marker last: with it the folder is a base.
        save_all(root, {name: text.encode() for name, text in missing.items()})
    except (OSError, DragomanError) as error:
        for each in reversed(made):
            with suppress(OSError):  # it was not made after all
                each.rmdir()
        if isinstance(error, DragomanError):
            raise
        raise DragomanError(f"{folder}: it cannot be made: {error.strerror or error}.") from error
    write(f"{root}\n")
    there = "" if root == Path.cwd() else f"cd {folder}, then "
    settings.note(
        f"A base, with {', '.join(FOLDERS)}. Next: {there}dragoman draft TEXT -o news.yaml, fill "
        "it in, dragoman add news.yaml"
    )


def _refuse(root: Path) -> None:
    """Refuse a folder where a base would mix with what stands there."""
    from dragoman.base import FOLDERS, MARKER

    if root.exists() and not root.is_dir():
        raise DragomanError(f"{root} is a file. Name a folder.")
    if (root / MARKER).exists():
        raise DragomanError(f"{root} is a base already.")
    if there := [name for name in FOLDERS if (root / name).exists()]:
        raise DragomanError(
            f"{root} has {', '.join(there)} already: a base would mix with what is in there. Name "
            "another folder, or rename."
        )
    for above in root.parents:
        if (above / MARKER).exists() and root.relative_to(above).parts[0] in FOLDERS:
            raise DragomanError(f"{root} is inside of the base {above}. Name a folder outside.")
