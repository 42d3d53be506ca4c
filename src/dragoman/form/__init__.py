"""The report form: a source's accounts as people write them, compiled to Turtle and told back.

words                  the text of a source, in which words are places
reading, layout        YAML with the place of each value; a form as YAML
keys                   what can be said: the keys that ontology and shapes give
naming                 which thing a name means, and the shortest name of a thing
compiling, telling     from a form to triples, and back
rules                  what both ways share
sources                forms as files, and the forms of sources
schema                 the JSON Schema of forms, for editors
drafting, finding      a form to fill in, with what is found in a text (cues.toml)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.form.keys import *
    from dragoman.form.schema import *
    from dragoman.form.sources import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
