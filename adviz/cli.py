"""The command ``adviz``: open the lessons, write notebooks as pages, list, trace."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import inspect
import io
import os
import subprocess
import sys
import traceback
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adviz.host.errors import AdvizError, FileError, InputError
from adviz.host.files import write_file
from adviz.render.views import Trace, trace

__all__ = ["FRONT_DOOR", "main"]

FRONT_DOOR = "00-start-here.ipynb"
"""The first lesson, which links to all others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 if the arguments or the traced function cause an error.

    Examples
    --------
    >>> main(["trace", "nowhere.py:f", "3"])
    2
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console may lack v₁ and −
    try:
        options = _options(arguments)
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        _flush()
        return status
    except AdvizError as error:
        print(f"adviz: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of the output, such as head, has closed the pipe
        _close_output()
        return 0
    except OSError as error:  # a full disk
        _close_output()
        print(f"adviz: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    try:
        return _parser().parse_args([_with_number_escaped(argument) for argument in arguments])
    except SystemExit:  # after --help and --version
        _flush()
        raise


def _flush() -> None:
    if sys.stdout is not None:  # None where the output is closed
        sys.stdout.flush()


def _close_output() -> None:
    """Send what is left of the output nowhere, so that Python does not fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_number_escaped(argument: str) -> str:
    """Put a space before a number, so that argparse does not read -1e-3 or -inf as an option."""
    try:
        float(argument)
    except ValueError:
        return argument
    return f" {argument}"


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: Any = None) -> None:
        print(message, end="", file=file or sys.stderr)  # argparse says nothing of a full disk


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="adviz", description="See automatic differentiation happen.")
    parser.add_argument("--version", action="version", version=f"adviz {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    lessons = commands.add_parser("lessons", help="open the lessons in JupyterLab")
    lessons.add_argument(
        "--folder",
        type=Path,
        default=Path("adviz-lessons"),
        help="your working copy of the lessons (default: ./adviz-lessons)",
    )
    lessons.add_argument("--no-browser", action="store_true", help="print the address only")
    lessons.add_argument("--port", type=int, help="the port to serve at")
    lessons.set_defaults(run=_lessons)

    exported = commands.add_parser("export", help="write notebooks as pages that play")
    exported.add_argument("notebooks", nargs="+", type=Path, metavar="LESSON.ipynb")
    exported.add_argument(
        "--to",
        choices=("html", "site"),
        default="html",
        help="a page for each, or a folder of pages with an index (default: html)",
    )
    exported.add_argument(
        "--output",
        type=Path,
        metavar="OUT",
        help="the page of one notebook, or the folder (default: beside the notebook; ./site)",
    )
    exported.set_defaults(run=_export)

    listed = commands.add_parser("catalogue", help="list the functions that have a derivative")
    listed.add_argument("word", nargs="?", default="", help="only what has this word in it")
    listed.add_argument("--markdown", action="store_true", help="as a Markdown page")
    listed.set_defaults(run=_catalogue)

    traced = commands.add_parser("trace", help="trace a function of a Python file")
    traced.add_argument("function", metavar="FILE.py:FUNCTION")
    traced.add_argument(
        "inputs",
        nargs="*",
        type=_input,
        metavar="INPUT",
        help="a number, or an array such as '[1, 2.5]'",
    )
    traced.add_argument("--mode", choices=("primal", "forward", "reverse"), default="primal")
    traced.add_argument("--seed", metavar="NAME", help="the input seeded, or output pulled back")
    traced.add_argument("--digits", type=int, default=6, help="significant digits (default 6)")
    traced.add_argument("--html", type=Path, metavar="OUT", help="write a page that plays it")
    traced.add_argument("--open", action="store_true", help="open that page in the browser")
    traced.set_defaults(run=_trace)
    return parser


def _version() -> str:
    version: str = sys.modules[__name__.partition(".")[0]].__version__
    return version


def _catalogue(options: argparse.Namespace) -> int:
    from adviz.supported.catalogue import catalogue

    listing = catalogue(options.word)
    print(
        listing.to_markdown() if options.markdown else listing, end="" if options.markdown else "\n"
    )
    return 0


def _input(text: str) -> Any:
    """Return the number or the array of numbers that a text denotes."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        value = ast.literal_eval(text.strip())
        if isinstance(value, list | tuple):
            return np.array(value, dtype=float)
    except (ValueError, TypeError, SyntaxError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor an array like '[1, 2.5]'")


def _trace(options: argparse.Namespace) -> int:
    function = _function(options.function)
    traced = _traced(function, options.inputs)
    seed = {"forward": {"input": options.seed}, "reverse": {"output": options.seed}}
    player = traced.play(options.mode, digits=options.digits, **seed.get(options.mode, {}))
    if options.html is None:
        print(traced.table(options.mode, options.seed, options.digits))
        return 0
    player.to_html(options.html)
    if not options.html.is_file() or options.html.parts[:2] == ("/", "dev"):  # a pipe, a device
        return 0
    print(f"Wrote {options.html}: open it in a browser.")
    if options.open:
        webbrowser.open(options.html.resolve().as_uri())
    return 0


def _export(options: argparse.Namespace) -> int:
    from adviz.publish.pages import write_page, write_site  # nbconvert takes a while to load

    notebooks: list[Path] = options.notebooks
    output: Path | None = options.output
    if options.to == "site":
        index, *_ = write_site(notebooks, output or Path("site"))
        print(f"Wrote {index}: open it in a browser.")
        return 0
    if output is not None and len(notebooks) > 1:
        raise InputError("--output names one page: for several notebooks, write --to site.")
    for notebook in notebooks:
        page = output or notebook.with_suffix(".html")
        write_page(notebook, page)
        print(f"Wrote {page}: open it in a browser.")
    return 0


def _traced(function: Callable[..., Any], inputs: Sequence[Any]) -> Trace:
    """Return the trace of a function; if it raises, report the error and its place in one line."""
    name = getattr(function, "__name__", "the function")
    try:
        inspect.signature(function).bind(*inputs)
    except TypeError as error:
        raise InputError(
            f"{name}{inspect.signature(function)} does not take {len(inputs)} "
            f"input{'' if len(inputs) == 1 else 's'}: {error}. Write a number for each argument."
        ) from None
    except ValueError:  # a function without a signature
        pass
    try:
        return trace(function, *inputs)
    except AdvizError:
        raise
    except (Exception, SystemExit) as error:
        *_, last = traceback.extract_tb(error.__traceback__)
        raise InputError(
            f"{name} raised {type(error).__name__}: {error} ({Path(last.filename).name}, line "
            f"{last.lineno}, in {last.name}: `{last.line}`)."
        ) from error


def _function(place: str) -> Callable[..., Any]:
    """Return the function named by "FILE.py:FUNCTION"."""
    file, colon, name = place.rpartition(":")
    if not colon:
        raise InputError(f"{place!r} names no function: write FILE.py:FUNCTION.")
    path = Path(file)
    if not path.is_file():
        raise InputError(f"There is no file {file!r}.")
    # Not called like its file, which may have the name of a module that others import: json.py.
    module_name = f"adviz_model.{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{file!r} is not a Python file: its name must end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # as an import does; dataclasses need it
    folder = str(path.resolve().parent)
    # Its neighbours can be imported; a file called json.py is not what others import as json.
    sys.path.insert(len(sys.path) if _hides_another(path) else 0, folder)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{file} cannot be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    function = getattr(module, name, None)
    if not callable(function):
        named = [k for k, v in vars(module).items() if getattr(v, "__module__", 0) == module_name]
        raise InputError(
            f"{file} has no function {name!r}; it has {', '.join(named) or 'none at all'}."
        )
    result: Callable[..., Any] = function
    return result


def _hides_another(path: Path) -> bool:
    """Return whether a file is called like a module that is installed."""
    try:
        spec = importlib.util.find_spec(path.stem)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin != str(path.resolve())


def _lessons(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    copy_lessons(folder)
    command = [sys.executable, "-m", "jupyterlab", "-y", f"--notebook-dir={folder}"]
    command.append(f"--LabApp.default_url=/lab/tree/{FRONT_DOOR}")
    command.append("--log-level=WARN")  # prints the address and little else
    if options.port is not None:
        command.append(f"--port={options.port}")
    if options.no_browser or not _has_screen():
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in a container
    print(f"Your lessons are in {folder}{os.sep} - changes stay there. Ctrl-C ends JupyterLab.")
    sys.stdout.flush()
    with subprocess.Popen(command) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()  # then wait: a killed server would leave its kernels behind
            server.wait()
            return 0


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def copy_lessons(folder: Path) -> list[Path]:
    """Copy the lessons that are missing in a folder; return the new copies.

    A lesson that exists already may contain its reader's work and is left as it is.

    Raises
    ------
    InputError, FileError
        If the folder is not writable.
    """
    copied = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for lesson in sorted(_lessons_folder().glob("*.ipynb")):
            target = folder / lesson.name
            if not target.exists():
                write_file(target, lesson.read_bytes())
                copied.append(target)
    except FileError:
        raise
    except OSError as error:
        raise InputError(f"The lessons cannot be copied to {folder}: {error}.") from None
    return copied


def _lessons_folder() -> Path:
    """Return the lessons' folder: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed, checkout = package / "notebooks", package.parent / "notebooks"
    return installed if installed.is_dir() else checkout
