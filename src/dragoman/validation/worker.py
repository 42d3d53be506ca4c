"""The child process of the reference engine: reads one job from its input and writes the answer."""

from __future__ import annotations

import os
import pickle
import sys


def main() -> None:
    """Answer `("findings", list)`, `("shapes", text)` or `("error", text)`, pickled."""
    from dragoman.errors import DragomanError, ShapesError
    from dragoman.validation import reference

    # Whatever the libraries print must not get into the answer.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        job = pickle.load(sys.stdin.buffer)  # noqa: S301  from our own parent
        answer: tuple[str, object] = ("findings", reference.run(job))
    except ShapesError as error:
        answer = ("shapes", str(error))
    except DragomanError as error:
        answer = ("error", str(error))
    with output:
        pickle.dump(answer, output, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
