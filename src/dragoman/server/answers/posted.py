"""What a form of a page sends: its fields, and its files."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from dragoman.server.problems import Refusal

if TYPE_CHECKING:
    from dragoman.server.exchange import Request

# Fields of one form, and files: more are no form of ours.
_MOST = 200
_FORM = "application/x-www-form-urlencoded"


class Upload(NamedTuple):
    """A file that was sent.

    Attributes:
        name: what it was called, without folders.
        content: its bytes.
    """

    name: str
    content: bytes


class Posted(NamedTuple):
    """A form that was sent.

    Attributes:
        fields: names and values, in their order.
        files: files, with the names of their fields.
    """

    fields: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, Upload], ...] = ()

    def told(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        return next((value for each, value in self.fields if each == name), default)

    def text(self, name: str) -> str:
        """Return a field of several lines; browsers end lines in their own way, and we by LF."""
        return self.told(name).replace("\r\n", "\n")

    def uploads(self, name: str) -> list[Upload]:
        """Return the files of a field; one that was left empty is none."""
        return [file for each, file in self.files if each == name and (file.name or file.content)]


def posted(request: Request) -> Posted:
    """Read what a form sent.

    Raises:
        Refusal: the body is no form, or is broken.
    """
    if request.media_type == _FORM:
        try:
            text = request.body.decode()
            return Posted(tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST)))
        except ValueError as error:
            raise Refusal(400, f"The form cannot be read: {error}.") from error
    if request.media_type == "multipart/form-data":
        return _parts(request)
    raise Refusal(415, f"A form is sent as {_FORM} or multipart/form-data.")


def posted_object(request: Request) -> dict[str, Any]:
    """Read an object that was sent as JSON.

    Raises:
        Refusal: it is none, is nested too deep, or holds half a character.
    """
    try:
        told = json.loads(request.body)
        json.dumps(told, ensure_ascii=False).encode()  # so that all of it can be written again
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "What is sent here is JSON, of whole characters.") from error
    if not isinstance(told, dict):
        raise Refusal(400, "What is sent here is a JSON object.")
    return told


def _parts(request: Request) -> Posted:
    from python_multipart import parse_form
    from python_multipart.exceptions import FormParserError

    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Upload]] = []

    def count() -> None:
        if len(fields) + len(files) >= _MOST:
            raise Refusal(400, f"A form has {_MOST} fields at most.")

    def on_field(field: object) -> None:
        count()
        name, value = getattr(field, "field_name", None), getattr(field, "value", None)
        fields.append(((name or b"").decode(), (value or b"").decode()))

    def on_file(file: object) -> None:
        count()
        stream = file.file_object  # type: ignore[attr-defined]
        stream.seek(0)
        called = (getattr(file, "file_name", None) or b"").decode()
        upload = Upload(called.replace("\\", "/").rpartition("/")[2], stream.read())
        files.append(((getattr(file, "field_name", None) or b"").decode(), upload))

    headers = {
        "Content-Type": request.headers["content-type"].encode("latin-1"),
        "Content-Length": str(len(request.body)).encode(),
    }
    try:
        parse_form(headers, io.BytesIO(request.body), on_field, on_file)
    except (FormParserError, ValueError) as error:
        raise Refusal(400, f"The form cannot be read: {error}") from error
    return Posted(tuple(fields), tuple(files))
