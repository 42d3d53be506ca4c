"""Terms of rdflib for those of pyoxigraph, and back, each with its very text."""

from __future__ import annotations

from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from dragoman import datatypes, vocabulary
from dragoman.errors import ShapesError


def there(term: Any) -> Any:  # noqa: ANN401
    """Return the term of rdflib's.

    Raises:
        ShapesError: it is a quoted triple.
    """
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, Literal):
        raise ShapesError(f"SHACL knows no quoted triple, but there is {term}.")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language, normalize=False)
    datatype = term.datatype.value
    if datatype == vocabulary.XSD_STRING:
        # rdflib holds "x" and "x"^^xsd:string for two; RDF 1.1 for one.
        return rdflib.Literal(term.value)
    return _literal(term.value, datatype)


def back(term: Any) -> Any:  # noqa: ANN401
    """Return the term of pyoxigraph's.

    Raises:
        ValueError: it is an IRI with a sign that no IRI has.
    """
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype or vocabulary.XSD_STRING)))


def _literal(text: str, datatype: str) -> Any:  # noqa: ANN401
    """Return a literal with this very text, ill-typed where XML Schema says so.

    rdflib collapses the white space of some datatypes, and calls a date before Christ ill-typed.
    """
    import rdflib

    ill_typed = not datatypes.well_formed(text, datatype)
    iri = rdflib.URIRef(datatype)
    # Of what is ill-typed rdflib would warn.
    made = None if ill_typed else rdflib.Literal(text, datatype=iri, normalize=False)
    exact: Any = (
        made if made is not None and str(made) == text else str.__new__(rdflib.Literal, text)
    )
    exact._language, exact._datatype = None, iri  # noqa: SLF001
    exact._value = None if made is None else made.value  # noqa: SLF001
    exact._ill_typed = ill_typed  # noqa: SLF001
    return exact
