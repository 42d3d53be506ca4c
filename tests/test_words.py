"""The places that words name in a source's text: there and back, and what is said of wrong ones."""
# ruff: noqa: E501, ISC004  long sentences

from __future__ import annotations

import random
import time

import pytest

from dragoman.errors import DragomanError
from dragoman.form.words import Text, WordsError, sentences

TEXT = (
    "The first session of the Harbour Dialogue was held on Tuesday. Minister Ada Harbour led it.\n"
    "Ada Harbour met Ben Quay. The two are expected to sign a series of agreements. Ben Quay "
    "spoke of “shared interests” – and of a shared “harbour”.\n"
    "EURATOM was named; the EU was, too. It’s said that France’s minister of p5 came.\n"
)
HARD = {
    "plain": TEXT,
    "wrapped": "A title\n\nMr. Ode met\nDr. Elm in  the\r\nU.S. on Jan. 3.\n\n\n“Yes!” he\nsaid. No.\n",
    "right to left": "التقى الوزيران في بغداد؟ قال إنّ الاتّفاق وشيك. התחילה הישיבה — ״כן״ אמר.\n",
    "combining": "Andre\u0301 a vu Andre. Zoe\u0308 et André.\nE\u0301 e e\u0301 é e e\n",
    "emoji": "👩‍👩‍👧 met 👍🏽. They 🇹🇷 and 🇭🇺 met 👍. 👍🏽👍🏽 👍\n",
    "repeated": "the the the. The the the … the the. the … the ... the\n" * 3,
    "windows": "\ufeffOne met.\r\nTwo met two.  One met.\r\n\r\nThree.\r\n",
    "looks": 'p5 10-20 "p5" p5.2 words … "x" p1 … p2 "a … b" \'c\' 5-6. p1\n',
    "unspaced": "两国外长会晤。他们签署了协议！会晤结束",
    "one letter": "x",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One met. Two met.", [["One met.", "Two met."]]),
        ("A title\n\nMr. Ode met Dr. Elm in the U.S. on Jan. 3. “Yes!” he said.\n",
         [["A title"], ["Mr. Ode met Dr. Elm in the U.S. on Jan. 3.", "“Yes!” he said."]]),
        ("It rose by 2.5 per cent? So he said", [["It rose by 2.5 per cent?", "So he said"]]),
        ("Görüştüler. İki ülke… Şimdi.", [["Görüştüler.", "İki ülke…", "Şimdi."]]),
        ("T.C. Büyükelçisi Prof. Dr. Ö. Ak ile Sn. Ay görüştü. örnek",
         [["T.C. Büyükelçisi Prof. Dr. Ö. Ak ile Sn. Ay görüştü. örnek"]]),
        ("Sz. Anna és ifj. Kis Gy. Pál 2026. 11. 30. napján, kb. 12-kor, pl. Pécsett járt. Ők is.",
         [["Sz. Anna és ifj. Kis Gy. Pál 2026. 11. 30. napján, kb. 12-kor, pl. Pécsett járt.",
           "Ők is."]]),
        ("(It ended.) “Now,” she said. (“No.”) 24 came.",
         [["(It ended.)", "“Now,” she said.", "(“No.”)", "24 came."]]),
        ("قال نعم؟ ثم مضى۔ انتهى", [["قال نعم؟", "ثم مضى۔", "انتهى"]]),
        ("会晤。他们签署了！完", [["会晤。", "他们签署了！", "完"]]),
        # lines are paragraphs, or are wrapped
        ("One\nTwo\r\nThree\rFour", [["One"], ["Two"], ["Three"], ["Four"]]),
        ("One\nmet.\n \t\nTwo\r\nmet.\n\n\n", [["One\nmet."], ["Two\r\nmet."]]),
        (f"A title\n\n{'One met. ' * 20}\nTwo met.", [["A title"], ["One met."] * 20, ["Two met."]]),
        ("\n\nOne\nTwo\n\n", [["One"], ["Two"]]),
        ("\ufeffOne met.\r\n", [["One met."]]),
        ("\n \n", []),
        ("", []),
        ("...", [["..."]]),
    ],
)  # fmt: skip
def test_paragraphs_and_sentences_are_counted_in_code_points(text, expected):
    told = Text(text).paragraphs
    assert expected == [[text[start:end] for start, end in spans] for spans in told]
    assert sentences(text) == [span for spans in told for span in spans]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("p1", TEXT.splitlines()[0]),
        ("p1.2", "Minister Ada Harbour led it."),
        ("p2.1-2", "Ada Harbour met Ben Quay. The two are expected to sign a series of agreements."),
        ("p1-2", TEXT[: TEXT.index("\nEUR")]),
        ("0-9", "The first"),
        ("0–9", "The first"),
        ("Harbour Dialogue", "Harbour Dialogue"),
        ("  Harbour \n Dialogue ", "Harbour Dialogue"),
        ("p2 Ada Harbour", "Ada Harbour"),
        ("p2.1-2 Ben Quay", "Ben Quay"),
        ("The two … series", "The two are expected to sign a series"),
        ("The two ... series", "The two are expected to sign a series"),
        ("p2 Ada … Ben Quay", "Ada Harbour met Ben Quay"),
        ("met … Ben", "met Ben"),
        ('"p5" … came', "p5 came"),
        ('"p5"', "p5"),
        ('p3 "p5" … "came"', "p5 came"),
        ("spoke of \"shared interests\" - and", "spoke of “shared interests” – and"),
        ('“shared interests”', "“shared interests”"),
        ('""shared interests""', "“shared interests”"),
        ("France's minister", "France’s minister"),
        ("EU", "EU"),  # and not that in EURATOM
        ("EURA", "EURA"),
        ("EURATOM … EU", "EURATOM was named; the EU"),
    ],
)  # fmt: skip
def test_expressions_name_places(expression, expected):
    start, end = Text(TEXT).find(expression)
    assert expected == TEXT[start:end]


def test_white_space_and_the_ways_to_write_a_letter_make_no_difference():
    text = "The\u00a0two\r\n  sides met Andre\u0301. Andre left."
    assert (0, 16) == Text(text).find("The two sides")
    assert "Andre\u0301" == text[slice(*Text(text).find("André"))]
    assert "Andre left" == text[slice(*Text(text).find("Andre … left"))]  # not that of André


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("Ada Harbour", "'Ada Harbour' stands at p1.2 and p2.1: write the one that is meant before "
         "it, as in p2.1 Ada Harbour."),
        ("Ben Quay … of", "'Ben Quay' begins at p2.1 and p2.3: write the one that is meant before "
         "it, as in p2.3 Ben Quay."),
        ("shared", "'shared' stands 2 times, in p2.3: write more of the words around it, or offsets: "
         "190-196 or 219-225."),
        ("was", "'was' stands 3 times, in p1.1 and p3.1: write more of the words around it, or "
         "offsets: 42-45, 245-248 or 263-266."),
        ("Minister Ada Habour", "'Minister Ada Habour' is not in the text; nearest: 'Minister Ada "
         "Harbour' in p1.2."),
        ("minister Ada Harbour", "'minister Ada Harbour' is not in the text; nearest: 'Minister Ada "
         "Harbour' in p1.2."),
        ("quite unlike", "'quite unlike' is not in the text."),
        ("p1 Ben Quay", "'Ben Quay' is not in p1; it stands at p2.1 and p2.3."),
        ("agreements … expected", "'expected' does not come after 'agreements'; it stands at p2.2."),
        ("p2.2 The … Quay", "'Quay' does not come after 'The' in p2.2; it stands at p2.1 and p2.3."),
        ("The two … serie of", "'serie of' is not in the text; nearest: 'series of' in p2.2."),
        ("p9", "p9: the text has 3 paragraphs, p1 to p3."),
        ("p0", "p0: the text has 3 paragraphs, p1 to p3."),
        ("p1.3", "p1.3: p1 has 2 sentences, p1.1 to p1.2."),
        ("p2.2-9 Ben", "p2.2-9: p2 has 3 sentences, p2.1 to p2.3."),
        ("p2.3-1", "p2.3-1: the first of two numbers is the smaller one."),
        ("p2-1", "p2-1: the first of two numbers is the smaller one."),
        ("9-0", "9-0: a place ends after it begins. If these are words of the text, write \"9-0\" in "
         "double quotes."),
        ("2025-2026", "2025-2026: it ends behind the text, which has 318 code points. If these are "
         "words of the text, write \"2025-2026\" in double quotes."),
        ("", "There are no words here: write some, or a place as in p5.2."),
        ('"  "', 'There are no words between the double quotes: "".'),
        ("The two …", "'The two …': words stand before the … and after it: first … last."),
        ("... it", "'... it': words stand before the … and after it: first … last."),
        ("a … b … c", "'a … b … c': there is one … between the first words and the last. Where the "
         "text has one itself, write the words in double quotes: \"…\"."),
    ],
)  # fmt: skip
def test_what_names_no_place_is_told_with_the_candidates(expression, message):
    with pytest.raises(WordsError) as error:
        Text(TEXT).find(expression)
    assert message == str(error.value)
    assert isinstance(error.value, DragomanError)


def test_many_candidates_are_counted():
    with pytest.raises(WordsError, match=r"p1.1, p2.1, p3.1, p4.1, p5.1 and 3 more places: write"):
        Text("We met.\n" * 8).find("met")


def test_without_the_text_there_are_offsets_only():
    assert (310, 482) == Text(None).find("310-482")
    assert "310-482" == Text(None).tell(310, 482)
    assert () == Text(None).paragraphs
    with pytest.raises(WordsError, match=r"^'p5': the text is not at hand, so only offsets"):
        Text(None).find("p5")
    with pytest.raises(WordsError, match=r"^p1: the text is empty\.$"):
        Text("").find("p1")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Minister Ada Harbour led it.", "p1.2"),
        (TEXT.splitlines()[1], "p2"),
        ("Ada Harbour met Ben Quay. The two are expected to sign a series of agreements.", "p2.1-2"),
        ("The two", "The two"),
        ("expected to sign a series of agreements", "expected … agreements"),
        ("p5 came", '"p5 came"'),
        (TEXT.strip(), "p1-3"),
    ],
)  # fmt: skip
def test_the_shortest_expression_is_told(words, expected):
    start = TEXT.index(words)
    assert expected == Text(TEXT).tell(start, start + len(words))


def test_words_that_stand_twice_are_told_with_their_place():
    start = TEXT.rindex("Ada Harbour")
    assert "p2 Ada Harbour" == Text(TEXT).tell(start, start + 11)
    assert "p1.2 Ada" == Text("Ada met. Ada left.\nAda.").tell(9, 12)
    assert "0-3" == Text("Ada, Ada").tell(0, 3)


@pytest.mark.parametrize("name", HARD)
def test_what_is_told_of_a_place_names_that_very_place(name):
    text = HARD[name]
    told, chance = Text(text), random.Random(name)  # noqa: S311
    for _ in range(1000):
        start = chance.randrange(len(text))
        end = chance.randint(start + 1, min(len(text), start + chance.choice([3, 20, 400])))
        expression = told.tell(start, end)
        assert (start, end) == told.find(expression), expression
    for spans in told.paragraphs:
        assert told.tell(spans[0][0], spans[-1][1]).startswith("p")


def test_a_long_text_is_no_trouble():
    text = "The two sides met in the hall. " * 3000 + "Ada came."
    assert "Ada" == Text(text).tell(len(text) - 9, len(text) - 6)
    with pytest.raises(
        WordsError, match=r"is not in the text; nearest: 'in the hall\.' in p1\.1\.$"
    ):
        Text(text).find("in the halls.")


def test_a_paragraph_of_many_initials_and_one_of_many_alike_sentences_are_no_trouble():
    begun = time.process_time()
    assert 1 == len(Text("A. " * 60_000).paragraphs[0])
    assert "p1.1 Go" == Text("Go go. " * 20_000).tell(0, 2)
    assert time.process_time() - begun < 20  # 2 s on a quiet machine
