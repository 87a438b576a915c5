"""The small questions between the cells of a lesson."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adviz.host import checks
from adviz.host.errors import InputError
from adviz.render import rich_text
from adviz.render.carried import with_player
from adviz.tutor.card_page import card_page
from adviz.tutor.document import MIME_TYPE, VERSION
from adviz.tutor.parts import Part, in_html, is_live, part_of
from adviz.tutor.replies import Judgement, Reply, reply_of

__all__ = ["Question", "Verdict", "ask"]


def ask(
    question: str,
    answer: Any,
    *,
    choices: Iterable[Any] | None = None,
    feedback: str | Mapping[Any, str] | None = None,
    hints: str | Iterable[str] | None = None,
    tolerance: float | None = None,
    explanation: Any = None,
    title: str | None = None,
    graded: bool = False,
) -> Question:
    """Return a question, which a notebook shows as a card that takes and checks the answer.

    What is asked for follows from the answer: a number; numbers, for a list or an array of them; a
    formula, for a text such as ``"2*x*y"``; an order, for a list of texts in the right order; yes
    or no, for a truth value. With ``choices`` it is one of them, or several for a list.

    Parameters
    ----------
    question : str
        Markdown with LaTeX between dollar signs, as are all texts here.
    answer : object
        The right answer. An integer is asked for exactly, other numbers to three digits; formulas
        are compared by their values, and may hold the names of the question's mathematics.
    choices : iterable, optional
        What can be chosen.
    feedback : str or mapping, optional
        What is said of wrong answers: of all, or by answer, as in ``{1: "You counted ..."}``; of
        a choice also where it is right.
    hints : str or iterable of str, optional
        Shown one after the other.
    tolerance : float, optional
        How far off a number may be.
    explanation : object, optional
        Shown once the question is answered: a text or anything that a cell can display, or a list
        of such.
    title : str, optional
        The heading of the card.
    graded : bool
        Whether the page is not to know the answer: it is marked by :meth:`.Question.score`.

    Returns
    -------
    Question
        The result of a cell.

    Raises
    ------
    InputError
        If there is no asking for such an answer, or feedback is given for one that is impossible.

    Examples
    --------
    >>> arrows = ask("How many arrows leave $x_1$?", 2, feedback={1: "The log reads it, too."})
    >>> arrows.check(1)
    wrong: The log reads it, too.
    >>> mode = ask("Which mode is cheaper?", "reverse", choices=["forward", "reverse"])
    >>> mode.score("reverse", points=2)
    2.0
    >>> ask("Which pass comes first?", ["primal", "reverse"]).check(["reverse", "primal"])
    wrong
    """
    checks.text(question, "question")
    names = rich_text.names_in(rich_text.from_markdown(question))
    reply = reply_of(answer, choices, tolerance, names)
    return Question(question, reply, feedback, hints, explanation, title, graded)


class Question:
    """A question; made by :func:`adviz.ask`."""

    def __init__(
        self,
        question: str,
        reply: Reply,
        feedback: Any,
        hints: Any,
        explanation: Any,
        title: str | None,
        graded: bool,
    ) -> None:
        self.question = question
        self._reply = reply
        self._title = None if title is None else checks.text(title, "title")
        self._graded = checks.flag(graded, "graded")
        self._always = feedback if isinstance(feedback, str) else None
        self._feedback = _feedback(reply, {} if self._always else feedback)
        some = () if hints is None else hints
        listed = [some] if isinstance(some, str) else checks.items(some, "hints")
        self._hints = [checks.text(hint, "hints") for hint in listed]
        self._explanation = _explanation(explanation)

    def check(self, answer: Any) -> Verdict:
        """Return what is to be said of an answer.

        Parameters
        ----------
        answer : object
            Of the kind that is asked for: a number or arithmetic such as "1/3", a formula, a
            choice or a list of choices, a list in order.

        Raises
        ------
        InputError
            If it is of another kind.
        """
        entry = self._reply.read(answer, "answer")
        found = self._reply.judge(entry, [those for those, _ in self._feedback])
        said = [self._feedback[place][1] for place in found.foreseen]
        if found.status == "wrong" and not said and self._always:
            said = [self._always]
        return Verdict(found, " ".join(said))

    def score(self, answer: Any, points: float = 1.0) -> float:
        """Return the points for an answer; a share of them where only a part of it is right.

        Parameters
        ----------
        answer : object
            As for :meth:`check`. None gets no points.
        points : float
            For the right answer.
        """
        most = checks.number(points, "points", least=0)
        return 0.0 if answer is None else float(most) * self.check(answer).judgement.share

    def solution(self) -> Any:
        """Return the right answer."""
        return self._reply.solution

    def to_document(self) -> dict[str, Any]:
        """Return the exercise document of the kind "question", which a page asks."""
        asked = {
            "version": VERSION,
            "kind": "question",
            "title": self._title,
            "question": rich_text.from_markdown(self.question),
            "hints": [rich_text.from_markdown(hint) for hint in self._hints],
            **self._reply.document(),
        }
        if self._graded:
            return asked
        reply = self._reply
        return {
            **asked,
            "right": reply.written(reply.read(reply.solution, "answer")),
            "solution": reply.solution if isinstance(reply.solution, str) else "",
            "foreseen": [
                [reply.written(entry), rich_text.from_markdown(text)]
                for entry, text in self._feedback
            ],
            "feedback": rich_text.from_markdown(self._always) if self._always else None,
            "explanation": [part.document for part in self._explanation],
        }

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a page with the question: one file that needs no network.

        The browser keeps what is entered.

        Parameters
        ----------
        path : path-like, optional
            The file to write; without one the page is returned.

        Raises
        ------
        FileError
            If the file cannot be written; it is an ``OSError`` too.

        Examples
        --------
        >>> ask("How many?", 2).to_html().count("<html")
        1
        """
        return card_page(self.to_document(), self._title or "Question", self._html(), path)

    def __repr__(self) -> str:
        return f"<Question: {self.question}>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return with_player(
            {
                MIME_TYPE: self.to_document(),
                "text/html": self._html(),
                "text/plain": rich_text.to_text(rich_text.from_markdown(self.question)),
            }
        )

    def _html(self) -> str:
        """Return the question with its answer folded away, for hosts that do not run our page."""
        asked = self._reply.document()
        listed = [f"<li>{rich_text.to_html(tree)}</li>" for tree in asked.get("choices", [])]
        heading = f"<b>{html.escape(self._title)}</b>" if self._title else ""
        lines = [heading, rich_text.to_html(rich_text.from_markdown(self.question))]
        if listed:
            lines.append(f"<ul>{''.join(listed)}</ul>")
        for k, hint in enumerate(self._hints):
            folded = rich_text.to_html(rich_text.from_markdown(hint))
            lines.append(f"<details><summary>Hint {k + 1}</summary>{folded}</details>")
        if not self._graded:
            answer = rich_text.to_html(self._reply.shown()) + in_html(self._explanation)
            lines.append(f"<details><summary>Show the answer</summary>{answer}</details>")
        return f"<div>{''.join(lines)}</div>"


def _feedback(reply: Reply, feedback: Any) -> list[tuple[Any, str]]:
    if feedback is None:
        return []
    if not isinstance(feedback, Mapping):
        raise checks.refusal("feedback", "a text, or a dict of texts by answer", feedback)
    found = []
    for answer, text in feedback.items():
        found.append((reply.read(answer, "feedback"), checks.text(text, "feedback")))
    return found


def _explanation(explanation: Any) -> list[Part]:
    if explanation is None:
        return []
    listed = list(explanation) if isinstance(explanation, (list, tuple)) else [explanation]
    for thing in listed:
        if is_live(thing):
            raise InputError(
                f"explanation: {thing!r} needs outputs of its own; show it in a cell, or give "
                "ad.reveal"
            )
    return [part_of(thing) for thing in listed]


@dataclass(frozen=True)
class Verdict:
    """What is to be said of an answer; made by :meth:`Question.check`.

    Attributes
    ----------
    judgement : Judgement
    text : str
        What the question says of this answer, in Markdown.
    """

    judgement: Judgement
    text: str

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.judgement.status == "right"

    def __repr__(self) -> str:
        status = self.judgement.status
        if status == "coarse":
            status = "right as far as it goes; give three digits"
        return f"{status}: {self.text}" if self.text else status
