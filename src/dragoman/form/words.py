"""A source's text: its paragraphs and sentences, and words as places in it.

Offsets are zero-based code points of the text as it is decoded from UTF-8, the end exclusive. Every
code point counts: a byte order mark, both of CR LF, each mark of a letter that is written with
several, each part of an emoji. So they are the offsets of the passages, and those of `show --text`.

**Paragraphs.** A line ends with LF, CR, CR LF, or U+0085, U+2028, U+2029. A text that has an empty
line between two others, and no line of more than 120 code points, is taken as wrapped: its
paragraphs are what empty lines part. Of any other text each line that is not empty is a paragraph.

**Sentences.** A sentence ends with its paragraph; and with `.`, `!`, `?`, `…` or their Arabic forms
(several, and closing marks of quotation and brackets after them) where white space follows and then
no small letter, opening marks passed over; and with Chinese full stops wherever they stand. A dot
ends none after an initial (`J.`, `U.S.`, `Sz.`) or an abbreviation of the list below, nor between
two numbers (`30. 11. 2026`). Both are numbered from 1. White space around a sentence is not of it.

**Expressions** name a place in the text:

- `p5`: a paragraph; `p5-6`: paragraphs; `p5.2`: a sentence; `p5.2-3`: sentences of one paragraph.
- `the words`: as they stand in the text, once.
- `first … last` (or `...`, with white space around it): from the only place where the first words
  stand to the next end of the last words.
- `p5.2 the words`, `p5 first … last`: within that place.
- `310-482`: offsets. They need no text.
- `"p5"`: in double quotes words are words, whatever they look like.

Any white space matches any, and so do straight and curly marks of quotation, apostrophes, dashes,
and two ways in which Unicode writes one letter. Whole words come first: parts of words are meant
where the words stand nowhere as whole ones. Nothing else is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.errors import DragomanError, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Span = tuple[int, int]

# A line of more is no line of a wrapped text.
_WRAPPED: Final = 120
_LINE: Final = re.compile("(?:(?!\r\n)[^\n\r\u0085\u2028\u2029])+")
_OPENING: Final = "[\"'\u201c\u201d\u201e\u2018\u00ab\u00bb(\\[]*"
_CLOSING: Final = "[\"'\u201d\u201c\u2019\u00bb\u00ab)\\]]*"
_END: Final = re.compile(
    rf"[.!?\u2026\u061f\u06d4]+{_CLOSING}(?=\s+{_OPENING}(\S))|[\u3002\uff01\uff1f]+{_CLOSING}"
)
# Words and spaces that are as they are, wherever they stand.
_PLAIN: Final = re.compile("[!-~]+(?: [!-~]+)*")
# The word before a dot is looked for within so many letters, however long the sentence is.
_LONGEST_WORD: Final = 200
_LAST_WORD: Final = re.compile(rf"(?:^|\s){_OPENING}(\S+)\.$")
# In English, Turkish and Hungarian; in that the initials of two letters, too.
_ABBREVIATIONS: Final = re.compile(
    "Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Maj|Capt|Adm|Amb|Gov|Sen|Rep|Rev|Hon|St|No|vs|cf|e\\.g|i\\.e|approx|"
    "Jan|Feb|Mar|Apr|Aug|Sep|Sept|Oct|Nov|Dec|"
    "Sn|Doç|Av|Alb|Org|Korg|Tümg|Tuğg|Yrd|[Bb]kz|"
    "dr|ifj|id|özv|[Pp]l|ún|kb|jan|febr|márc|ápr|máj|jún|júl|aug|szept|okt|nov|dec|"
    "Cs|Dz|Gy|Ly|Ny|Sz|Ty|Zs"
)
_PLACE: Final = re.compile(r"p([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:-([0-9]{1,9}))?(?!\S)\s*", re.ASCII)
_OFFSETS: Final = re.compile(r"([0-9]{1,12})\s*[-\u2013]\s*([0-9]{1,12})", re.ASCII)
_BETWEEN: Final = r"\s+(?:\u2026|\.\.\.)\s+"
_PARTS: Final = re.compile(rf'("[^"]+"|.+?){_BETWEEN}(.+)', re.DOTALL)
_VERBATIM: Final = re.compile(rf'"((?:(?!"{_BETWEEN}).)+)"', re.DOTALL)
_UNFINISHED: Final = re.compile(r"(?:\u2026|\.\.\.)\s+\S.*|.*\S\s+(?:\u2026|\.\.\.)", re.DOTALL)
# What matches each other.
_ALIKE: Final = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u2018\u2019\u201b\u02bc", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
_JOINERS: Final = "\u200c\u200d"
_MOST_PLACES: Final = 5
# Of a long text this many words are compared with those that it has not.
_MOST_COMPARED: Final = 20_000


class WordsError(DragomanError):
    """Words that name no single place in a text; what is wrong, and what would be right."""


class _Sentence(NamedTuple):
    """A sentence, with the numbers of its paragraph and of itself in that."""

    start: int
    end: int
    paragraph: int
    number: int

    def __str__(self) -> str:
        return f"p{self.paragraph}.{self.number}"


class _Expression(NamedTuple):
    """An expression taken apart; the words without their quotes."""

    place: str
    within: Span | None
    first: str
    last: str


class Text:
    """The text of a source, in which words are places.

    Args:
        text: as it is decoded from UTF-8; None where it is not at hand, so that only offsets
            name places.
    """

    def __init__(self, text: str | None) -> None:
        self.text = text

    @cached_property
    def paragraphs(self) -> tuple[tuple[Span, ...], ...]:
        """Where the sentences of each paragraph stand."""
        text = self.text or ""
        return tuple(tuple(_sentences(text, *each)) for each in _paragraphs(text))

    def find(self, expression: str) -> Span:
        """Return the place that an expression names.

        Raises:
            WordsError: it names none, or several; the message says which are near.
        """
        if offsets := _OFFSETS.fullmatch(expression.strip()):
            return self._offsets(int(offsets[1]), int(offsets[2]), expression.strip())
        if self.text is None:
            raise WordsError(
                f"{_shown(expression)}: the text is not at hand, so only offsets name a place in "
                "it, as in 310-482. Give the file of the text, or offsets."
            )
        place, within, first, last = self._parse(expression.strip())
        if within is not None and not first:
            return within
        here = self._only(first, within or (0, len(self.text)), place, ends=not last)
        return self._until(here, first, last, within, place) if last else here

    def tell(self, start: int, end: int) -> str:
        """Return the shortest expression for a place, of those in words; offsets where none is.

        `find` gives that very place for it.
        """
        if self.text is None or not 0 <= start < end <= len(self.text):
            return f"{start}-{end}"
        scopes = self._scopes(start, end)
        told = next((each for each in scopes if self._is(each, (start, end))), None)
        if told is None:
            found = [each for scope in ("", *scopes) for each in self._worded(scope, (start, end))]
            told = min(found, key=len, default=f"{start}-{end}")
        return told

    def where(self, start: int) -> str:
        """Return the sentence in which a code point stands, as in p5.2."""
        row = bisect_right(self._flat, (start + 1,)) - 1
        return str(self._flat[max(row, 0)])

    @cached_property
    def _whole(self) -> list[Span]:
        return [(spans[0][0], spans[-1][1]) for spans in self.paragraphs]

    @cached_property
    def _flat(self) -> list[_Sentence]:
        return [
            _Sentence(*span, paragraph, number)
            for paragraph, spans in enumerate(self.paragraphs, 1)
            for number, span in enumerate(spans, 1)
        ]

    def _offsets(self, start: int, end: int, expression: str) -> Span:
        if start >= end:
            problem = "a place ends after it begins"
        elif self.text is not None and end > len(self.text):
            problem = f"it ends behind the text, which has {len(self.text):,} code points"
        else:
            return start, end
        raise WordsError(
            f'{expression}: {problem}. If these are words of the text, write "{expression}" in '
            "double quotes."
        )

    def _parse(self, expression: str) -> _Expression:
        place, within, rest = "", None, expression
        if told := _PLACE.match(expression):
            place, rest = told[0].strip(), expression[told.end() :]
            numbers = [int(each) if each else None for each in told.groups()]
            within = self._within(place, numbers[0] or 0, numbers[1], numbers[2])
        if not rest and within is None:
            raise WordsError("There are no words here: write some, or a place as in p5.2.")
        if verbatim := _VERBATIM.fullmatch(rest):
            return _Expression(place, within, _checked(verbatim[1]), "")
        parts = _PARTS.fullmatch(rest)
        if parts is None:
            if _UNFINISHED.fullmatch(rest):
                raise WordsError(
                    f"{_shown(rest)}: words stand before the … and after it: first … last."
                )
            return _Expression(place, within, rest, "")
        first, last = (
            _checked(quoted[1]) if (quoted := _VERBATIM.fullmatch(each)) else each
            for each in parts.groups()
        )
        if last == parts[2] and re.search(_BETWEEN, last):
            raise WordsError(
                f"{_shown(rest)}: there is one … between the first words and the last. Where the "
                'text has one itself, write the words in double quotes: "…".'
            )
        return _Expression(place, within, first, last)

    def _within(self, place: str, paragraph: int, sentence: int | None, until: int | None) -> Span:
        """Return where paragraphs or sentences begin and end."""
        if not self._whole:
            raise WordsError(f"{place}: the text is empty.")
        if sentence is None:
            return _joined(place, self._whole, (paragraph, until), "the text")
        _joined(place, self._whole, (paragraph, None), "the text")
        return _joined(place, self.paragraphs[paragraph - 1], (sentence, until), f"p{paragraph}")

    def _only(self, words: str, within: Span, place: str, *, ends: bool) -> Span:
        """Return the one place where words stand."""
        found = self._occurrences(words, within)
        if not found:
            raise WordsError(self._missing(words, place))
        if len(found) == 1:
            return found[0]
        starts = [self.where(start) for start, _ in found]
        verb = "stands at" if ends else "begins at"
        if len(set(starts)) == len(starts):
            raise WordsError(
                f"{_shown(words)} {verb} {_listed(starts)}: write the one that is meant before "
                f"it, as in {starts[-1]} {_shown(words)[1:-1]}."
            )
        where = list(dict.fromkeys(starts))
        offsets = _listed([f"{start}-{end}" for start, end in found], "or")
        raise WordsError(
            f"{_shown(words)} stands {len(found)} times, in {_listed(where)}: write more of the "
            f"words around it, or offsets: {offsets}."
        )

    def _until(self, here: Span, first: str, last: str, within: Span | None, place: str) -> Span:
        """Return the place from the first words to the next end of the last ones."""
        text = self.text or ""
        ends = self._occurrences(last, (here[1], within[1] if within else len(text)))
        if ends:
            return here[0], ends[0][1]
        everywhere = [self.where(start) for start, _ in self._occurrences(last, (0, len(text)))]
        if not everywhere:
            raise WordsError(self._missing(last, place))
        raise WordsError(
            f"{_shown(last)} does not come after {_shown(first)}{place and f' in {place}'}; it "
            f"stands at {_listed(everywhere)}."
        )

    def _missing(self, words: str, place: str) -> str:
        text = self.text or ""
        if place:
            elsewhere = [self.where(start) for start, _ in self._occurrences(words, (0, len(text)))]
            if elsewhere:
                return f"{_shown(words)} is not in {place}; it stands at {_listed(elsewhere)}."
        near = self._nearest(words)
        advice = f"; nearest: {_shown(text[slice(*near)])} in {self.where(near[0])}" if near else ""
        return f"{_shown(words)} is not in the text{advice}."

    def _nearest(self, words: str) -> Span | None:
        """Return where words stand that look most like these; None where none do."""
        from difflib import SequenceMatcher

        text, wanted = self.text or "", " ".join(words.split()).casefold()
        tokens = [each.span() for each in re.finditer(r"\S+", text)][:_MOST_COMPARED]
        size = len(wanted.split())
        matcher = SequenceMatcher(None, b=wanted, autojunk=False)
        best, place = 0.6, None
        for begin, end in zip(tokens, tokens[size - 1 :], strict=False):
            matcher.set_seq1(" ".join(text[begin[0] : end[1]].split()).casefold())
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                likeness = matcher.ratio()
                if likeness > best:
                    best, place = likeness, (begin[0], end[1])
        return place and (place[0], place[0] + len(text[slice(*place)].rstrip(",;:")))

    @cached_property
    def _levelled(self) -> tuple[str, list[int]]:
        return _level(self.text or "")

    def _occurrences(self, words: str, within: Span) -> list[Span]:
        """Return where words stand, those that overlap too: whole words, or else parts of such."""
        text, (level, places) = self.text or "", self._levelled
        wanted = _level(words.strip())[0]
        first, last = (bisect_left(places, each) for each in within)
        found: list[Span] = []
        here = level.find(wanted, first, last)
        while here >= 0:
            end = here + len(wanted)
            # neither may be between a letter and its mark
            if places[here] != places[here - 1] and places[end] != places[end - 1]:
                found.append((places[here], places[end]))
            here = level.find(wanted, here + 1, last)
        return [
            each for each in found if not _cuts(text, each[0]) and not _cuts(text, each[1])
        ] or found

    def _scopes(self, start: int, end: int) -> list[str]:
        """Return the sentences, and the paragraphs, that enclose a place."""
        if not self._flat:
            return []
        ends = (start, max(end - 1, start))
        first, last = (self._flat[max(bisect_right(self._flat, (x + 1,)) - 1, 0)] for x in ends)
        if first.paragraph != last.paragraph:
            return [f"p{first.paragraph}-{last.paragraph}"]
        more = f"-{last.number}" if first.number != last.number else ""
        return [f"p{first.paragraph}", f"{first}{more}"]

    def _worded(self, scope: str, span: Span) -> Iterator[str]:
        """Give the shortest expression in words within a scope, as far as there are any."""
        words = (self.text or "")[slice(*span)].split()
        before = f"{scope} " if scope else ""
        whole = f"{before}{_quoted(' '.join(words))}" if words else ""
        if whole and self._is(whole, span):
            yield whole
        for count in range(1, min(len(words), 8)):
            first = _quoted(" ".join(words[:count]))
            if not self._begins(f"{before}{first}", span[0]):
                continue
            for last in range(1, min(len(words) - count, 8) + 1):
                told = f"{before}{first} \u2026 {_quoted(' '.join(words[-last:]))}"
                if self._is(told, span):
                    yield told
                    return
            return

    def _begins(self, expression: str, start: int) -> bool:
        try:
            return self.find(expression)[0] == start
        except WordsError:
            return False

    def _is(self, expression: str, span: Span) -> bool:
        try:
            return self.find(expression) == span
        except WordsError:
            return False


def sentences(text: str) -> list[Span]:
    """Return where each sentence of a text stands, whatever its paragraph."""
    return [each for paragraph in Text(text).paragraphs for each in paragraph]


def _paragraphs(text: str) -> list[Span]:
    """Return where paragraphs begin and end."""
    lines = [each.span() for each in _LINE.finditer(text)]
    told = [each for each in lines if text[slice(*each)].strip("\ufeff \t\r\n\f\v\u00a0").strip()]
    if any(end - start > _WRAPPED for start, end in told):
        return told
    found: list[list[int]] = []
    for start, end in told:
        if found and _line_ends(text[found[-1][1] : start]) == 1:
            found[-1][1] = end
        else:
            found.append([start, end])
    return [(start, end) for start, end in found] if len(found) > 1 else told


def _line_ends(text: str) -> int:
    return len(re.findall("\r\n|[\n\r\u0085\u2028\u2029]", text))


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Give where the sentences of a paragraph stand."""
    for stop in (*_END.finditer(text, start, end), None):
        until = end if stop is None else stop.end()
        near = max(start, until - _LONGEST_WORD)
        if stop is not None and not _ends(text[near:until], stop[1] or ""):
            continue
        part = text[start:until]
        begin = start + len(part) - len(part.lstrip().lstrip("\ufeff").lstrip())
        if part.strip("\ufeff").strip():
            yield begin, start + len(part.rstrip())
        start = until


def _ends(part: str, following: str) -> bool:
    """Return whether a text ends a sentence, when this letter comes next."""
    if following.islower():
        return False
    word = _LAST_WORD.search(part)
    if word is None:
        return True
    initial = all(len(each) == 1 and each.isupper() for each in word[1].split("."))
    numbers = following.isdecimal() and word[1].isdecimal()
    return not (initial or numbers or _ABBREVIATIONS.fullmatch(word[1]))


def _level(text: str) -> tuple[str, list[int]]:
    """Return a text in which what matches each other is equal, and where each letter of it stands.

    White space is one space; a letter and its marks are as one, where Unicode has one for them.
    """
    letters: list[str] = []
    places: list[int] = []
    start = 0
    while start < len(text):
        if (run := _PLAIN.match(text, start)) and run.end() > start + 1:
            end = run.end() - 1  # the last of them may have marks
            letters.append(text[start:end].translate(_ALIKE))
            places += range(start, end)
            start = end
        belongs = str.isspace if text[start].isspace() else _is_mark
        end = start + 1
        while end < len(text) and belongs(text[end]):
            end += 1
        here = text[start:end]
        plain = " " if belongs is str.isspace else unicodedata.normalize("NFC", here)
        letters.append(plain.translate(_ALIKE))
        places += [start] * len(plain)
        start = end
    return "".join(letters), [*places, len(text)]


def _is_mark(letter: str) -> bool:
    """Return whether a code point is a part of the letter before it."""
    return not letter.isascii() and (
        unicodedata.category(letter).startswith("M") or "\u1160" <= letter <= "\u11ff"
    )


def _cuts(text: str, place: int) -> bool:
    """Return whether a place is inside of a word."""
    return 0 < place < len(text) and all(
        each.isalnum() or each == "_" or each in _JOINERS or _is_mark(each)
        for each in text[place - 1 : place + 1]
    )


def _quoted(words: str) -> str:
    """Return words so that they are read as words."""
    odd = (
        _PLACE.match(words)
        or _OFFSETS.fullmatch(words)
        or re.search(_BETWEEN, f" {words} ")
        or (words.startswith('"') and words.endswith('"'))
    )
    return f'"{words}"' if odd else words


def _checked(words: str) -> str:
    if not words.strip():
        raise WordsError('There are no words between the double quotes: "".')
    return words.strip()


def _shown(words: str) -> str:
    """Return words as a message shows them: on one line, and not too many."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in words).split())
    return repr(plain if len(plain) <= 80 else f"{plain[:60]}\u2026{plain[-18:]}")


def _listed(items: list[str], word: str = "and") -> str:
    """Return up to five items as words."""
    shown = items[:_MOST_PLACES]
    if len(items) > len(shown):
        shown.append(counted(len(items) - len(shown), "more place"))
    return f" {word} ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _joined(place: str, spans: Sequence[Span], numbers: tuple[int, int | None], of: str) -> Span:
    """Return where the parts of these numbers begin and end."""
    first, last = numbers[0], numbers[0] if numbers[1] is None else numbers[1]
    if not (1 <= first <= len(spans) and 1 <= last <= len(spans)):
        noun, before = ("paragraph", "p") if of == "the text" else ("sentence", f"{of}.")
        until = f" to {before}{len(spans)}" if len(spans) > 1 else ""
        raise WordsError(f"{place}: {of} has {counted(len(spans), noun)}, {before}1{until}.")
    if last < first:
        raise WordsError(f"{place}: the first of two numbers is the smaller one.")
    return spans[first - 1][0], spans[last - 1][1]
