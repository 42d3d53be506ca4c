"""Articles: every passage lies where the words stand that say the thing, and no text is copied."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

ROOT = Path(__file__).parent.parent
TEXTS = ROOT.parent / "shared" / "article"
ARTICLES = sorted((ROOT / "data" / "articles").glob("*.ttl"))
DIP = "https://w3id.org/dragoman/ontology/"
OA = "http://www.w3.org/ns/oa#"
# What a statement says by what it is, not by words of the source.
STRUCTURE = {"about", "description", "aim", "listing", "nameKind", "nameOf", "partOf", "passage"}
STRUCTURE |= {"source", "timeUnknown", "type", "wasAttributedTo"}
EDITIONS = ROOT / "tests" / "editions"

Facts = dict[str, dict[str, list[str]]]


def local(iri: str) -> str:
    return re.split(r"[/#]", iri)[-1]


@cache
def facts(article: Path) -> Facts:
    """Subject -> local name of property -> values."""
    found: Facts = defaultdict(lambda: defaultdict(list))
    for triple in ox.parse(path=article):
        found[triple.subject.value][local(triple.predicate.value)].append(triple.object.value)
    return found


def text_of(article: Path) -> str:
    path = TEXTS / f"{article.stem}.txt"
    if not path.exists():
        pytest.skip("the texts of articles are not part of the project and are not beside it")
    return path.read_text(encoding="utf-8")


def offsets(data: Facts, passage: str) -> tuple[int, int]:
    selector = data[data[passage]["hasSelector"][0]]
    return int(selector["start"][0]), int(selector["end"][0])


def passages(data: Facts, statement: str) -> list[str]:
    """A statement's own passages, else those of the account or delegation that it is part of."""
    return data[statement]["passage"] or passages(data, data[statement]["partOf"][0])


def statements(data: Facts) -> list[str]:
    return sorted(s for s in data if data[s]["passage"] or data[s]["partOf"])


def test_there_are_articles() -> None:
    assert ARTICLES


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_the_recorded_text_is_the_text(article: Path) -> None:
    text = text_of(article)
    source = facts(article)[f"https://w3id.org/dragoman/id/source/{article.stem}"]
    assert [hashlib.sha256(text.encode()).hexdigest()] == source["sha256"]
    assert [str(len(text))] == source["textLength"]


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_passages_begin_and_end_between_words(article: Path) -> None:
    text, data = text_of(article), facts(article)
    cut = []
    for passage in (s for s in data if data[s]["hasSelector"]):
        start, end = offsets(data, passage)
        assert 0 <= start < end <= len(text)
        cut += [passage for at in (start, end) if at and text[at - 1 : at + 1].isalnum()]
    assert cut == []


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_the_words_under_a_passage_name_what_is_said(article: Path) -> None:
    text, data = text_of(article), facts(article)
    with (ROOT / "tests" / "articles" / f"{article.stem}.csv").open(encoding="utf-8") as table:
        words = {
            row["value"]: row["words"].split("|")
            + [each for each in row["read from"].split("|") if each]
            for row in csv.DictReader(table)
        }
    silent = []
    for statement in statements(data):
        under = " … ".join(
            text[slice(*offsets(data, passage))] for passage in passages(data, statement)
        )
        for name, values in data[statement].items():
            for value in values if name not in STRUCTURE else []:
                key = ":".join(re.split(r"[/#]", value)[-2:]) if "://" in value else value
                if not any(word in under for word in words.get(key, [value])):
                    silent.append((statement.split("/source/")[-1], name, key))
    assert silent == []


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_no_sentence_of_the_text_stands_in_the_project(article: Path) -> None:
    def shingles(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[i : i + 9]) for i in range(len(words) - 8)}

    sentences = shingles(text_of(article))
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert tracked
    copies = []
    for name in tracked:
        path = ROOT / name
        if path.is_file():
            copied = shingles(path.read_text(encoding="utf-8", errors="replace")) & sentences
            copies += [(name, copied)] if copied else []
    assert copies == []


def _by_rule(facts: set[tuple[str, str, str]]) -> dict[str, str]:
    """Return passages and people taking part by their IRIs, and by those that the rule gives."""
    told = {(s, p.removeprefix(DIP).rpartition("#")[2]): o for s, p, o in facts}
    found = {}
    for subject, what in told:
        if what == "start":
            start, end = (told[subject, each].split('"')[1] for each in ("start", "end"))
            whole = subject.removesuffix("/position")
            rule = f"{whole.rpartition('/')[0]}/{start}-{end}"
            found |= {whole: rule, subject: f"{rule}/position"}
        elif what == "person":
            last = told[subject, what][1:-1].rpartition("/")[2]
            found[subject] = f"{told[subject, 'partOf'][1:-1]}-{last}"
    return found


def test_what_the_first_edition_says_stays_said() -> None:
    """Fact by fact: what was said before is said now, but for what is listed here."""

    def said(path: Path) -> set[tuple[str, str, str]]:
        facts = {(t.subject.value, t.predicate.value, str(t.object)) for t in ox.parse(path=path)}
        names = _by_rule(facts)
        return {(names.get(s, s), p, f"<{names[o[1:-1]]}>" if o[1:-1] in names else o)
                for s, p, o in facts}  # fmt: skip

    label = "http://www.w3.org/2004/02/skos/core#prefLabel"
    note = "http://www.w3.org/2000/01/rdf-schema#comment"
    for path in sorted((EDITIONS / "first").glob("*.ttl")):
        before, after = said(path), said(ROOT / "data" / "articles" / path.name)
        source = f"https://w3id.org/dragoman/id/source/{path.stem}"
        taken = {(s, p) for s, p, _ in before - after}
        # No name says that a thing is expected; the note says the reading in the words of today.
        renamed = {(s, p) for s, p, name in before if p == label and "xpected" in name}
        assert taken == renamed | {(source, note)}
        new = {(s, p) for s, p, _ in after - before}
        assert new == taken | {(source, f"{DIP}textHeld")}
        assert not any("xpected" in name for _, p, name in after if p == label)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_each_source_says_whether_its_text_is_held_and_how_it_was_read(article: Path) -> None:
    source = facts(article)[f"https://w3id.org/dragoman/id/source/{article.stem}"]
    assert len(source["textHeld"]) == 1
    assert any("attribution" in words for words in source["comment"])


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_no_packaged_article_quotes_its_source(article: Path) -> None:
    assert not any(each["exact"] for each in facts(article).values())
