"""The command `dragoman`: its options, its subcommands and how it ends.

A subcommand NAME is the click command `command` in the module `dragoman.cli.NAME` (with `_` for
`-`), imported only when it is run or asked for its help.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from dragoman import __version__
from dragoman.cli.console import Settings, complain, complain_of
from dragoman.errors import DragomanError, LimitError, nearest
from dragoman.terminal import visible

COMMANDS = {
    "query": "Ask a saved question, or one of your own.",
    "show": "Show all that is known about one thing, and who says so.",
    "search": "Find things by name, in any spelling.",
    "stats": "Count what the base holds.",
    "validate": "Check facts against the shapes.",
    "add": "Put new facts into the base, when they are valid.",
    "edit": "Change a source as its report form, in your editor.",
    "remove": "Take sources out of the base, when the rest stays valid.",
    "merge": "Join two things that are one, when the base stays valid.",
    "diff": "Show what changed, in terms of things and facts.",
    "new": "Write a commented skeleton to fill in.",
    "draft": "Write a report form to fill in, from a text.",
    "schema": "Write the JSON Schema of report forms, for editors.",
    "fmt": "Write Turtle in our layout, term for term.",
    "log": "Show what was added and removed, when, and what was let pass.",
    "init": "Make a base of your own.",
    "upgrade": "Bring a base of an earlier edition of the model over.",
    "status": "Show which base is used, what changed in it, and who writes.",
    "index": "Bring the index on disk up to the files.",
    "verify": "Check files, index and shapes, all of them.",
    "reason": "Check consistency, classify, and derive new facts.",
    "push": "Bring graphs into a graph store, and prove that they are there.",
    "check-queries": "Find what in queries other stores answer otherwise.",
    "trust": "Let a store be used that the base has a profile of.",
    "pull": "Bring a graph of a store into the base, when it is valid.",
    "export": "Write graphs in any RDF format, or as a property graph.",
    "serve": "Serve the base: a SPARQL endpoint, and pages in the browser.",
}


def _also(context: click.Context, option: click.Parameter, value: object) -> None:
    """Take an option of the root command that stands behind a subcommand."""
    if value:
        root = context.find_root()
        root.obj = root.obj._replace(**{str(option.name): value})
        root.params[str(option.name)] = value  # which completion looks at
        context.obj = root.obj


def _everywhere() -> list[click.Parameter]:
    """Return the options of the root command that may stand behind its subcommands, too."""
    names = {"base": ("--base",), "quiet": ("-q", "--quiet"), "verbose": ("-v", "--verbose")}
    return [
        click.Option(
            flags,
            is_flag=name != "base",
            metavar="DIR" if name == "base" else None,
            expose_value=False,
            hidden=True,
            is_eager=True,
            callback=_also,
        )
        for name, flags in names.items()
    ]


class LazyGroup(click.Group):
    """A group that names its subcommands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order that help shows them."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand."""
        command = super().get_command(ctx, cmd_name)
        if cmd_name in COMMANDS:
            command = import_module(f"dragoman.cli.{cmd_name.replace('-', '_')}").command
        if command is None:
            return None
        if not isinstance(command, click.Command):
            raise TypeError(f"dragoman.cli.{cmd_name}.command is no click command")
        taken = {flag for each in command.params for flag in each.opts}
        command.params += [each for each in _everywhere() if not taken & set(each.opts)]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or name the nearest ones."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            close = nearest(name, known) or known
            ctx.fail(f"There is no command {name!r}. Did you mean {' or '.join(close)}?")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table of subcommands from the lines above."""
        own = {name: command.get_short_help_str() for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(list({**COMMANDS, **own}.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand; an error of ours becomes one line, or some, and exit code 2."""
        try:
            return super().invoke(ctx)
        except DragomanError as error:
            complain_of(error, ctx.find_root().obj)
            if isinstance(error, LimitError) and ctx.find_root().obj.own_process:
                leave(2)  # the engine's thread is still at work, and would hold up a polite end
            ctx.exit(2)
        except click.ClickException as error:
            error.message = visible(error.message)  # type: ignore[misc]
            raise
        except KeyboardInterrupt:
            if ctx.find_root().obj.own_process:
                leave(130)  # 128 + SIGINT, as shells expect
            raise
        except BrokenPipeError:
            # The reader has seen enough. What is still buffered goes nowhere, without a word.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  dragoman query                       list the questions that can be asked
  dragoman query delegations           ask one
  dragoman validate article.ttl        check a file in the context of the base
  dragoman export -f turtle > all.ttl  write everything

Exit codes: 0 done, 1 the answer is no, 2 it could not be done.""",
)
@click.option("--base", metavar="DIR", help="The base to use: a folder with ontology, shapes, data "
              "and queries. Default: $DRAGOMAN_BASE, else the base around the current folder, else "
              "the one in the package. This and the next two may stand behind a command, "
              "too.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say more, and show tracebacks.")
@click.version_option(__version__, prog_name="dragoman", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, base: str | None, quiet: bool, verbose: bool) -> None:
    """Ask, check and export a knowledge graph of diplomatic relationships."""
    own = isinstance(ctx.obj, Settings) and ctx.obj.own_process
    ctx.obj = Settings(base, quiet, verbose, own)


@cli.command("completion", short_help="Print a script that completes commands in your shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and the names of questions.

    \b
    Examples:
      dragoman completion bash >> ~/.bashrc
      dragoman completion fish > ~/.config/fish/completions/dragoman.fish
    """  # noqa: D301  \b is click's mark for text to leave as it is
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise DragomanError(f"Nothing is known about the shell {shell}.")
    click.echo(found(cli, {}, "dragoman", "_DRAGOMAN_COMPLETE").source())


def main() -> NoReturn:
    """Run the command and end the process: 0 done, 1 the answer is no, 2 it could not be done."""
    # Little garbage runs in circles here: look for it seldom, for a large store makes that slow.
    gc.set_threshold(100_000)
    code: object = 0
    try:
        cli.main(prog_name="dragoman", obj=Settings(own_process=True))
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # the last door: a bug is one line too
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        complain(f"Unexpected: {type(error).__name__}: {error}. Add -v to see where.")
        code = 2
    leave(code if isinstance(code, int) else int(code is not None))


def leave(code: int) -> NoReturn:
    """End at once: no waiting for a runaway query, no taking apart of a large store."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError, ValueError):
            stream.flush()
    os._exit(code)
