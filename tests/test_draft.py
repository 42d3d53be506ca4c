"""`dragoman draft`: what is found in a text, and the form that it suggests, which is no form yet."""
# ruff: noqa: E501  long sentences

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time

import pytest

from dragoman import api
from dragoman.form import drafting, finding, sources
from dragoman.form.finding import Finder
from dragoman.names import Name, is_somewhere

ENGLISH = """\
Harbour ministers to meet in Lisbon

Deputy Foreign Minister Ben Quay of Portugal will host talks with France's Minister Ada Marin in Lisbon on Wednesday, 5 March 2031, two diplomatic sources said. Quay said the talks would be about security.
The meeting, postponed twice, is scheduled for 12.03.2031.
Prime Minister Viktor Orban met President Tove Strand in Budapest last Friday. He stressed that the visit of the European Union was welcome.
"""
TURKISH = """\
Dışişleri Bakanı Hakan Fidan, 5 Mart 2031'de Budapeşte'de Macaristan Dışişleri Bakanı Szijjarto Peter ile bir araya gelecek. Diplomatik kaynaklara göre Fidan, Türkiye'nin Macaristan'la ilişkilerini vurgulayacak.
İki bakan çarşamba günü ortak basın toplantısı düzenledi.
"""
HUNGARIAN = """\
Szijjártó Péter külgazdasági és külügyminiszter 2031. március 5-én Ankarában tárgyalt Hakan Fidannal. Diplomáciai források szerint a sajtótájékoztató Törökországban várható szerdán.
Kis Anna államtitkár Isztambulban aláírta a megállapodást.
"""


@pytest.fixture(scope="module")
def base():
    return api.open()


@pytest.fixture
def drafted(base):
    def drafted(content, name="news", **told):
        return drafting.draft(base.store, content, drafting.Told(name, **told), base.prefixes)

    return drafted


def dragoman(*arguments, cwd, stdin=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", *arguments],
        cwd=cwd, input=stdin, capture_output=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def found(finder, text):
    """Return what a finder finds: words, kind and values."""
    return [
        (text[each.start : each.end], each.kind, *each.values)
        for each in finder.found(text, 0, len(text))
    ]


def finder(language, *names):
    return Finder([Name(name, f"https://example.org/{name}", language) for name in names], language)


# ---------------------------------------------------------------------- what is found


@pytest.mark.parametrize(
    ("language", "name", "printed"),
    [
        *[("tr", "Macaristan", f"Macaristan{end}") for end in
          ("", "’da", "'dan", "’ın", "’a", "’ı", "’la", "’daki", "da", "dan", "ın")],
        *[("tr", "Türkiye", f"TÜRKİYE{end}") for end in ("", "’NİN", "’YE", "’DE")],
        *[("tr", "Dışişleri Bakanlığı", f"Dışişleri Bakanlığı{end}") for end in ("nın", "na", "nda", "yla")],
        *[("hu", "Törökország", f"Törökország{end}") for end in
          ("", "ban", "nak", "ra", "tól", "hoz", "ról", "ot", "on", "ig", "ért", "i")],
        *[("hu", "Ankara", each) for each in ("Ankarában", "Ankarától", "Ankarához", "Ankaráról")],
        *[("hu", "EU", each) for each in ("EU-ban", "EU-nak", "EU-val")],
        *[("en", "Portugal", each) for each in ("Portugal's", "Portugal’s", "PORTUGAL", "Portugal,")],
        ("en", "Péter Szijjártó", "Peter Szijjarto"),
        ("en", "Péter Szijjártó", "Pe\u0301ter\n Szijja\u0301rto\u0301"),
        ("en", "İbrahim Kalın", "Ibrahim Kalin"),
        ("en", "Russia–Ukraine war", "Russia-Ukraine war"),
        ("en", "United Arab Emirates", "united arab emirates"),
    ],
)  # fmt: skip
def test_a_name_is_found_in_any_spelling_and_with_a_listed_ending(language, name, printed):
    text = f"xx {printed} xx"
    [(words, kind, thing)] = [
        each for each in found(finder(language, name), text) if each[1] == "thing"
    ]
    assert ("thing", f"https://example.org/{name}") == (kind, thing)
    assert printed.startswith(words)


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "Turkey", "they ate turkey"),  # a bird
        ("en", "US", "he saw us"),
        ("en", "Mali", "Malina came"),  # no ending of English
        ("hu", "Mali", "Malibut"),
        ("en", "New York", "New, York"),
        ("en", "New York", "New Yorker"),
        ("en", "United Kingdom", "a united front"),
    ],
)
def test_other_words_are_no_name(language, name, text):
    assert [] == found(finder(language, name), text)


def test_the_longest_name_wins_and_two_things_of_a_name_are_both_told():
    names = [
        Name("Georgia", "https://example.org/state", "en"),
        Name("Georgia", "https://example.org/place", "en"),
        Name("South Georgia", "https://example.org/island", "en"),
        Name("GE", "https://example.org/state"),  # a code
    ]
    text = "South Georgia and Georgia; GE"
    assert [
        ("South Georgia", "thing", "https://example.org/island"),
        ("Georgia", "thing", "https://example.org/place", "https://example.org/state"),
    ] == found(Finder(names, "en"), text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "on 5 March 2031", ("5 March 2031", "day", "2031-03-05")),
        ("en", "on the 5th of March, 2031", ("5th of March, 2031", "day", "2031-03-05")),
        ("en", "on March 5, 2031,", ("March 5, 2031", "day", "2031-03-05")),
        ("en", "on March 5th.", ("March 5th", "day without a year", "03-05")),
        ("en", "in March 2031", ("March 2031", "day", "2031-03")),
        ("en", "since 2031-03-05", ("2031-03-05", "day", "2031-03-05")),
        ("en", "am 5. 3. 2031", ("5. 3. 2031", "day", "2031-03-05")),
        ("en", "on Tuesday", ("Tuesday", "weekday", "Tuesday")),
        ("tr", "5 Mart 2031'de", ("5 Mart 2031", "day", "2031-03-05")),
        ("tr", "5 Mart’ta", ("5 Mart", "day without a year", "03-05")),
        ("tr", "çarşamba günü", ("çarşamba", "weekday", "Wednesday")),
        ("hu", "2031. március 5-én", ("2031. március 5-én", "day", "2031-03-05")),
        ("hu", "március 5.", ("március 5", "day without a year", "03-05")),
        ("hu", "2031. 03. 05.", ("2031. 03. 05", "day", "2031-03-05")),
        ("hu", "szerdán", ("szerdán", "weekday", "Wednesday")),
        ("en", "on Nov 24", ("Nov 24", "day without a year", "11-24")),
        ("en", "on Nov. 24.", ("Nov. 24", "day without a year", "11-24")),
        ("en", "on November 24, 2031", ("November 24, 2031", "day", "2031-11-24")),
        ("en", "on 24 Sept. 2031", ("24 Sept. 2031", "day", "2031-09-24")),
        ("tr", "24 Kas 2031'de", ("24 Kas 2031", "day", "2031-11-24")),
        ("hu", "2031. nov. 24-én", ("2031. nov. 24-én", "day", "2031-11-24")),
    ],
)
def test_days_are_found_and_none_is_invented(language, text, expected):
    assert [expected] == found(finder(language), text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "on 31 February 2031"),
        ("en", "they may 5 times"),
        ("en", "the march on the city"),
        ("en", "May was there"),
        ("en", "Jan was there in dec 5 times"),
        ("en", "2031-13-05 and 32.01.2031"),
        ("tr", "mart ve ocak"),
    ],
)
def test_what_is_no_day_is_not_taken_for_one(language, text):
    assert [] == found(finder(language), text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The two are expected to come", [("expected to", "status", "expected")]),
        ("en", "They will come", [("will", "status", "planned")]),
        ("en", "It was postponed", [("postponed", "status", "postponed")]),
        ("en", "It took place by video link", [("took place", "status", "occurred"), ("video link", "mode", "online")]),
        ("en", "a news conference", [("news conference", "event-type", "press-conference")]),
        ("en", "according to the diplomatic sources", [("diplomatic sources", "voice", "diplomatic sources")]),
        ("en", "two officials have said", [("two officials", "voice", "two officials"), ("said", "act", "state"), ("said", "status", "occurred")]),
        ("en", "He urged calm", [("urged", "act", "call-for"), ("urged", "status", "occurred")]),
        ("tr", "Toplantı ertelendi", [("Toplantı", "event-type", "talks"), ("ertelendi", "status", "postponed")]),
        ("tr", "diplomatik kaynaklara göre", [("diplomatik kaynaklara", "voice", "diplomatik kaynaklara")]),
        ("tr", "gelmesi bekleniyor", [("bekleniyor", "status", "expected")]),
        ("hu", "a találkozó várható", [("találkozó", "event-type", "talks"), ("várható", "status", "expected")]),
        ("hu", "diplomáciai források szerint", [("diplomáciai források", "voice", "diplomáciai források")]),
        ("en", "President Tove Strand", [("Tove Strand", "person", "Tove Strand")]),
        ("tr", "Bakanı Şule Çınar", [("Şule Çınar", "person", "Şule Çınar")]),
        ("hu", "Őri Éva nagykövet", [("Őri Éva", "person", "Őri Éva")]),
        ("en", "The third regular session", [("third regular session", "session", "3")]),
        ("en", "the 21st session", [("21st session", "session", "21")]),
        ("en", "the first of two rounds", []),
        ("tr", "İlk oturumunda", [("İlk oturumunda", "session", "1")]),
        ("tr", "3. oturum, 4’üncü oturum", [("3. oturum", "session", "3"), ("4’üncü oturum", "session", "4")]),
        ("hu", "a 2. forduló után", [("2. forduló", "session", "2")]),
        ("xx", "the two are expected to come on Tuesday, March 5", []),  # a language that is not listed
    ],
)  # fmt: skip
def test_words_hint_at_more(language, text, expected):
    assert expected == found(finder(language), text)


@pytest.mark.parametrize("language", ["en", "tr", "hu"])
def test_months_and_weekdays_are_those_of_cldr(language):
    babel = pytest.importorskip("babel", reason="Babel, whose names these are, is not installed")
    locale, told = babel.Locale(language), finding.cues(language)
    assert told.list("months") == [locale.months["format"]["wide"][each] for each in range(1, 13)]
    assert told.list("weekdays") == [locale.days["format"]["wide"][each] for each in range(7)]


@pytest.mark.parametrize("language", ["en", "tr", "hu"])
def test_what_words_hint_at_is_in_the_lists_of_the_base(base, language):
    table = finding.cues(language).table
    for group in finding.GROUPS:
        for value in table[group]:
            thing = f"https://w3id.org/dragoman/id/{group}/{value}"
            assert is_somewhere(base.store, thing), (group, value)
    for group, values in (("event-type", "events"), ("act", "reports")):
        for value in finding.listed(values):
            assert is_somewhere(base.store, f"https://w3id.org/dragoman/id/{group}/{value}"), value


@pytest.mark.parametrize(
    ("expected", "text"), [("en", ENGLISH), ("tr", TURKISH), ("hu", HUNGARIAN), ("en", "Xyz 1")]
)
def test_the_language_is_told_by_common_words(expected, text):
    assert expected == finding.language_of(text)


# ---------------------------------------------------------------------- the form


def test_sentences_are_numbered_with_what_is_in_them(drafted):
    lines = drafted(ENGLISH).splitlines()
    assert "# p1.1  Harbour ministers to meet in Lisbon" in lines
    assert "# p2.2  Quay said the talks would be about security." in lines
    shown = " ".join(line.lstrip("# ") for line in lines)
    for told in (
        "Ben Quay = a person whom the base does not know; Portugal = state:PRT; will = status planned;",
        "Quay = a person whom the base does not know; said = act state;",  # a part of the name
        "two diplomatic sources = a voice",
        "Wednesday = weekday Wednesday; 5 March 2031 = day 2031-03-05;",
        "Budapest = place:budapest or state:HUN",
        "Viktor Orban = person:viktor-orban",
    ):
        assert told in shown
    assert all(len(line) <= 100 for line in lines if line.startswith("#"))


def test_a_draft_suggests_accounts_and_who_is_in_them(drafted):
    draft = drafted(ENGLISH, text="news.txt", date="2031-03-01", publisher="Harbour News")
    assert draft[draft.index("dragoman:") :] == (
        "dragoman: report/1\n"
        "source: news\n"
        "text: news.txt\n"
        "published: 2031-03-01\n"
        "publisher: publisher\n"
        "language: ?? en\n"
        "title: ?? Harbour ministers to meet in Lisbon\n"
        "\n"
        "voices:\n"
        "  publisher: {a: Organization, label: Harbour News}\n"
        "  ?? two-diplomatic-sources: Two diplomatic sources\n"
        "\n"
        "defaults:\n"
        "  accounts: {by: publisher}\n"
        "  delegations: {listing: named}\n"
        "\n"
        "reference:\n"
        "  ?? post:prt-deputy-foreign-minister: {label: Deputy Foreign Minister of Portugal, postIn: Portugal}\n"
        "  ?? post:fra-minister: {label: Minister of France, postIn: France}\n"
        "\n"
        "new:\n"
        "  ?? person:ben-quay: Ben Quay\n"
        "  ?? person:ada-marin: Ada Marin\n"
        "  ?? person:tove-strand: Tove Strand\n"
        "\n"
        "cast:\n"
        "  ?? Ben Quay: {capacity: prt-deputy-foreign-minister, words: Deputy Foreign Minister Ben Quay}\n"
        "  ?? Ada Marin: {capacity: fra-minister, words: Minister Ada Marin}\n"
        "  ?? Viktor Orbán: {capacity: hun-prime-minister, words: Prime Minister Viktor Orban}\n"
        "  # Tove Strand: the post is not found; a new one is told under reference\n"
        "  ?? Tove Strand: {words: President Tove Strand}\n"
        "\n"
        "accounts:\n"
        "  ?? talks: {about: {meeting:news-talks: Talks (Portugal – France)}, words: p2.1, by: two-diplomatic-sources,\n"
        "    status: planned, eventType: talks, plannedStart: 2031-03-05, weekday: Wednesday, place: Lisbon, host: Portugal,\n"
        "    delegations: {Portugal: [Ben Quay], France: [Ada Marin]}}\n"
        "  ?? quay-state: {about: {utterance:news-quay-state: Words of Ben Quay}, words: p2.2, by: two-diplomatic-sources,\n"
        "    status: occurred, speaker: Ben Quay, act: state, topic: security}\n"
        "  ?? talks-postponed: {about: meeting:news-talks, words: p3.1, status: postponed, eventType: talks,\n"
        "    plannedStart: 2031-03-12}\n"
        "  ?? talks-2: {about: {meeting:news-talks-2: Talks (Hungary)}, words: p4.1, status: occurred, eventType: talks,\n"
        "    weekday: Friday, timeStated: last Friday, place: Budapest, delegations: {Hungary: [Viktor Orbán]}}\n"
        "  # Tove Strand: of which party is not found in p4.1\n"
        "  ?? orban-emphasise: {about: {utterance:news-orban-emphasise: Words of Viktor Orbán}, words: p4.2, status: occurred,\n"
        "    speaker: Viktor Orbán, act: emphasise, concerns: European Union}\n"
    )


@pytest.mark.parametrize("text", [ENGLISH, TURKISH, HUNGARIAN], ids=["en", "tr", "hu"])
def test_no_draft_is_taken_in_and_a_confirmed_one_is_valid(base, drafted, tmp_path, text):
    (tmp_path / "news.txt").write_text(text, encoding="utf-8", newline="")
    form = tmp_path / "news.yaml"
    # what has no status yet is planned
    draft = re.sub(
        r"(words: p\S+, )eventType", r"\1status: planned, eventType", drafted(text, text="news.txt")
    )
    form.write_text(draft, encoding="utf-8")
    suggested = [
        number
        for number, line in enumerate(draft.splitlines(), 1)
        if "?? " in line and line[0] != "#"
    ]
    found = base.validate([form]).findings
    assert suggested == [each.line for each in found]
    assert all("still a suggestion" in each.message for each in found)
    form.write_text(draft.replace("?? ", ""), encoding="utf-8")
    assert () == base.validate([form]).findings


def test_words_in_a_draft_are_in_the_text(drafted):
    from dragoman.form.words import Text

    text = Text(ENGLISH)
    for told in re.findall(r"words: ([^,}]*)", drafted(ENGLISH)):
        start, end = text.find(told)
        assert ENGLISH[start:end]


SESSIONS = """\
The second session of the Türkiye–Hungary Joint Consultation Mechanism was held in Ankara on Nov. 24, 2031.
The first session took place in Istanbul. The third meeting is to be held in Budapest.
"""


def test_a_session_is_told_by_its_number_and_the_mechanism_that_was_named(drafted):
    accounts = drafted(SESSIONS).partition("\naccounts:\n")[2]
    mechanism = "Türkiye–Hungary Joint Consultation Mechanism"
    assert (
        "about: {meeting:tr-hu-joint-consultation-mechanism-2: Session 2 of "
        f"{mechanism}}},\n    words: p1.1, status: occurred, ordinal: 2, sessionOf: {mechanism},"
    ) in accounts
    assert f"about: First session of the {mechanism}, words: p2.1," in accounts  # the base has it
    assert "words: p2.2, status: planned, ordinal: 3, sessionOf:" in accounts
    assert 3 == accounts.count("??")


def test_a_session_of_nothing_that_is_known_is_no_account_of_a_mechanism(drafted):
    draft = drafted("The third session was held in Lisbon.\n")
    assert "third session = session 3" in draft
    assert "sessionOf" not in draft


@pytest.mark.parametrize("text", [SESSIONS])
def test_a_confirmed_draft_of_sessions_has_no_faults_of_its_form(base, drafted, tmp_path, text):
    (tmp_path / "news.txt").write_text(text, encoding="utf-8")
    draft = drafted(
        text, text="news.txt", date="2031-12-01", publisher="Harbour News", title="News"
    )
    (tmp_path / "news.yaml").write_text(draft.replace("??", ""), encoding="utf-8")
    made = sources.made(base.base, tmp_path / "news.yaml", "news.yaml", base.store)
    assert () == made.problems


def test_a_publisher_whom_the_base_has_is_no_new_voice(drafted):
    draft = drafted("Once.", publisher="ministry of foreign affairs of turkiye")
    assert "\npublisher: Ministry of Foreign Affairs of Türkiye\n" in draft
    assert "  accounts: {by: Ministry of Foreign Affairs of Türkiye}\n" in draft
    assert "voices:" not in draft


def test_titles_before_a_name_stop_at_other_people(drafted):
    draft = drafted(
        "Present were Minister Ada Marin, Prime Minister Viktor Orbán and State Secretary (Trade) Ben Quay. "
        "The Ministry (MIT) chief Tove Strand and Hungary’s Foreign Minister Péter Szijjártó came."
    )
    told = re.findall(r"words: ([A-Z].*)}", draft)
    assert told == [
        "Minister Ada Marin",
        "Prime Minister Viktor Orbán",
        "State Secretary (Trade) Ben Quay",
        "Ministry (MIT) chief Tove Strand",
        "Foreign Minister Péter Szijjártó",
    ]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (
            "Diplomatik kaynaklara göre Fidan, Türkiye'nin Macaristan'la ilişkilerini vurgulayacak.",
            "Hakan Fidan",
        ),
        ("Magyarország és Törökország hangsúlyozta az együttműködést.", "Magyarország"),
        (
            "Hungary said that Fidan welcomed it, and Prime Minister Viktor Orban stressed unity.",
            "Hungary",
        ),
        (
            "According to Hungary’s officials, Fidan stressed unity. He called for talks.",
            "Hakan Fidan",
        ),
        ("Fidan met Orban on Friday. He called for talks.", "Hakan Fidan"),
    ],
)
def test_who_speaks_is_named_before_it(drafted, text, speaker):
    assert re.findall("speaker: (.*?),", drafted(text).replace("\n", ""))[-1] == speaker


def test_nobody_speaks_where_a_voice_does(drafted):
    assert "speaker" not in drafted("Fidan met Orban. Two officials said they agreed.")


def test_nobody_is_lost_whose_party_is_not_known(drafted):
    draft = drafted("Minister Ada Marin and President Tove Strand met.")
    assert draft.endswith(
        "  # Ada Marin: of which party is not found in p1.1\n"
        "  # Tove Strand: of which party is not found in p1.1\n"
    )


def test_who_is_told_in_a_sentence_of_its_own_is_at_the_event_before_it(drafted):
    draft = drafted(
        "Slovenia and Croatia held talks in Zagreb on Friday.\n"
        "Present were Minister Maja Kovač of Slovenia and, for Croatia, Minister Ivo Radić. Radić met Minister Ana Čop."
    )
    assert (
        "  ?? people-p2-1: {about: meeting:news-talks, words: p2.1, status: occurred, "
        "delegations: {Slovenia: [Maja Kovač], Croatia: [Ivo Radić]}}\n"
    ) in re.sub(r"\n    +", " ", draft)
    assert "delegations: {Croatia: [Ivo Radić]}}\n  # Ana Čop: of which party" in draft


def test_who_is_named_in_full_again_is_the_same(drafted):
    draft = drafted(
        "Minister Ada Marin came. Minister Ada Marin spoke. Ada Marin left Lisbon.\nMarin: gone."
    )
    assert 4 == draft.count("a person whom the base does not know")
    assert 1 == draft.count("person:ada-marin")


def test_a_capital_in_which_they_meet_is_no_party(drafted):
    draft = drafted("France and Minister Ada Marin of Portugal held talks in Ankara on Friday.")
    assert "place: Ankara, delegations: {France: [], Portugal: [Ada Marin]}" in re.sub(
        r"\n    +", " ", draft
    )


def test_two_things_have_two_names(drafted):
    draft = drafted("Fidan stressed unity with Hungary. Fidan stressed unity with France.")
    assert ["Words of Hakan Fidan", "Words of Hakan Fidan (2)"] == re.findall(
        "Words of[^}]*", draft
    )


def test_a_title_is_no_account(drafted):
    draft = drafted("Talks held in Zagreb\n\nSlovenia and Croatia held talks in Zagreb on Friday.")
    assert "title: ?? Talks held in Zagreb\n" in draft
    assert 1 == draft.count("eventType")


def test_what_is_spoken_of_is_no_event_of_its_own(drafted):
    draft = drafted(
        "Minister Ada Marin welcomed talks with Hungary, EU sources said. Marin announced talks."
    )
    assert 1 == draft.count("eventType")
    assert "act: welcome, concerns: Hungary}" in draft  # and not the EU, whose sources they are


def test_a_text_in_which_nothing_is_found_still_has_a_form(drafted):
    draft = drafted("Xyz abc.")
    assert "# p1.1  Xyz abc.\n" in draft
    assert draft.endswith(
        "accounts:\n  # first: {about: meeting:…, words: p1.1, status: occurred}\n"
    )


WORDS = [
    *("Fidan", "Hakan Fidan", "will", "met", "talks", "Minister", "Ben Quay", "a: b", "c #d", '"q"', "'s", "?? x", "- e"),
    *("{f}", "[g]", "|", ">", "&h", "*i", "!j", "%k", "@l", "`m`", "\t", "\r\n", "\n\n", "\n", "…", "\u202e", "\u200f"),
    *("\x1b[31m", "\x07", "\ufeff", "\u2028", "👩‍👩‍👧", "e\u0301", "said", "sources said", "Istanbul", "on Tuesday.", "\\", ":"),
    *("5 March 2031", "Minister Ben: Quay #x", "EU", "stressed", "Türkiye", "Côte d’Ivoire", "first … last", "p5", "1-2"),
]  # fmt: skip


def test_no_text_makes_a_form_that_cannot_be_read(base, drafted, tmp_path):
    chance = random.Random(11)  # noqa: S311
    form = tmp_path / "hard.yaml"
    for _ in range(25):
        text = " ".join(chance.choices(WORDS, k=40))
        (tmp_path / "hard.txt").write_bytes(text.encode())
        form.write_text(drafted(text, text="hard.txt", name="hard"), encoding="utf-8")
        made = sources.made(base.base, form, "hard.yaml", base.store)
        assert [] == [
            each.message for each in made.problems if "still a suggestion" not in each.message
        ]


def test_the_same_text_gives_the_same_form_whatever_the_seed(tmp_path):
    (tmp_path / "news.txt").write_text(ENGLISH + TURKISH, encoding="utf-8")
    made = {
        dragoman("draft", "news.txt", cwd=tmp_path, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")
    }  # fmt: skip
    assert 1 == len(made)
    assert b"person:hakan-fidan" in made.pop()


def test_an_article_takes_no_time(drafted):
    drafted("Once.")
    text = (ENGLISH + TURKISH + HUNGARIAN) * 3
    begun = time.perf_counter()
    drafted(text)
    assert time.perf_counter() - begun < 10  # 0.2 s on a quiet machine


def test_what_is_too_long_for_a_sentence_is_said_to_be(drafted):
    draft = drafted("Minister Ada Marin met, " * 300)
    assert "#     > too long for a sentence: nothing was looked for in it\n" in draft
    assert "accounts:\n  # first:" in draft


# ---------------------------------------------------------------------- the command


def test_the_command_writes_a_form_beside_the_text(tmp_path):
    (tmp_path / "forms").mkdir()
    (tmp_path / "the news.txt").write_bytes(b"\xef\xbb\xbfBen met Ada in Lisbon.\r\n")
    done = dragoman("draft", "the news.txt", "-o", "forms/x.yaml", cwd=tmp_path)
    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)
    form = (tmp_path / "forms" / "x.yaml").read_text(encoding="utf-8")
    assert "source: the-news\ntext: ../the news.txt\n" in form
    assert "# p1.1  Ben met Ada in Lisbon.\n" in form


def test_a_text_may_come_from_a_pipe(tmp_path):
    done = dragoman("draft", "-", "--title", "Talks: held", "--language", "en", cwd=tmp_path,
                    stdin=b"Ben met Ada.")  # fmt: skip
    assert b'source: talks-held\ntitle: "Talks: held"\nlanguage: en\n' in done.stdout
    assert b"# text: the file of the text, beside this one" in done.stdout


def test_names_of_a_base_of_ones_own_are_found(tmp_path):
    assert 0 == dragoman("init", "own", cwd=tmp_path).returncode
    (tmp_path / "own" / "data" / "people.ttl").write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<https://w3id.org/dragoman/id/person/ada> a dip:Person ; skos:prefLabel "Ada Marin"@en .\n',
        encoding="utf-8",
    )
    (tmp_path / "news.txt").write_text("Ada Marin came.", encoding="utf-8")
    done = dragoman("--base", "own", "draft", "news.txt", cwd=tmp_path)
    assert b"Ada Marin = person:ada" in done.stdout


@pytest.mark.parametrize(
    ("content", "arguments", "problem"),
    [
        (b"caf\xe9 met\n", [], "news.txt:1: it is not UTF-8 (byte 3). Save it as UTF-8, as plain text."),
        (b"a\nb\n\xff\xfea", [], "news.txt:3: it is not UTF-8 (byte 4). Save it as UTF-8, as plain text."),
        (b"", [], "news.txt: there are no words in it."),
        (b" \r\n\xef\xbb\xbf--- ...", [], "news.txt: there are no words in it."),
        (b"PK\0\0", [], "news.txt: it is no text: it has null bytes. Give the plain text."),
        (b"a" * 1_000_001, [], "news.txt: it has more than 1 MB, so it is no article. Give the text of one source."),
        (None, [], "news.txt: it cannot be read: No such file or directory."),
        (b"Ada met.", ["-o", "there.yaml"], "there.yaml exists already. Name another file."),
        (b"Ada met.", ["--date", "soon"], "--date 'soon' is no date: write it as in 2026-11-22, or 2026-11 or 2026 where no more is known."),
        (b"Ada met.", ["--language", "e n"], "--language 'e n' is no language tag: as in en or tr."),
        (b"Ada met.", ["--url", "x"], "--url 'x' is no web address."),
        (b"Ada met.", ["--name", "a b"], "'a b' cannot be the name of a source: use letters a to z, digits, and - _ . between them, at most 100. Try --name a-b."),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_line_and_nothing_is_written(
    tmp_path, content, arguments, problem
):
    (tmp_path / "there.yaml").write_text("mine", encoding="utf-8")
    if content is not None:
        (tmp_path / "news.txt").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    done = dragoman("draft", "news.txt", *arguments, cwd=tmp_path)
    assert (2, b"", f"Error: {problem}\n") == (done.returncode, done.stdout, done.stderr.decode())
    assert (before, "mine") == (
        sorted(tmp_path.iterdir()),
        (tmp_path / "there.yaml").read_text(encoding="utf-8"),
    )


def test_a_pipe_needs_a_name(tmp_path):
    done = dragoman("draft", "-", cwd=tmp_path, stdin=b"Ada met.")
    assert 2 == done.returncode
    assert (
        b"What is the source to be called? Give a --name, or a --title to take one from."
        in done.stderr
    )


def test_help_has_examples(tmp_path):
    assert (
        b"dragoman draft article.txt -o summit.yaml" in dragoman("draft", "-h", cwd=tmp_path).stdout
    )
