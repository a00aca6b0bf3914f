"""The command line: which commands there are, and what they end with.

Exit codes, the same in every command: 0 done; 1 findings of a check; 2 usage; 3 integrity failure; 4 not allowed;
70 a bug of vigie; 130 stopped by Ctrl-C. Each command is a module that is imported when it is called for.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import threading
import traceback
import typing as t
from pathlib import Path

import typer
from typer._click.core import Command, Context  # Typer carries its own Click, and these are the types of its seams
from typer._click.exceptions import ClickException, MissingParameter
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup

from vigie.desk import output

COMMANDS: t.Final = {
    "new": "Make a case folder.",
    "add": "Take evidence in: list, digest, verify, manifest, custody entry.",
    "lists": "Hash lists: add one, show those there are.",
    "geo": "Databases of IP networks: add one, show those there are.",
    "tags": "Files that say whose addresses are: add, show, write out.",
    "chain": "The public chain: import a node's blocks, show and verify a store, use one in a case.",
    "give": "Addresses, public keys, descriptors, transactions that you name yourself.",
    "map": "Databases of platforms: what is read of them, and how; propose and use mappings.",
    "run": "Do everything that is not done yet; may be stopped and started at any time.",
    "status": "What is in the case, what is done, what a run would do.",
    "show": "Print a table: leads, groups, matches, files, problems, lists, items, media.",
    "trace": "Where the money of an output went, or came from, hop by hop.",
    "secrets": "Private keys and seeds met in evidence: which there are; open one, which is logged.",
    "linkage": "The model of resembling accounts as Splink reads it, to check the scores.",
    "enquiries": "Draft requests to exchanges: what to ask whom, for the authority's own forms.",
    "explain": "Why a row is there: the whole chain back to the seized item.",
    "report": "Write one HTML page about the case; no pixel of evidence in it.",
    "verify": "Re-read evidence and case, and say exactly what differs.",
    "demo": "Generate a benign case, run the whole job on it, write the report.",
    "sample": "Generate a benign case to practise on.",
}
INTERRUPTED: t.Final = 130
BUG: t.Final = 70


class Commands(TyperGroup):
    """The commands of ``COMMANDS``, each loaded when it is used."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names in the order of work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vigie.desk.{cmd_name}")
        command: Command = typer.main.get_command(module.command)
        return command

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(wanted: bool) -> None:
    if wanted:
        from vigie.kernel.run import version  # noqa: PLC0415 - the kernel takes a second to load

        output.emit(f"vigie {version()}")
        raise typer.Exit


app = typer.Typer(
    name="vigie",
    cls=Commands,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback()
def root(
    *,
    version: t.Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """From a lawfully seized server to what is known, what is new and what a person should look at first.

    Works offline. Evidence is only ever read. Every command has --json.

    Exit codes: 0 done, 1 findings of a check, 2 usage, 3 integrity failure, 4 not allowed.
    """
    del version


def main(arguments: t.Sequence[str] | None = None) -> t.NoReturn:
    """Run the command line and end the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of few letters is no reason to stop
    asked = threading.Event()

    def stop(_number: int, _frame: t.Any) -> t.NoReturn:
        asked.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):  # stopped by the system is stopped as by Ctrl-C
        signal.signal(number, stop)
    sys.exit(call(list(sys.argv[1:] if arguments is None else arguments), asked))


def call(arguments: list[str], asked: threading.Event | None = None) -> int:  # noqa: PLR0911 - one for each way to end
    """Run one command line; return its exit code. ``asked``: set when a person or the system asked to stop.

    Libraries turn an interrupt that meets them at a bad moment into an error of their own: what fails after a stop
    was asked for is that stop.
    """
    from vigie.kernel.errors import VigieError  # noqa: PLC0415 - as above

    as_json = "--json" in arguments
    try:
        code = typer.main.get_command(app).main(args=arguments or ["--help"], prog_name="vigie", standalone_mode=False)
    except ClickException as error:
        where = getattr(error, "ctx", None)
        hint = f" Try: {where.command_path} --help" if where else ""
        return output.failed(f"{error.format_message()}{_also_missing(error, arguments)}{hint}", 2, as_json=as_json)
    except VigieError as error:
        return output.failed(str(error), error.exit_code, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped(as_json=as_json)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: nobody is left to tell
        return 0
    except OSError as error:
        if error.filename is None:
            return _bug(arguments, as_json=as_json)
        name = error.filename if isinstance(error.filename, int) else os.fsdecode(error.filename)
        return output.failed(f"{name}: {error.strerror}.", 2, as_json=as_json)
    except Exception:  # noqa: BLE001 - the last line of defence: a bug is named as one, with its trace in a file
        if asked is not None and asked.is_set():
            return _stopped(as_json=as_json)
        return _bug(arguments, as_json=as_json)
    if code == INTERRUPTED:  # Typer makes an exit code of an interrupt that reaches it
        return _stopped(as_json=as_json)
    return code if isinstance(code, int) else 0


def _also_missing(error: ClickException, arguments: list[str]) -> str:
    """Return a sentence of the other options that are asked for and not given: Click names the first one alone."""
    if not isinstance(error, MissingParameter) or error.ctx is None:
        return ""
    given = {argument.partition("=")[0] for argument in arguments}
    options = (param for param in error.ctx.command.params if param.required and param is not error.param)
    also = [param.opts[0] for param in options if param.param_type_name == "option" and given.isdisjoint(param.opts)]
    return f" Also missing: {', '.join(also)}." if also else ""


def _stopped(*, as_json: bool) -> int:
    text = "Stopped. What was done is kept; the same command goes on from there."
    return output.failed(text, INTERRUPTED, as_json=as_json)


def _bug(arguments: list[str], *, as_json: bool) -> int:
    file = output.trace_file(_case_of(arguments), traceback.format_exc())
    text = f"This is a bug of vigie, not of yours: {sys.exc_info()[1]!r}. Its trace is in {file}; please report it."
    return output.failed(text, BUG, as_json=as_json)


def _case_of(arguments: list[str]) -> Path | None:
    """Return the first argument that is a case folder, for the trace of a bug."""
    for one in arguments[1:]:
        path = Path(one)
        if not one.startswith("-") and (path / "case.toml").is_file() and (path / "tmp").is_dir():
            return path
    return None


if __name__ == "__main__":
    main()
