"""`dragoman status`: which base, what is in it, what changed, what is not indexed, who writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.console import Settings, one_line, write

if TYPE_CHECKING:
    from dragoman.base import Base
    from dragoman.index import State

_SHOWN = 10


@click.command(
    short_help="Show which base is used, what changed in it, and who writes.",
    epilog="""\b
Examples:
  dragoman status              the base of this folder
  dragoman status --json       the same for scripts
  dragoman --base DIR status   another base

Nothing is changed, and no index is made.""",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """Show which base is used and why, its files, its index, and what is not indexed and why."""
    told = _told(settings.find_base(heal=False))
    if as_json:
        import json

        write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        write(_page(told))


def _told(base: Base) -> dict[str, Any]:
    """Return all that is told, as JSON has it."""
    from dragoman import base as bases
    from dragoman import index, locking

    sources = base.sources()
    state = index.state(base)
    kinds = {"own": [each for each in sources if base.owns(each)]}
    kinds["packaged"] = [each for each in sources if not base.owns(each)]
    queries = base.queries()
    files: dict[str, dict[str, int]] = {}
    for kind, found in kinds.items():
        files[kind] = {
            folder: sum(each.folder == folder for each in found) for folder in bases.SUFFIXES
        }
        own = [each for each in queries if each.is_relative_to(base.root)]
        files[kind][bases.QUERIES] = len(own) if kind == "own" else len(queries) - len(own)
    holder = locking.holder(base.cache)
    return {
        "base": str(base.root),
        "reason": base.reason,
        "layers": [str(each) for each in base.layers],
        "edition": base.edition,
        "files": files,
        "bytes": state.size,
        "hidden": [str(each) for each in base.hidden()],
        "cache": str(base.cache) if base.cache else None,
        "index": _index(base, state),
        "left_out": _left_out(base, state),
        "lock": holder._asdict() if holder else None,
        "pending": list(index.pending(base)),
    }


def _index(base: Base, state: State) -> dict[str, Any]:
    """Return what there is of an index. For a small base that is nothing, and no lack."""
    told: dict[str, Any] = {"kind": "disk" if state.large else "memory"}
    known, found = state.manifest, state.difference
    if not state.large:
        return told
    told |= {"made": known is not None, "unusable": state.unusable or None}
    if known is not None and base.cache is not None:
        told |= {
            "generation": known.generation,
            "published": known.made,
            "files": len(known.entries),
            "bytes": _folder_size(base, known.generation),
            "fresh": not (found or state.unusable or state.other_rules),
            "other_rules": state.other_rules,
            "new": [base.inner_path(each) for each in found.new],
            "changed": [base.inner_path(each) for each in found.changed],
            "gone": [known.entries[each].path for each in found.gone],
        }
    return told


def _folder_size(base: Base, generation: str) -> int:
    from dragoman.index import generations

    return generations.size(generations.place(base.cache, generation)) if base.cache else 0


def _left_out(base: Base, state: State) -> list[str]:
    """Return a line for each file that no question sees, saying why."""
    if not state.large:
        from dragoman import record, store

        return [*store.load(base).warnings, *map(str, record.read(base).faults)]
    if state.manifest is None:
        return []
    entries = state.manifest.entries
    return [
        *(line for _, line in state.manifest.left_out),
        *(
            entries[each.graph].warning(each.path)
            for each in base.sources()
            if each.graph in entries and entries[each.graph].problem
        ),
    ]


def _page(told: dict[str, Any]) -> str:
    lines = [("Base", told["base"]), ("", told["reason"])]
    lines += [("over", each) for each in told["layers"]]
    lines += _edition(told["edition"])
    for kind, counts in told["files"].items():
        if kind == "own" or told["layers"]:
            name = "Files" if kind == "own" else "packaged"
            lines.append((name, ", ".join(f"{n:,} in {folder}" for folder, n in counts.items())))
    lines += _some("Hidden", [f"{each}, by an own file of its name" for each in told["hidden"]])
    lines += _index_lines(told["index"], told["bytes"])
    lines += _some("Left out", told["left_out"])
    lock = told["lock"]
    lines.append(("Lock", _holder(lock) if lock else "nobody writes"))
    if told["pending"]:
        lines.append((
            "Unfinished", f"{len(told['pending'])} change; the next command finishes it"
        ))  # fmt: skip
    width = max(len(name) for name, _ in lines) + 2
    return "".join(f"{name:<{width}}{one_line(text)}\n" for name, text in lines)


def _edition(edition: int) -> list[tuple[str, str]]:
    """Return a line where the base is of an earlier edition than the command knows."""
    from dragoman.base import EDITION

    later = f"{edition} of the model; dragoman upgrade brings the base to {EDITION}"
    return [] if edition == EDITION else [("Edition", later)]


def _index_lines(index: dict[str, Any], size: int) -> list[tuple[str, str]]:
    if index["kind"] == "memory":
        return [("Index", f"in memory: {_amount(size)} of files are read at each command")]
    if index["unusable"]:
        return [("Index", f"not usable: {index['unusable']}; the next command makes it anew")]
    if not index["made"]:
        return [("Index", f"not made yet; the next command indexes {_amount(size)} of files")]
    told = f"{index['files']:,} files, {_amount(index['bytes'])} on disk"
    lines = [("Index", f"{told}, generation {index['generation']} of {index['published']}")]
    changes = [
        f"{path} ({word})"
        for word, paths in (("new", index["new"]), ("changed", index["changed"]),
                            ("gone", index["gone"]))
        for path in paths
    ]  # fmt: skip
    if index["other_rules"]:
        changes.append("the rules of the record (it is made anew by the next command)")
    if not changes:
        return [*lines, ("", "up to the files")]
    return [*lines, *_some("Since then", changes)]


def _some(name: str, texts: list[str]) -> list[tuple[str, str]]:
    """Return the first texts as lines under one name, and how many more there are."""
    lines = [("" if number else name, text) for number, text in enumerate(texts[:_SHOWN])]
    if len(texts) > _SHOWN:
        lines.append(("", f"and {len(texts) - _SHOWN:,} more"))
    return lines


def _holder(told: dict[str, Any]) -> str:
    from dragoman.locking import Holder

    return f"held by {Holder(**told)}"


def _amount(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
