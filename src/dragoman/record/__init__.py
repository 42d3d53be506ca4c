"""The record: plain facts that follow from the accounts by the rules of a base.

Rules are SHACL rules (SHACL Advanced Features, section 8: `sh:SPARQLRule`), one in each file below
`shapes/rules/`. What they derive stands in a graph of its own, in the index only.

    rule        a rule, and reading those of a base
    form        what a rule must be like
    deriving    deriving all that follows
    preparing   what keeping it true takes of the rules, worked out once
    stamping    a hash of all that it follows from, but for the facts
    keeping     the record of a base that is read into memory, kept from one time to the next
    changing    what a change to the facts changes in the record
    explaining  which rule and which accounts a derived fact comes from
    elsewhere   the record in a store elsewhere
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.record.changing import *
    from dragoman.record.deriving import *
    from dragoman.record.elsewhere import *
    from dragoman.record.explaining import *
    from dragoman.record.keeping import *
    from dragoman.record.preparing import *
    from dragoman.record.rule import *
    from dragoman.record.stamping import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
