"""Profiles of stores: what addresses and files tell, and what they must not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base import find_base
from dragoman.errors import DragomanError, SyntaxProblem, UnknownNameError
from dragoman.remote.finding import find_profile
from dragoman.remote.profiles import kinds

SECRET = "s3cret-of-tests"  # noqa: S105


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """No profile of whoever runs the tests is seen."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    return tmp_path / "configuration"


@pytest.fixture
def profiles(root, own_configuration):
    """Write the user's own file of profiles, and find one in it."""
    (own_configuration / "dragoman").mkdir(parents=True)

    def find(text, name="here"):
        (own_configuration / "dragoman" / "stores.toml").write_text(text, encoding="utf-8")
        return find_profile(find_base(root), name)

    return find


@pytest.mark.parametrize(
    ("kind", "address", "query", "update", "graphs"),
    [
        ("fuseki", "http://h:3030/ds", "/ds/query", "/ds/update", "/ds/data"),
        ("rdf4j", "http://h:8080/rdf4j-server/repositories/r", "/rdf4j-server/repositories/r",
         "/rdf4j-server/repositories/r/statements",
         "/rdf4j-server/repositories/r/rdf-graphs/service"),
        ("graphdb", "http://h:7200/repositories/r", "/repositories/r",
         "/repositories/r/statements", "/repositories/r/rdf-graphs/service"),
        ("blazegraph", "http://h:9999/blazegraph/namespace/kb/sparql",
         "/blazegraph/namespace/kb/sparql", "/blazegraph/namespace/kb/sparql",
         "/blazegraph/namespace/kb/sparql"),
        ("stardog", "http://h:5820/db", "/db/query", "/db/update", "/db"),
        ("qlever", "http://h:7001", "", "", ""),
        ("neptune", "https://h:8182", "/sparql", "/sparql", "/sparql/gsp/"),
        ("allegrograph", "http://h:10035/repositories/r", "/repositories/r/sparql",
         "/repositories/r/sparql", "/repositories/r/statements"),
        ("virtuoso", "http://h:8890", "/sparql", "/sparql-auth", "/sparql-graph-crud-auth"),
        ("oxigraph", "http://h:7878", "/query", "/update", "/store"),
    ],
)  # fmt: skip
def test_an_address_tells_the_kind_and_where_everything_goes(kind, address, query, update, graphs):
    host = "/".join(address.split("/")[:3])
    found = find_profile(None, address)
    assert kind == found.kind.name
    assert (host + query, host + update, host + graphs) == (
        found.query,
        found.update,
        found.graphs,
    )
    again = find_profile(None, found.query)
    assert (found.query, found.update) == (again.query, again.update)


def test_every_kind_says_everything():
    assert "sparql" == next(iter(kinds()))
    assert {"dragoman", "virtuoso", "oxigraph"} == {
        each.name for each in kinds().values() if each.run
    }
    for kind in kinds().values():
        assert kind.auth in {"basic", "digest", "bearer"}
        assert kind.default_graph in {"union", "strict", "unknown"}
        assert kind.paging in {"graph", "rows"}
        assert "{url}" in kind.query
        assert kind.triples_per_insert > 0


def test_the_page_tells_which_kinds_were_run():
    page = Path(__file__).parents[1].joinpath("docs", "stores.md").read_text(encoding="utf-8")
    for kind in kinds().values():
        if kind.name not in {"sparql", "dragoman"}:
            (row,) = [line for line in page.splitlines() if line.startswith("|") and
                      kind.title.split()[-1] in line.split("|")[1]]  # fmt: skip
            assert ("yes" if kind.run else "**no**") == row.split("|")[2].strip()


def test_the_address_for_queries_of_a_kind_is_understood_like_that_of_the_store():
    whole, part = (find_profile(None, each) for each in ("http://h:8890/", "http://h:8890/sparql"))
    assert whole.update == part.update == "http://h:8890/sparql-auth"


def test_a_profile_says_how_its_store_is_asked(profiles, monkeypatch):
    monkeypatch.setenv("HERE_SECRET", SECRET)
    found = profiles(
        '[stores.here]\nkind = "virtuoso"\nurl = "https://h/v"\nuser = "dba"\n'
        'secret-env = "HERE_SECRET"\nmax-rows = 5000\ntriples-per-insert = 10\n'
        'default-graph = "strict"\nuploads = ["text/turtle"]\ntimeout = 2.5\n'
    )
    assert ("here", "https://h/v/sparql", "digest", "dba", 5000, 10, "strict", 2.5) == (
        found.name,
        found.query,
        found.auth,
        found.user,
        found.max_rows,
        found.triples_per_insert,
        found.default_graph,
        found.timeout,
    )
    assert found.secret() == SECRET
    assert SECRET not in repr(found)


def test_addresses_in_a_profile_take_the_place_of_those_of_the_kind(profiles):
    found = profiles(
        '[stores.here]\nkind = "fuseki"\nquery = "http://h/q"\nupdate = ""\ngraphs = "http://h/g"\n'
    )
    assert ("http://h/q", None, "http://h/g") == (found.query, found.update, found.graphs)


def test_the_users_own_profiles_are_found_where_the_base_has_none(own_configuration, root):
    folder = own_configuration / "dragoman"
    folder.mkdir(parents=True)
    (folder / "stores.toml").write_text('[stores.mine]\nurl = "http://h:7878"\n', encoding="utf-8")
    assert find_profile(find_base(root), "mine").kind.name == "oxigraph"
    with pytest.raises(UnknownNameError, match=r"store 'mime'.*Did you mean mine"):
        find_profile(find_base(root), "mime")


def test_a_name_without_any_profile_says_where_to_write_one(root):
    with pytest.raises(DragomanError, match=r"\[stores\.nowhere\] into .*stores\.toml"):
        find_profile(find_base(root), "nowhere")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[stores.here]\nurl = "http://h"\nkidn = "fuseki"\n', 3, "kind"),
        ('[stores.a]\nkind = "x"\n[stores.here]\nurl = "http://h"\nkind = "fuzeki"\n', 5, "fuseki"),
        ('[stores.here]\nurl = "http://h"\npassword = "x"\n', 3, "environment variable"),
        ('[stores.here]\nurl = "http://h"\ntoken = "x"\n', 3, "environment variable"),
        ('[stores.here]\nkind = "fuseki"\n', 1, "no address"),
        ('[stores.here]\nurl = "ftp://h/"\n', 2, "http"),
        ('[stores.here]\nurl = "http://h"\nauth = "sigv4"\n', 3, "none, basic, digest, bearer"),
        ('[stores.here]\nurl = "http://h"\nauth = "basic"\n', 3, "secret-env"),
        ('[stores.here]\nurl = "http://h"\nauth = "none"\nuser = "u"\n', 3, "user"),
        ('[stores.here]\nurl = "http://h"\nauth = "basic"\nsecret-env = "V"\n', 3, "user"),
        ('[stores.here]\nurl = "http://h"\nmax-rows = -1\n', 3, "max-rows"),
        ('[stores.here]\nurl = "http://h"\ntimeout = 0\n', 3, "timeout"),
        ('[stores.here]\nurl = "http://h"\nmax-rows = "many"\n', 3, "max-rows"),
        ('[stores.here]\nurl = 5\n', 2, "text"),
        ('[stores.here]\nurl = "http://h"\nuploads = "text/turtle"\n', 3, "list"),
        ('[stores.here\nurl = "http://h"\n', 1, "TOML"),
        ('[store.here]\nurl = "http://h"\n', 1, "stores.NAME"),
        ("stores = 5\n", 1, "stores"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_refused_with_file_and_line(profiles, text, line, words):
    with pytest.raises(SyntaxProblem, match=words) as caught:
        profiles(text)
    assert line == caught.value.line
    assert caught.value.file.endswith("stores.toml")
    assert "\n" not in str(caught.value)


def test_a_variable_that_is_not_set_is_said_at_once(profiles):
    with pytest.raises(DragomanError, match=r"stores\.toml:1: the variable NO_SUCH is not set"):
        profiles('[stores.here]\nurl = "http://h"\nuser = "u"\nsecret-env = "NO_SUCH"\n')


def test_a_secret_written_where_its_variable_belongs_is_not_repeated(profiles):
    with pytest.raises(SyntaxProblem, match="name of an environment variable") as caught:
        profiles(f'[stores.here]\nurl = "http://h"\nuser = "u"\nsecret-env = "{SECRET}"\n')
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address", [f"http://u:{SECRET}@h/sparql", f"u:{SECRET}@h", f"http://u:{SECRET}@h:x/"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(DragomanError) as caught:
        find_profile(None, address)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["ftp://h/", "http://", "http://h:99999/", "http://h/#x", "http://h/a b"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(DragomanError):
        find_profile(None, address)


def test_a_key_in_an_address_is_not_part_of_its_name():
    assert find_profile(None, f"http://h/sparql?key={SECRET}").name == "http://h/sparql"
