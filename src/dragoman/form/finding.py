"""What a text has that is known: names of things, days, and words that hint at more.

It reads no meaning: names are found by their spellings with the endings that are listed, hints by
the expressions of `cues.toml`. The same text and base give the same, in the order of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dragoman import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.names import Name

_FILE: Final = Path(__file__).with_name("cues.toml")
# Letters and digits, with marks of their own.
_ATOM: Final = re.compile("(?:[^\\W_]|[\u0300-\u036f])+")
# What stands between two words of one name.
_WITHIN: Final = re.compile(r"[\s.'\u2019\u2018\u02bc\u2010-\u2013-]{1,3}")
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b", re.ASCII)
_DOTTED: Final = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"\b(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})\b", re.ASCII)
# A shorter name takes no ending: too many words begin so.
_SHORTEST: Final = 4
# A day or a year stands within so many code points before a month.
_BEFORE_MONTH: Final = 20
# The groups of hints whose values are of a list of the same name.
GROUPS: Final = ("status", "act", "event-type", "mode")
# The capitals of a set for `re`, which has no class of them.
UPPER: Final = "".join(filter(str.isupper, map(chr, range(0x530))))
_CAPITALS: Final = rf"[{UPPER}][\w-]*"


class Found(NamedTuple):
    """What was found in a text.

    Attributes:
        start: its first code point.
        end: the one after its last.
        kind: `thing`, `weekday`, `day` (XSD spells it), `day without a year`, `voice`, `host`,
            `person` (not known), `session` (of which number), or a group of hints.
        values: IRIs of the things, or what the words hint at.
    """

    start: int
    end: int
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Cues:
    """What words hint at in one language, as `cues.toml` has it."""

    language: str
    table: dict[str, Any]

    def list(self, key: str) -> list[str]:
        """Return a list of words."""
        return list(self.table.get(key, ()))


@cache
def _table() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def listed(key: str) -> list[str]:
    """Return a list that holds for all languages."""
    return list(_table()[key])


def cues(language: str) -> Cues:
    """Return what words of a language hint at; of one that is not listed nothing."""
    tongue = language.partition("-")[0].lower()
    return Cues(tongue, _table().get(tongue, {}))


def language_of(text: str) -> str:
    """Return the language of which a text has most common words; English where it has none."""
    words = [each.casefold() for each in _ATOM.findall(text)]
    listed = [key for key, value in _table().items() if isinstance(value, dict)]
    return max(
        listed, key=lambda each: sum(map(set(cues(each).list("common")).__contains__, words))
    )


class Finder:
    """Finds names and hints in texts of one language."""

    def __init__(self, known: Iterable[Name], language: str) -> None:
        """Look for names.

        Args:
            known: the names; those that begin with a small letter count in the text's language.
            language: that of the texts.
        """
        self._cues = cues(language)
        folded = {names.fold(each) for each in self._cues.list("endings")}
        self._endings = sorted(folded, key=lambda each: (-len(each), each))
        self._things: dict[tuple[str, ...], set[tuple[str, str]]] = defaultdict(set)
        self._begun: set[tuple[str, ...]] = set()
        table, fold = self._cues.table, names.fold
        self._weekdays_listed = {fold(e): n for n, e in enumerate(self._cues.list("weekdays"))}
        self._short_months = {fold(e): n - 1 for e, n in table.get("short_months", {}).items()}
        self._months = self._short_months | {
            fold(each): number for number, each in enumerate(self._cues.list("months"))
        }
        # where months have a capital, what has none may be another word
        self._capital = any(word[0].isupper() for word in self._cues.list("months"))
        self._session = _session(self._cues)
        self._numbers = {fold(each): number for each, number in table.get("numbers", {}).items()}
        for name in known:
            if name.text[:1].islower() and name.language.partition("-")[0] != self._cues.language:
                continue
            if name.language or not (name.text.isascii() and name.text.isupper()):  # no code
                self.add(name.text, name.thing)

    @property
    def family_first(self) -> bool:
        """Whether people's family names stand first."""
        return bool(self._cues.table.get("names_first"))

    @property
    def speaker_first(self) -> bool:
        """Whether of the people before a verb of saying the first one speaks, and not the last."""
        return bool(self._cues.table.get("speaker_first"))

    def add(self, name: str, thing: str) -> None:
        """Look for one more name."""
        atoms = tuple(names.parts(names.fold(name)))
        if atoms:
            self._things[atoms].add((thing, name))
            self._begun.update(atoms[:size] for size in range(1, len(atoms)))

    def named(self, text: str, start: int, end: int) -> list[Found]:
        """Return the names in a part of a text, in its order; none inside of another."""
        things = self._names(text, start, end)
        return sorted({*things, *self._people(text, start, end, things)})

    def found(self, text: str, start: int, end: int) -> list[Found]:
        """Return all that a part of a text has, in its order."""
        here = [*self.named(text, start, end), *self._days(text, start, end)]
        here += self._weekdays(text, start, end)
        here += self._sessions(text, start, end)
        for group in GROUPS:
            here += self._hints(text, start, end, group)
        for pattern in self._cues.list("voices"):
            voices = re.compile(pattern, re.IGNORECASE).finditer(text, start, end)
            here += [Found(*each.span("voice"), "voice", (each["voice"],)) for each in voices]
        for cue in self._cues.list("hosts"):
            hosts = _expression(cue).finditer(text, start, end)
            here += [Found(*each.span(), "host", ()) for each in hosts]
        return sorted(set(here))

    def _names(self, text: str, start: int, end: int) -> list[Found]:
        atoms = [each.span() for each in _ATOM.finditer(text, start, end)]
        folded = [_folded(text[slice(*each)]).replace(" ", "") for each in atoms]
        found, number = [], 0
        while number < len(atoms):
            best = self._longest(text, atoms, folded, number)
            if best is None:
                number += 1
                continue
            last, things, cut = best
            until = atoms[last][1] - cut
            known = tuple(each for each in things if "://" in each)
            kind = "thing" if known else "person"  # whose full name the text has elsewhere
            found.append(Found(atoms[number][0], until, kind, known or things))
            number = last + 1
        return found

    def _longest(
        self, text: str, atoms: Sequence[tuple[int, int]], folded: Sequence[str], first: int
    ) -> tuple[int, tuple[str, ...], int] | None:
        """Return the last word of the longest name from a word on, its things, and its ending."""
        before: tuple[str, ...] = ()
        best = None
        for last in range(first, len(atoms)):
            if last > first and not _WITHIN.fullmatch(text, atoms[last - 1][1], atoms[last][0]):
                break
            for stem in (folded[last], *self._stems(folded[last])):
                cut = _cut(text[slice(*atoms[last])], stem)
                printed = text[atoms[first][0] : atoms[last][1] - cut]
                told = self._things.get((*before, stem), ())
                if things := {thing for thing, name in told if _is_so(printed, name)}:
                    best = (last, tuple(sorted(things)), cut)
                    break
            before = (*before, folded[last])
            if before not in self._begun:
                break
        return best

    def _stems(self, atom: str) -> list[str]:
        """Return what is left of a word without each of the endings."""
        return [
            atom.removesuffix(each)
            for each in self._endings
            if atom.endswith(each) and len(atom) - len(each) >= _SHORTEST
        ]

    def _hints(self, text: str, start: int, end: int, group: str) -> list[Found]:
        found: list[Found] = []
        plain = _folded(text[start:end])
        for value, expressions in self._cues.table.get(group, {}).items():
            for each in expressions:
                if _sign(each) in plain:  # most are not, and this is told in no time
                    matches = _expression(each).finditer(text, start, end)
                    found += [Found(*match.span(), group, (value,)) for match in matches]
        # an expression inside of another says nothing of its own
        return [
            each
            for each in found
            if not any(
                other.start <= each.start
                and each.end <= other.end
                and other.end - other.start > each.end - each.start
                for other in found
            )
        ]

    def label(self, key: str, *values: str) -> tuple[str, str]:
        """Return what something is called in the language of the texts, and in English."""
        english = str(cues("en").table[key]).format(*values)
        return str(self._cues.table.get(key, english)).format(*values), english

    def is_definite(self, text: str, found: Found) -> bool:
        """Return whether a word before says that it is one told of before, or none can say so."""
        told = self._cues.list("definite")
        before = _ATOM.findall(text[max(found.start - 40, 0) : found.start])
        return not told or any(each.casefold() in told for each in before[-2:])

    def belongs(self, between: str) -> bool:
        """Return whether words between a person and a party say that the person is of it."""
        words = [each for each in between.split() if each != "the"]
        return len(words) == 1 and words[0] in self._cues.list("party_after")

    def before_time(self, text: str) -> str:
        """Return the words at the end of a text that go with a time after it."""
        words = "|".join(self._cues.list("before_time"))
        found = re.search(rf"(?<!\w)(?:{words})\s+$", text, re.IGNORECASE) if words else None
        return found[0] if found else ""

    def rank(self, group: str, value: str) -> int:
        """Return which of the values of a group comes first."""
        return list(self._cues.table.get(group, {})).index(value)

    def _weekdays(self, text: str, start: int, end: int) -> list[Found]:
        english = cues("en").list("weekdays")
        return [
            Found(*each, "weekday", (english[number],))
            for number, each in self._words(text, start, end, self._weekdays_listed)
        ]

    def _sessions(self, text: str, start: int, end: int) -> Iterator[Found]:
        """Give which sessions are told of: the third session, the 2nd meeting."""
        if self._session is None:
            return
        for each in self._session.finditer(text, start, end):
            number = int(each["number"] or self._numbers[_folded(each["word"])])
            yield Found(*each.span(), "session", (str(number),))

    def _words(
        self, text: str, start: int, end: int, listed: Mapping[str, int], *, capital: bool = False
    ) -> list[tuple[int, tuple[int, int]]]:
        """Return where words stand, with any of the endings, and which they are.

        Args:
            text: where to look.
            start: from where on.
            end: until where.
            listed: the words, folded.
            capital: what begins with a small letter is another word.
        """
        found = []
        for each in _ATOM.finditer(text, start, end):
            if capital and each[0][:1].islower():
                continue
            atom = _folded(each[0])
            word = next((stem for stem in (atom, *self._stems(atom)) if stem in listed), None)
            if word is not None:
                found.append((listed[word], each.span()))
        return found

    def _days(self, text: str, start: int, end: int) -> list[Found]:
        found: list[Found] = []

        def add(span: tuple[int, int], year: str, month: int, day: str) -> None:
            try:
                told = date(int(year or 2000), month, int(day or 1)).isoformat()
            except ValueError:
                return
            if not year:
                found.append(Found(*span, "day without a year", (told[5:],)))
            else:
                found.append(Found(*span, "day", (told if day else told[:7],)))

        for each in _ISO.finditer(text, start, end):
            add(each.span(), each[1], int(each[2]), each[3])
        for each in _DOTTED.finditer(text, start, end):
            add(each.span(), each[3], int(each[2]), each[1])
        for each in _YEAR_FIRST.finditer(text, start, end):
            add(each.span(), each[1], int(each[2]), each[3])
        ordinal = "|".join(self._cues.list("ordinal"))
        after = re.compile(rf"\s+(\d{{1,2}})(?:-?(?:{ordinal}))?(?!\d)(?:,?\s+(\d{{4}})\b)?")
        year_after = re.compile(r",?\s+(\d{4})\b")
        day_before = re.compile(rf"(?<!\d)(\d{{1,2}})(?:{ordinal}|\.)?(?:\s+of)?\s+$")
        year_before = re.compile(r"(?<!\d)(\d{4})\.?\s+$")
        months = self._words(text, start, end, self._months, capital=self._capital)
        for month, (first, last) in months:
            if text[last : last + 1] == "." and _folded(text[first:last]) in self._short_months:
                last += 1  # noqa: PLW2901  the dot is of the word
            begin = max(start, first - _BEFORE_MONTH)
            earlier = text[begin:first]
            if day := day_before.search(earlier):
                year = year_after.match(text, last, end)
                until = year.end() if year else last
                add((begin + day.start(), until), year[1] if year else "", month + 1, day[1])
            elif told := after.match(text, last, end):
                year = year_before.search(earlier)
                begin = begin + year.start() if year else first
                add(
                    (begin, told.end()),
                    (year[1] if year else "") or told[2] or "",
                    month + 1,
                    told[1],
                )
            elif told := year_after.match(text, last, end):
                add((first, told.end()), told[1], month + 1, "")
        return found

    def _people(self, text: str, start: int, end: int, things: Sequence[Found]) -> list[Found]:
        """Return names beside a title that no thing is known by."""
        title = self._cues.table.get("titles")
        if not title:
            return []
        name = rf"(?P<name>{_CAPITALS}(?:\s{_CAPITALS}){{0,3}})"
        pattern = (
            rf"{name}\s{title}\b"
            if self.family_first
            else rf"{title}\s(?:\([^()]{{1,20}}\)\s)?{name}"
        )
        starts = [each.start for each in things]
        found = []
        for each in re.compile(rf"\b{pattern}").finditer(text, start, end):
            first, last = each.span("name")
            inside = bisect_right(starts, last - 1) - bisect_right(starts, first - 1)
            if not inside:
                found.append(Found(first, last, "person", (text[first:last],)))
        return found


def _cut(word: str, stem: str) -> int:
    """Return how many letters of a word are behind what is left of it when it is folded."""
    for size in range(len(word), 0, -1):
        if _folded(word[:size]) == stem:
            return len(word) - size
    return 0


def _is_so(printed: str, name: str) -> bool:
    """Return whether a name is printed with its capitals: one word without is another word."""
    if name.isupper() and len(name) > 1:
        return printed.isupper()
    return not name[:1].isupper() or not printed[:1].islower() or " " in name


def _session(found: Cues) -> re.Pattern[str] | None:
    """Return the expression for a session with its number; None for a language without."""
    words = "|".join(found.table.get("numbers", ()))
    if not words:
        return None
    number = rf"(?:(?P<word>{words})|(?P<number>\d{{1,3}}){found.table['numbered']})"
    # one word may stand between: the second regular session
    pattern = rf"(?<!\w){number}\s+(?:[\w-]+\s+)?{found.table['sessions']}(?!\w)"
    return re.compile(pattern, re.IGNORECASE)


_folded = lru_cache(maxsize=100_000)(names.fold)


@cache
def _sign(cue: str) -> str:
    """Return the longest part of a cue, which stands, folded, wherever the cue does."""
    return max(names.fold(cue).replace("*", " ").split(), key=len)


@cache
def _expression(cue: str) -> re.Pattern[str]:
    words = (re.escape(word).replace(r"\*", r"\w*") for word in cue.split())
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", re.IGNORECASE)
