"""Documentation: generated pages are fresh, and every query in them runs and answers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dragoman

pytestmark = pytest.mark.quick

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUERIES = [
    pytest.param(query, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, query in enumerate(
        re.findall(r"```sparql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1
    )
]


def test_there_are_queries_in_the_documentation():
    assert len(QUERIES) >= 10


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_documentation_answers(query):
    assert dragoman.open(ROOT).query(query).rows


def test_the_pages_say_what_the_ontology_and_the_commands_say():
    made = subprocess.run([sys.executable, ROOT / "docs" / "make.py", "--check"], check=False)
    assert made.returncode == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_example_of_a_report_form_is_valid(tmp_path):
    page = (ROOT / "docs" / "report-form.md").read_text(encoding="utf-8")
    (text, form) = (
        re.search(f"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("text", "yaml")
    )
    (tmp_path / "harbour-news.txt").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "harbour-news.yaml").write_text(form, encoding="utf-8")
    report = dragoman.open(ROOT).validate([tmp_path / "harbour-news.yaml"])
    assert {"info"} == {each.level for each in report.findings}


def test_the_report_forms_of_the_documentation_are_valid(tmp_path):
    page = (ROOT / "docs" / "report-form.md").read_text(encoding="utf-8")
    cases = page.partition("\n## Five cases\n")[2].partition("\n## ")[0]
    head, *forms = re.findall(r"```yaml\n(.*?)```", cases, re.DOTALL)
    texts = re.findall(r"```text\n(.*?)```", cases, re.DOTALL)
    assert 5 == len(forms)
    base = dragoman.open(ROOT)
    for text, form in zip(texts, forms, strict=True):
        (tmp_path / "harbour-news.txt").write_text(text, encoding="utf-8", newline="")
        (tmp_path / "news.yaml").write_text(head + form, encoding="utf-8")
        report = base.validate([tmp_path / "news.yaml"])
        assert [] == [(each.severity, each.message) for each in report.findings], form


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_of_the_documentation_runs(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    assert blocks
    exec("\n".join(blocks), {"__name__": "documentation"})  # noqa: S102  our own pages
    assert capsys.readouterr().out
