"""What is said of the answers to an exercise: cell by cell, in words, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from adviz.host.errors import InputError
from adviz.render.math_tree import to_text
from adviz.tutor.cells import Sheet
from adviz.tutor.diagnosis import diagnose
from adviz.tutor.entries import Entry, read_answer
from adviz.tutor.sentences import remark_on

__all__ = ["Feedback", "Verdict"]


class Verdict(NamedTuple):
    """What is said of one answer.

    Attributes
    ----------
    status : str
        "right"; "follows": right, given the learner's own earlier entries; "coarse": right as far
        as it goes, but with too few digits to tell; "wrong"; "unread": not a number; or "missing".
    text : str
        The same in words; of a wrong answer, which rule was misapplied.
    """

    status: str
    text: str

    @property
    def is_right(self) -> bool:
        """Whether it counts: right, or right given the learner's own earlier entries."""
        return self.status in ("right", "follows")


class Feedback(Mapping[str, Verdict]):
    """Verdicts by the names of the cells; made by :meth:`Exercise.check`.

    Parameters
    ----------
    sheet : Sheet
    blanks : mapping
        The places of the cells that are asked for, by their names.
    answers : mapping
        By the names of cells.
    """

    def __init__(self, sheet: Sheet, blanks: Mapping[str, int], answers: Mapping[str, Any]) -> None:
        cells = sheet.cells
        self._labels = {key: to_text(cells[place].label) for key, place in blanks.items()}
        self._answers = {key: answer for key, answer in answers.items() if not _is_empty(answer)}
        entries: dict[int, Entry] = {}
        self._verdicts = dict.fromkeys(blanks, Verdict("missing", "not answered"))
        for key, answer in self._answers.items():
            try:
                entries[blanks[key]] = read_answer(sheet, blanks[key], answer, self._labels[key])
            except InputError as error:
                self._verdicts[key] = Verdict("unread", str(error))
        findings = diagnose(sheet, blanks.values(), entries)
        for key, place in blanks.items():
            if place in findings:
                text = str(remark_on(cells, entries, place, findings[place]))
                self._verdicts[key] = Verdict(findings[place].status, text)

    def __getitem__(self, key: str) -> Verdict:
        return self._verdicts[key]

    def __iter__(self) -> Any:
        return iter(self._verdicts)

    def __len__(self) -> int:
        return len(self._verdicts)

    @property
    def count(self) -> int:
        """How many answers are right, given the learner's own earlier ones."""
        return sum(verdict.is_right for verdict in self._verdicts.values())

    def __repr__(self) -> str:
        lines = [
            (self._labels[key], _shown(self._answers[key]), self._verdicts[key].text)
            for key in self._verdicts
            if key in self._answers
        ]
        wide = [max((len(line[k]) for line in lines), default=0) for k in (0, 1)]
        return "\n".join(
            f"{name:{wide[0]}}  {answer:{wide[1]}}  {text}" for name, answer, text in lines
        )


def _is_empty(answer: Any) -> bool:
    return answer is None or (isinstance(answer, str) and not answer.strip())


def _shown(answer: Any) -> str:
    text = f"{answer:g}" if isinstance(answer, float) else str(answer)
    return text.replace("-", "−")
