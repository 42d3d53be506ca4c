"""Safe reading of RDF and SPARQL text: guards, parsing, lint, and where things stand in a file.

Every text that a user brings passes here first. Nothing is fetched, nothing nests deep enough to
crash a recursive parser, and every refusal says file, line and column.

Each name is imported from its module when it is first asked for: whoever only shortens names does
not wait for the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.syntax.clauses import (
        columns,
        graphs_of,
        values_blocks,
        with_filters,
        with_labels,
        with_slice,
        with_values,
        without_undefined,
    )
    from dragoman.syntax.declaring import declarations, undeclared
    from dragoman.syntax.dropping import Dropped, dropped
    from dragoman.syntax.formats import FORMATS, format_of, rdf_format
    from dragoman.syntax.layout import laid_out
    from dragoman.syntax.lexer import Token, tokens
    from dragoman.syntax.lines import Blocks, Positions, blocks, positions, subject_lines
    from dragoman.syntax.prefixed import local_name, readable, shortened, shortener, written_iri
    from dragoman.syntax.reading import read_rdf, unpacked
    from dragoman.syntax.renaming import check_renamed, declared, renamed
    from dragoman.syntax.sparql import QueryText, check_query, with_prefixes
    from dragoman.syntax.spelling import Finding, declared_terms, lint, literal_problems, meant
    from dragoman.syntax.tags import capital_tag, lowered

__all__ = [
    "FORMATS",
    "Blocks",
    "Dropped",
    "Finding",
    "Positions",
    "QueryText",
    "Token",
    "blocks",
    "capital_tag",
    "check_query",
    "check_renamed",
    "columns",
    "declarations",
    "declared",
    "declared_terms",
    "dropped",
    "format_of",
    "graphs_of",
    "laid_out",
    "lint",
    "literal_problems",
    "local_name",
    "lowered",
    "meant",
    "positions",
    "rdf_format",
    "read_rdf",
    "readable",
    "renamed",
    "shortened",
    "shortener",
    "subject_lines",
    "tokens",
    "undeclared",
    "unpacked",
    "values_blocks",
    "with_filters",
    "with_labels",
    "with_prefixes",
    "with_slice",
    "with_values",
    "without_undefined",
    "written_iri",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "clauses": (
                *(
                    "columns",
                    "graphs_of",
                    "values_blocks",
                    "with_filters",
                    "with_labels",
                ),
                *("with_slice", "with_values", "without_undefined"),
            ),
            "declaring": ("declarations", "undeclared"),
            "dropping": ("Dropped", "dropped"),
            "formats": ("FORMATS", "format_of", "rdf_format"),
            "layout": ("laid_out",),
            "lexer": ("Token", "tokens"),
            "lines": ("Blocks", "Positions", "blocks", "positions", "subject_lines"),
            "prefixed": ("local_name", "readable", "shortened", "shortener", "written_iri"),
            "reading": ("read_rdf", "unpacked"),
            "renaming": ("check_renamed", "declared", "renamed"),
            "sparql": ("QueryText", "check_query", "with_prefixes"),
            "spelling": ("Finding", "declared_terms", "lint", "literal_problems", "meant"),
            "tags": ("capital_tag", "lowered"),
        },
    )
