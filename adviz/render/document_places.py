"""The places in a trace document: calls, the source of their functions, the sites of rows in it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

from adviz.call_groups import is_comprehension
from adviz.core.trace import Trace
from adviz.host.source import Source, code_name, file_title, function_lines

__all__ = ["DocumentPlaces"]


class DocumentPlaces:
    """The calls of a trace, their functions' source, and the sites in it that rows come from."""

    def __init__(self, trace: Trace) -> None:
        self._tape = trace.tape
        self.sites: list[dict[str, Any]] = []
        self._site_numbers: dict[tuple[Any, ...], int] = {}
        self._sites_found: dict[tuple[int, int], int | None] = {}  # by code and instruction
        self.sources: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        # The index in self.calls of each call on the tape.
        self._call_numbers: list[int] = []
        traced: CodeType | None = getattr(inspect.unwrap(trace.function), "__code__", None)
        codes = [code for code in (traced, *self._tape.places.call_codes) if code is not None]
        self._blocks = _blocks({id(code): code for code in codes}.values())
        self._cuts = [_docstrings(lines) for _, _, lines, _ in self._blocks]
        for (file, first, lines, title), cuts in zip(self._blocks, self._cuts, strict=True):
            gaps = [[_line_after_cuts(cuts, start), stop - start] for start, stop in cuts]
            self.sources.append(
                {
                    "title": title,
                    "file": file_title(file),
                    "first_line": first,
                    "lines": _without(lines, cuts),
                    **({"gaps": gaps} if gaps else {}),
                }
            )
        for call, code in enumerate(self._tape.places.call_codes):
            self._add_call(call, code)
        if not self.calls:
            self.calls.append({"function": trace.function_name, "parent": None, "site": None})

    def _add_call(self, call: int, code: CodeType | None) -> None:
        parent = self._tape.places.call_parents[call]
        if parent >= 0 and code is not None and is_comprehension(code):
            self._call_numbers.append(self._call_numbers[parent])
            return
        self._call_numbers.append(len(self.calls))
        instruction = self._tape.places.call_instructions[call]
        self.calls.append(
            {
                "function": "?" if code is None else code_name(code),
                "parent": self._call_numbers[parent] if parent >= 0 else None,
                "site": self.site_of(parent, instruction) if parent >= 0 else None,
            }
        )

    def columns(self) -> tuple[list[int], list[int | None]]:
        """Return for each row its call, an index in ``calls``, and its site, one in ``sites``."""
        tape = self._tape
        count = len(tape.values)
        calls = [0] * tape.input_count
        sites: list[int | None] = [None] * tape.input_count
        for start, stop, call in self._runs(count):
            calls += [self._call_numbers[call]] * (stop - start)
            instructions = tape.places.instructions[start:stop]
            sites += [self.site_of(call, instruction) for instruction in instructions]
        for slot in tape.places.names:
            sites[slot] = self.site(tape.places.source_of(slot))
        # Where the function computes nothing, its constant outputs are in no call on the tape.
        calls += [0] * (count - len(calls))
        sites += [None] * (count - len(sites))
        for slot in range(tape.input_count, count):
            if tape.left[slot] is None:  # an output that no input reaches: it has no expression
                sites[slot] = None
        return calls, sites

    def _runs(self, count: int) -> Iterator[tuple[int, int, int]]:
        """Yield the stretches of rows that one call made: first slot, slot after the last, call."""
        places, slot = self._tape.places, self._tape.input_count
        starts = [*places.run_starts, count]
        for k, call in enumerate(places.run_calls):
            start, stop = max(starts[k], slot), max(starts[k + 1], slot)
            yield start, stop, call

    def site_of(self, call: int, instruction: int) -> int | None:
        """Return the index in ``sites`` of an instruction of a call on the tape."""
        places = self._tape.places
        key = (id(places.call_codes[call]), instruction)
        if key not in self._sites_found:
            self._sites_found[key] = self.site(places.source_in(call, instruction))
        return self._sites_found[key]

    def call_number(self, call: int) -> int:
        """Return the index in ``calls`` of a call on the tape."""
        return self._call_numbers[call]

    def site(self, source: Source | None) -> int | None:
        """Return the index in ``sites`` of a place in the source."""
        if source is None:
            return None
        for k, (file, first, lines, _title) in enumerate(self._blocks):
            if file == source.file and first <= source.line < first + len(lines):
                item = {
                    "source": k,
                    "line": _line_after_cuts(self._cuts[k], source.line - first),
                    "column": source.column,
                    "end_line": _line_after_cuts(
                        self._cuts[k], min(source.end_line - first, len(lines) - 1)
                    ),
                    "end_column": source.end_column,
                    "name": source.name,
                }
                number = self._site_numbers.setdefault(tuple(item.values()), len(self.sites))
                if number == len(self.sites):
                    self.sites.append(item)
                return number
        return None


_Block = tuple[str, int, list[str], str]
"""File, number of the first line, lines, title."""


def _blocks(codes: Iterable[CodeType]) -> list[_Block]:
    """Return the source of each function, leaving out functions defined inside another one."""
    blocks: list[_Block] = []
    for code in codes:
        first, lines = function_lines(code)
        block = (code.co_filename, first, lines, code_name(code))
        if not lines or any(_inside(block, other) for other in blocks):
            continue
        blocks = [other for other in blocks if not _inside(other, block)] + [block]
    return blocks


def _inside(block: _Block, other: _Block) -> bool:
    (file, first, lines, _), (other_file, other_first, other_lines, _) = block, other
    return (
        file == other_file
        and other_first <= first
        and first + len(lines) <= other_first + len(other_lines)
    )


_Cut = tuple[int, int]
"""Lines that are left out, counted from 0: the first, and the one after the last."""


def _docstrings(lines: list[str]) -> list[_Cut]:
    """Return the docstrings' lines below the first, which would push the code out of view."""
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except SyntaxError:  # a lambda inside a longer line
        return []
    cuts = []
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
            ) if text.end_lineno is not None and text.end_lineno > text.lineno:
                cuts.append((text.lineno, text.end_lineno))
    return sorted(cuts)


def _without(lines: list[str], cuts: list[_Cut]) -> list[str]:
    kept = list(lines)
    for start, stop in reversed(cuts):
        kept[start - 1] += " …" + lines[stop - 1].rstrip()[-3:]
        del kept[start:stop]
    return kept


def _line_after_cuts(cuts: list[_Cut], line: int) -> int:
    """Return the number that a line has once the cut lines are left out."""
    return line - sum(stop - start for start, stop in cuts if stop <= line)
