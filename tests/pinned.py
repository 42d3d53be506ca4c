"""The texts that pinned answers of saved queries are answers to."""

from __future__ import annotations

from pathlib import Path

import yaml

from dragoman import queries
from dragoman.base import Base

ROOT = Path(__file__).parent.parent
BASE = Base(ROOT, "it is under test")
ON_BASE = ROOT / "tests" / "queries"
ON_WORLD = ON_BASE / "world"


def text_for(pin: Path) -> str:
    """Return the query of a pinned answer, with its parameters set as beside the answers."""
    query = queries.find_query(BASE, pin.stem)
    settings = yaml.safe_load((pin.parent / "settings.yaml").read_text(encoding="utf-8"))
    told = settings.get(pin.stem, {})
    values = {name: value if isinstance(value, list) else [value] for name, value in told.items()}
    return queries.bind(query, values, BASE.prefixes(), _no_names).text


def _no_names() -> object:
    raise AssertionError("settings are terms, not names")
