"""What a finding says where its shape has no message of its own: one wording for every engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dragoman.validation.report import Path, Term

# The component to what it demands; `{}` stands for the values of its parameter.
_DEMANDS: Final[dict[str, str]] = {
    "Class": "must be an instance of {}",
    "Datatype": "must be a well-formed literal of datatype {}",
    "NodeKind": "must be of the kind {}",
    "MinCount": "must have at least {} value(s)",
    "MaxCount": "must have at most {} value(s)",
    "MinInclusive": "must be {} or more",
    "MinExclusive": "must be more than {}",
    "MaxInclusive": "must be {} or less",
    "MaxExclusive": "must be less than {}",
    "MinLength": "must have at least {} character(s)",
    "MaxLength": "must have at most {} character(s)",
    "Pattern": "must match the pattern {}",
    "LanguageIn": "must be a text in one of the languages {}",
    "UniqueLang": "must have no two values in one language",
    "Equals": "must have the same values as {}",
    "Disjoint": "must share no value with {}",
    "LessThan": "must be less than each value of {}",
    "LessThanOrEquals": "must be less than or equal to each value of {}",
    "Not": "must not conform to {}",
    "And": "must conform to all of {}",
    "Or": "must conform to one of {} at least",
    "Xone": "must conform to exactly one of {}",
    "Node": "must conform to {}",
    "QualifiedMinCount": "must have at least {} value(s) that conform to the qualified value shape",
    "QualifiedMaxCount": "must have at most {} value(s) that conform to the qualified value shape",
    "Closed": "must have no property that its shape does not name",
    "HasValue": "must have the value {}",
    "In": "must be one of {}",
}
# The components of SHACL Core, all of which have a wording.
COMPONENTS: Final = frozenset(f"{vocabulary.SH}{each}ConstraintComponent" for each in _DEMANDS)
_COUNTED: Final = frozenset(
    (
        *("MinCount", "MaxCount", "UniqueLang", "Equals", "Disjoint", "HasValue", "Closed"),
        *("QualifiedMinCount", "QualifiedMaxCount"),
    )
)
_LISTS: Final = frozenset(("LanguageIn", "And", "Or", "Xone", "In"))
_MOST_NAMED: Final = 8


def messages(
    shape: Term,
    component: str,
    path: Path | None,
    values: Callable[[Term, str], Iterable[Term]],
    items: Callable[[Term], Iterable[Term]],
) -> tuple[Literal, ...]:
    """Return what a finding says by its shape: its sh:message, else a default.

    Args:
        shape: the shape that the finding is of.
        component: IRI of the constraint component.
        path: the path of the finding, where it has one.
        values: gives the values of a node for the IRI of a predicate, from the shapes graph.
        items: gives the members of a list in the shapes graph.
    """
    said = [each for each in values(shape, f"{vocabulary.SH}message") if isinstance(each, Literal)]
    if said:
        return tuple(sorted(set(said), key=str))
    return (Literal(_default(shape, component, path, values, items), language="en"),)


def _default(
    shape: Term,
    component: str,
    path: Path | None,
    values: Callable[[Term, str], Iterable[Term]],
    items: Callable[[Term], Iterable[Term]],
) -> str:
    name = component.removeprefix(vocabulary.SH).removesuffix("ConstraintComponent")
    if name not in _DEMANDS:
        return f"It does not satisfy {component}."
    found: list[Term] = []
    for each in values(shape, f"{vocabulary.SH}{name[0].lower()}{name[1:]}"):
        found += items(each) if name in _LISTS else (each,)
    names = sorted({_spelt(each) for each in found})
    if len(names) > _MOST_NAMED:
        names = [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]
    what = "It" if name in _COUNTED or path is None else "Each value"
    where = f" for {path.text}" if path and name != "Closed" else ""
    return f"{what} {_DEMANDS[name].format(', '.join(names))}{where}."


def _spelt(term: Term) -> str:
    if isinstance(term, BlankNode):
        # Its label means nothing to a reader, and changes from run to run.
        return "a shape without a name"
    if isinstance(term, Literal) and (
        term.language or term.datatype.value == vocabulary.XSD_STRING
    ):
        return str(term)
    return term.value


def of_row(
    said: Mapping[str, Term], of_shape: Iterable[Term], of_constraint: Iterable[Term]
) -> tuple[Literal, ...]:
    """Return the messages of a result that a SPARQL query found, one in each language.

    The shape's own stand for all of its results (SHACL 2.1.5); else the query may give one as
    `?message`; else the constraint's, or the component's, are taken (5.3.2, 6.2.3). Names of
    variables and parameters in braces are replaced.

    Args:
        said: what the solution, and the parameters, bind.
        of_shape: the values of sh:message at the shape.
        of_constraint: those at the constraint, at the validator, or else at the component.
    """
    for texts in (of_shape, (said.get("message"),), of_constraint):
        found = {_filled(each, said) for each in texts if isinstance(each, Literal)}
        if found:
            return tuple(sorted(found, key=str))
    return ()


def _filled(text: Literal, said: Mapping[str, Term]) -> Literal:
    def value(found: re.Match[str]) -> str:
        term = said.get(found[1])
        return found[0] if term is None else term.value

    words = re.sub(r"\{[?$]([^{}]+)\}", value, text.value)
    return Literal(words, language=text.language) if text.language else Literal(words)
