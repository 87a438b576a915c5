"""Finding the groups of a trace: one walk through its rows, with the calls that were active."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, repeat
from types import CodeType
from typing import TYPE_CHECKING, Any

from adviz.call_groups.passes import LoopRun, Pass
from adviz.host.places import Places
from adviz.host.syntax import FunctionSyntax

if TYPE_CHECKING:
    from adviz.core.tape import Tape

__all__ = ["Call", "found_in", "is_comprehension"]

_DEEPEST = 64
"""The most calls inside each other that are told apart; further ones belong to the last."""


class Call:
    """A call while its rows are walked through, and what was found inside it."""

    def __init__(
        self, number: int, syntax: FunctionSyntax, caller: Call | None, slot: int, is_shown: bool
    ) -> None:
        self.number = number
        self.syntax = syntax
        self.caller = caller
        self.start = slot
        self.stop = slot
        self.inside: list[Call | LoopRun] = []
        self.is_shown = is_shown
        self.running: list[LoopRun] = []  # outermost first
        self.last = -1  # its last instruction that made a row, itself or by a call
        self.variables: dict[str, Any] | None = None  # as last read
        self.first_variables: dict[str, Any] | None = None
        self.callers_variables: dict[str, Any] | None = None

    def come_to(
        self, instruction: int, slot: int, variables: dict[str, Any] | None, many: bool
    ) -> None:
        """Go on to the next row, made by an instruction: in the same pass, or in another.

        Parameters
        ----------
        instruction, slot : int
        variables : dict, optional
            The local variables, if they were read.
        many : bool
            Whether this instruction is one that makes several rows at once.
        """
        spot = self.syntax.spot(instruction)
        shared, kind = 0, "on"
        if self.last >= 0:
            shared, kind, _ = self.syntax.transition(self.last, instruction)
        if kind == "same":
            both_known = variables is not None and self.variables is not None
            kind = "next" if not many or (both_known and variables != self.variables) else "on"
        self.leave(shared, slot)
        if shared and kind == "next":
            self._begin_pass(shared - 1, slot)
        start = slot
        inside: list[Any] = []
        if variables is not None:
            for level, run in enumerate(self.running):
                if run.changes(variables):
                    start, inside = self._split(level, slot)
                    break
        for loop in spot.loops[len(self.running) :]:
            self.running.append(LoopRun(loop, self.number, start))
            self.running[-1].passes[-1].inside, inside = inside, []
        if variables is not None:
            self.variables = variables
            for run in self.running:
                run.take(variables)
        if self.running:
            self.running[-1].has_own_rows = True
            for level, run in enumerate(self.running):
                if level + 1 < len(self.running) or not spot.is_header:
                    run.passes[-1].is_header_only = False
        self.last = instruction

    def leave(self, level: int, slot: int) -> None:
        """Leave all loops but the outer ones."""
        while len(self.running) > level:
            run = self.running.pop()
            run.passes[-1].stop = slot
            behind = run.finish()
            around = self.running[-1].passes[-1].inside if self.running else self.inside
            if run.loop.is_while and not run.has_own_rows:
                # Only a loop inside it makes rows: where its own passes begin is not known.
                around.extend(_without_loops(run))
            elif len(run.passes) > 1:
                around.append(run)
            else:
                around.extend(run.passes[0].inside)
            around.extend(behind)

    def _begin_pass(self, level: int, slot: int) -> None:
        """Begin another pass of a loop that is running."""
        run = self.running[level]
        run.passes[-1].stop = slot
        run.passes.append(Pass(run, slot))

    def _split(self, level: int, slot: int) -> tuple[int, list[Any]]:
        """Begin a pass of a loop whose variables have changed; return where, and what is in it.

        It began with the pass of a loop inside that has begun since the variables were last read.
        """
        start, inside = slot, []
        for run in self.running[level + 1 :]:
            if len(run.passes) > 1 and not run.passes[-1].values:
                begun = run.passes.pop()
                start, inside = begun.start, begun.inside
                break
        self.leave(level + 1, start)
        self._begin_pass(level, start)
        return start, inside


def _without_loops(run: LoopRun) -> Iterator[Call]:
    for each in run.passes:
        for inner in each.inside:
            if isinstance(inner, LoopRun):
                yield from _without_loops(inner)
            else:
                yield inner


def found_in(tape: Tape) -> list[Call | LoopRun]:
    """Return the calls and the loops of a trace, nested as they were, in order."""
    return _Walk(tape).found()


_Event = tuple[int, int, bool]
"""The slot of a row, or of the row after a comparison; its instruction; whether it is a row."""


class _Walk:
    """A walk through the rows of a tape."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._places: Places = tape.places
        values = self._places.local_values
        self._variables: dict[tuple[int, int], dict[str, Any] | None] = {}
        self._at_rows: set[tuple[int, int]] = set()
        for k, (call, slot) in enumerate(zip(values.calls, values.slots, strict=True)):
            read = values.variables[k]
            if read != self._variables.setdefault((call, slot), read):
                self._variables[call, slot] = None  # read twice: it is not known when
            if k in values.jumps:
                self._at_rows.add((call, slot))
        self._many = self._instructions_of_many_rows()
        self._active: list[Call] = []  # outermost first
        self._depths: dict[int, int] = {}  # by number, where they are in that list
        self._syntax: dict[int, FunctionSyntax] = {}  # by the id of the code
        self._found: list[Call | LoopRun] = []

    def found(self) -> list[Call | LoopRun]:
        places, end = self._places, len(self._tape.values)
        stops = [*places.run_starts, end][1:]
        comparisons, c = self._tape.comparisons, 0
        for run, (start, stop, number) in enumerate(
            zip(places.run_starts, stops, places.run_calls, strict=True)
        ):
            call = self._enter(run, number, start)
            if call.syntax.has_no_loops:
                continue
            events: list[_Event] = []
            slot = start
            while c < len(comparisons) and comparisons[c][0] <= stop:
                before, _, _, _, made_in, instruction = comparisons[c]
                if made_in == number and before >= start:
                    events += self._rows(slot, before)
                    events.append((before, instruction, False))
                    slot = before
                elif before == stop:
                    break  # made in the next run
                c += 1
            events += self._rows(slot, stop)
            if events:
                self._go_through(call, events)
        self._leave(0, end)
        return self._found

    def _rows(self, start: int, stop: int) -> Iterator[_Event]:
        slots = range(start, stop)
        return zip(slots, self._places.instructions[start:stop], repeat(True))

    def _go_through(self, call: Call, events: list[_Event]) -> None:
        """Go through the rows and the comparisons that a call made one after the other."""
        known, variables, number = call.syntax.transitions, self._variables, call.number
        many = {instruction for code, instruction in self._many if code == id(call.syntax.code)}
        self._come_to(call, events, 0)
        for k, ((_, last, _), (slot, instruction, _)) in enumerate(pairwise(events), 1):
            transition = known.get((last, instruction)) or call.syntax.transition(last, instruction)
            if not transition[2] or (number, slot) in variables:  # not plain
                call.last = last
                self._come_to(call, events, k)
            elif call.running and (
                transition[1] == "next" or (transition[1] == "same" and instruction not in many)
            ):
                innermost = call.running[-1]
                innermost.passes[-1].stop = slot
                innermost.passes.append(Pass(innermost, slot, False))
        call.last = events[-1][1]

    def _come_to(self, call: Call, events: list[_Event], k: int) -> None:
        """Go on to a row or a comparison that needs a closer look."""
        slot, instruction, is_row = events[k]
        variables = self._variables.get((call.number, slot)) if is_row else None
        if variables is not None and (call.number, slot) not in self._at_rows:
            # They may have been read at a comparison before, in another pass.
            is_next = k > 0 and call.syntax.transition(call.last, instruction).kind != "on"
            several = k > 1 and events[k - 2][0] == slot
            if k > 0 and events[k - 1][0] == slot and (is_next or several):
                variables = None
        many = (id(call.syntax.code), instruction) in self._many
        call.come_to(instruction, slot, variables, many)

    def _enter(self, run: int, number: int, slot: int) -> Call:
        """Make a call the running one; those that were made on the way to it are new."""
        places, active, depths = self._places, self._active, self._depths
        entered = []
        while number >= 0 and number not in depths:
            entered.append(number)
            number = places.call_parents[number]
        self._leave(depths[number] + 1 if number >= 0 else 0, slot)
        for new in reversed(entered):
            caller = active[-1] if active else None
            if caller is not None and not caller.syntax.has_no_loops:
                instruction = places.resumptions.get((run, new), places.call_instructions[new])
                many = (id(caller.syntax.code), instruction) in self._many
                read = self._variables.get((caller.number, slot))
                caller.come_to(instruction, slot, read, many)
            code = places.call_codes[new]
            syntax = self._syntax.get(id(code))
            if syntax is None:
                syntax = self._syntax[id(code)] = FunctionSyntax.of(code)
            is_shown = len(active) <= _DEEPEST and not is_comprehension(code)
            call = Call(new, syntax, caller, slot, is_shown)
            call.first_variables = self._variables.get((new, slot))
            if caller is not None:
                call.callers_variables = self._variables.get((caller.number, slot))
            depths[new] = len(active)
            active.append(call)
        return active[-1]

    def _leave(self, depth: int, slot: int) -> None:
        """End all calls but the outer ones."""
        active = self._active
        while len(active) > depth:
            call = active.pop()
            del self._depths[call.number]
            call.stop = slot
            call.leave(0, slot)
            if active:
                outer = active[-1]
                around = outer.running[-1].passes[-1].inside if outer.running else outer.inside
            else:
                around = self._found
            if call.is_shown:
                around.append(call)
            elif len(active) <= _DEEPEST:
                around.extend(call.inside)

    def _instructions_of_many_rows(self) -> set[tuple[int, int]]:
        """Return the instructions that are seen to make several rows at once, as sum() does.

        Between them, no variable changes.
        """
        places, values = self._places, self._places.local_values
        found = set()
        for k, (call, slot) in enumerate(zip(values.calls, values.slots, strict=True)):
            if (
                k > 0
                and values.calls[k - 1] == call
                and values.slots[k - 1] == slot - 1
                and slot < len(places.instructions)
                and places.instructions[slot] == places.instructions[slot - 1]
                and values.variables[k] == values.variables[k - 1]
            ):
                found.add((id(places.call_codes[call]), places.instructions[slot]))
        return found


def is_comprehension(code: CodeType) -> bool:
    """Return whether code is that of a comprehension, which a reader does not regard as a call.

    Python 3.11 runs comprehensions in separate frames.
    """
    return code.co_name in {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
