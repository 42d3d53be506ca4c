"""The RDF formats that are read: their names, and which a file's suffix tells."""

from __future__ import annotations

__all__ = ["FORMATS", "format_of", "rdf_format"]

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat

from dragoman.errors import DragomanError, SyntaxProblem, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

# The names of formats as riot, rapper and rdfpipe know them, and their file suffixes.
FORMATS: Final[Mapping[str, RdfFormat]] = {
    name: rdf_format
    for rdf_format, names in (
        (RdfFormat.TURTLE, "turtle ttl longturtle"),
        (RdfFormat.N_TRIPLES, "ntriples nt n-triples nt11"),
        (RdfFormat.N_QUADS, "nquads nq n-quads"),
        (RdfFormat.TRIG, "trig"),
        (RdfFormat.RDF_XML, "rdfxml rdf xml rdf/xml rdfxml-abbrev pretty-xml owl"),
        (RdfFormat.JSON_LD, "jsonld json-ld json"),
    )
    for name in names.split()
}


def rdf_format(name: str) -> RdfFormat:
    """Return the format of a name as riot, rapper or rdfpipe spell it, or of a file suffix.

    Raises:
        UnknownNameError: naming the nearest formats.
    """
    key = name.casefold().removeprefix(".").removesuffix(".gz")
    if key in {"n3", "notation3"}:
        problem = "Notation3 is not read. Where the text is plain Turtle, name the format turtle."
        raise DragomanError(problem)
    if key not in FORMATS:
        raise UnknownNameError("RDF format", name, FORMATS)
    return FORMATS[key]


def format_of(path: str | Path) -> RdfFormat:
    """Return the format that a file's suffix tells.

    Raises:
        SyntaxProblem: it has no suffix, or none of ours.
    """
    suffix = Path(str(path).removesuffix(".gz")).suffix.removeprefix(".")
    if not suffix:
        raise SyntaxProblem("Its name has no suffix that tells the format; name the format.", path)
    try:
        return rdf_format(suffix)
    except UnknownNameError as error:
        problem = (
            f"The suffix .{suffix} tells no RDF format. Valid: ttl, nt, nq, trig, rdf, jsonld."
        )
        raise SyntaxProblem(problem, path) from error
