"""Pages: templates filled with what handlers found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dragoman import __version__
from dragoman.server import negotiation
from dragoman.server.exchange import Response
from dragoman.server.served import link, link_to

if TYPE_CHECKING:
    from jinja2 import Environment

    from dragoman.server.exchange import Request

HERE: Final = Path(__file__).resolve().parent
BUNDLE: Final = HERE / "static" / "bundle"
HTML: Final = "text/html; charset=utf-8"


def page(request: Request, template: str, **told: Any) -> Response:  # noqa: ANN401  any content
    """Return a page.

    Args:
        request: what was asked; links are made for where it was asked.
        template: the name of a file in `templates/`.
        told: what the template is filled with.
    """
    # Whoever has chosen a language keeps it from page to page.
    lang = request.told("lang")
    kept = {"lang": lang} if lang else {}
    content = _environment().get_template(template).render(
        request=request,
        link=lambda path, **query: link(
            request, path, **query if path.startswith("/static/") else {**kept, **query}
        ),
        link_to=lambda iri: link_to(request, iri, **kept),
        version=__version__,
        scripts=BUNDLE.is_dir(),
        **told,
    )  # fmt: skip
    return Response(content.encode(), HTML, headers=(("vary", "Accept, Accept-Language"),))


def languages(request: Request) -> tuple[str, ...]:
    """Return the languages of labels that are wanted: those in the address, else the browser's."""
    from dragoman import labels

    if told := request.told("lang"):
        return labels.languages(told)
    return negotiation.languages(request.headers.get("accept-language", ""))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
