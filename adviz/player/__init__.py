"""The player, which shows a trace document in a page; and its text, for pages that hold all of it.

Its modules, in an order in which they can be read:

- ``trace.js`` says what a trace is in the page. ``traceDocument.js`` reads one from a document,
  with ``documentChecks.js``, ``documentPrograms.js``, ``documentArrays.js``,
  ``documentGroups.js``, ``documentNotes.js`` and ``documentGraph.js``.
- ``evaluation.js`` evaluates a trace at other inputs, in the arithmetic of ``arithmetic.js``.
- ``sweeps.js`` computes the passes, with ``arraySweeps.js`` where there are arrays; ``folding.js``
  leaves out what lies in folded calls, and ``playhead.js`` holds where the reader is.
- ``number.js``, ``math.js``, ``formulas.js`` with ``arrayNames.js``, ``arrayText.js`` and
  ``arrays.js`` write numbers, formulas and arrays. ``grids.js`` has arrays as rows and columns, and
  ``workings.js`` with ``contraction.js`` says how each entry of a step's array comes about.
  ``english.js``, ``seeds.js``, ``prose.js`` with ``arrayProse.js``,
  ``notes.js`` and ``speech.js`` say in words what a step does, and what is to be known of the
  whole trace.
- ``header.js`` puts the call (``call.js``), the seeds (``seedFields.js``) and the menu
  (``menu.js``) in a bar. A number in it is a ``numberField.js`` with a ``dragScale.js`` under it;
  ``numberEntry.js`` reads what is typed. ``barriers.js`` and ``stops.js`` find where an input has
  to stop, ``reasons.js`` says why, and ``note.js`` shows that.
- ``source.js`` with ``sourcePieces.js``, ``table.js`` with ``tableLines.js`` and
  ``columns.js``, ``graph.js``, ``step.js`` with ``matrices.js``, ``matrixPicture.js`` and
  ``plane.js``, ``transport.js`` with ``pace.js``, and ``announcer.js`` are the panes;
  ``layout.js`` arranges them, and ``dom.js`` makes their elements.
- The graph is made of boxes (``graphBoxes.js``) which lie as ``graphPlan.js`` and
  ``graphLayout.js`` say, drawn as cards and edges (``graphCards.js``, ``graphEdges.js``) with
  labels (``graphLabels.js``, ``labelPlacement.js``), and seen through ``graphView.js``, whose
  arithmetic is ``viewport.js``, and on the map, ``graphMap.js``.
- Of loops, ``passes.js`` names the passes, ``ruler.js`` shows them under the player, with the
  arithmetic of ``rulerCells.js``, and ``passChips.js`` in the source.
- ``pointing.js`` marks the same thing in all panes while the reader points at it in one of them.
- ``laboratory.js`` shows a laboratory document: ``laboratoryDocument.js`` reads it,
  ``errorLaboratory.js`` and ``swellLaboratory.js`` draw and answer, with the axes of ``plot.js``.
- ``predictions.js`` holds what the reader predicts, with ``answerEntry.js``, ``answerCheck.js`` and
  ``stepMistakes.js``, which runs the wrong rules that ``documentMistakes.js`` reads.
  ``predictPane.js`` asks, ``predictionProse.js`` and ``mistakeSentences.js`` say what is wrong, and
  ``predictSwitch.js`` turns it on.
- ``exercise.js`` shows an exercise document, which ``exerciseDocument.js`` reads, as a card
  (``exerciseCard.js``). ``exerciseAnswers.js`` holds what is entered, ``exerciseMemory.js`` keeps
  it, ``exerciseCheck.js`` finds what is wrong in it, and ``exerciseProse.js`` says that with the
  sentences of ``exerciseSentences.js``. ``exerciseFrame.js`` is what stands around every exercise,
  ``exerciseTable.js`` its table with ``exerciseFields.js``; further words are those of
  ``exerciseTask.js``, ``exerciseHints.js`` with ``hintSentences.js``, and ``exerciseRemarks.js``.
- ``exercisePage.js`` is an exercise in a page of its own, with all that may be folded in it.
  ``lessonCards.js`` shows what else a lesson asks and folds: a question
  (``questionDocument.js``, ``questionFields.js``, ``questionCheck.js``, ``questionCard.js``),
  folded answers and explanations (``parts.js``), and what was answered (``answered.js``,
  ``answeredCard.js``). Text with mathematics in it is drawn by ``richText.js``.
- ``player.js`` puts all this together and ``keyboard.js`` plays it by keys; ``live.js`` adds what a
  kernel makes possible. ``page.js`` keeps the position in the page's address (``address.js``), and
  ``focus.js`` keeps the focus where a player is shown anew.

A page opened from disk may not import modules from files beside it, and a widget's module comes as
one string: both get the modules joined into one. JupyterLab, which serves the files, imports
``player.js`` as it is. Outputs that bring the player along, to hosts that have no extension of
ours, hold the bundles of ``bundles/`` (``make bundles``), which ``loader.js`` puts to work on the
ground that ``background.js`` finds; ``mimeTypes.js`` names what they can show.
"""

import re
from base64 import b64encode
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([\w/-]+\.css)"\);$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:function|class|const) (\w+))", re.MULTILINE)

_OPERATION = re.compile(r'^  "?([^\s":]+)"?: ', re.MULTILINE)

_SENTENCES = re.compile(r'^  (\w+): \[\s*"([^"]*)",\s*"([^"]*)",?\s*\],$', re.MULTILINE)

_EXPORTS = {
    "player": "export const { mount } = player_js;\n",
    "page": "export const { mount } = page_js;\n",
    "laboratory": "export const { mount } = laboratory_js;\n",
    "exercisePage": "export const { mount } = exercisePage_js;\n",
    "live": "export default { render: live_js.render };\n",
}


@cache
def script(module: str = "player") -> str:
    """Return a module and those it imports as one ES module that imports nothing.

    Each module becomes a function that is called once, after those it imports from. What it returns
    has a name that no module uses: a module may define what is called as another module is.

    Parameters
    ----------
    module : str
        "player", "page", "laboratory" and "exercisePage", which export ``mount``, or "live", whose
        default export is an anywidget.

    Examples
    --------
    >>> script().splitlines()[-1]
    'export const { mount } = player_js;'
    >>> script("live").splitlines()[-1]
    'export default { render: live_js.render };'
    """
    scopes: dict[str, str] = {}

    def collect(name: str) -> None:
        if name in scopes:
            return
        text = (_HERE / f"{name}.js").read_text(encoding="utf-8")
        for _, imported in _IMPORT.findall(text):
            collect(imported)
        exported = ", ".join(export for _, export in _EXPORT.findall(text))
        body = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = {m[2]}_js;", text)
        body = _EXPORT.sub(r"\1", body)
        scopes[name] = f"const {name}_js = (() => {{\n{body}return {{ {exported} }};\n}})();\n"

    collect(module)
    return "".join(scopes.values()) + _EXPORTS[module]


@cache
def operations() -> frozenset[str]:
    """Return the names of the operations that a page evaluates, which are in ``arithmetic.js``.

    Examples
    --------
    >>> {"mul", "tanh"} <= operations(), "gammaln" in operations()
    (True, False)
    """
    text = (_HERE / "arithmetic.js").read_text(encoding="utf-8")
    return frozenset(_OPERATION.findall(text))


@cache
def mistake_sentences() -> dict[str, tuple[str, str]]:
    """Return what is said of each mistake: what was done, and what is right.

    The sentences are in ``mistakeSentences.js``, which says what stands in their braces.

    Examples
    --------
    >>> mistake_sentences()["last_use_only"][0]
    'You used only the last use.'
    """
    text = (_HERE / "mistakeSentences.js").read_text(encoding="utf-8")
    return {name: (done, right) for name, done, right in _SENTENCES.findall(text)}


@cache
def verdicts() -> dict[str, tuple[str, str]]:
    """Return what is said of an answer to an exercise: what counts most, and the rest.

    The sentences are in ``exerciseSentences.js``, which says what stands in their braces.

    Examples
    --------
    >>> verdicts()["right"]
    ('Right.', '')
    """
    text = (_HERE / "exerciseSentences.js").read_text(encoding="utf-8")
    return {name: (first, rest) for name, first, rest in _SENTENCES.findall(text)}


@cache
def hint_sentences() -> dict[str, tuple[str, str]]:
    """Return the hints to exercises, by code, each as one sentence or two.

    The sentences are in ``hintSentences.js``, which says what stands in their braces.

    Examples
    --------
    >>> hint_sentences()["sum"]
    ('{target} = {sum}.', '')
    """
    text = (_HERE / "hintSentences.js").read_text(encoding="utf-8")
    return {name: (first, rest) for name, first, rest in _SENTENCES.findall(text)}


@cache
def bundle(file: str) -> str:
    """Return the text of a bundle, made by ``make bundles``: a piece of the player, or its loader.

    Examples
    --------
    >>> bundle("loader.js").startswith('"use strict";')
    True
    """
    return (_HERE / "bundles" / file).read_text(encoding="utf-8")


@cache
def font() -> bytes:
    """Return the font of mathematics, as WOFF2.

    Examples
    --------
    >>> font()[:4]
    b'wOF2'
    """
    return (_HERE / "fonts/stix-two-math.woff2").read_bytes()


@cache
def font_license() -> str:
    """Return the license of the font, which goes where the font goes.

    Examples
    --------
    >>> "SIL OPEN FONT LICENSE" in font_license()
    True
    """
    return (_HERE / "fonts/OFL.txt").read_text(encoding="utf-8")


@cache
def style() -> str:
    """Return the style sheets of the player and of a lesson's cards as one, the font in it.

    Examples
    --------
    >>> "url(data:font/woff2;base64," in style()
    True
    """
    data = f"url(data:font/woff2;base64,{b64encode(font()).decode('ascii')})"
    face = re.sub(r'url\("fonts/[\w-]+\.woff2"\)', data, _sheet("font"))
    return face + _sheet("player") + _sheet("cards")


def _sheet(name: str) -> str:
    text = (_HERE / f"{name}.css").read_text(encoding="utf-8")
    return _STYLE_IMPORT.sub(lambda m: (_HERE / m[1]).read_text(encoding="utf-8"), text)


@cache
def laboratory_style() -> str:
    """Return the style of laboratories that answer in the page.

    Examples
    --------
    >>> ".adviz-laboratory-page" in laboratory_style()
    True
    """
    return (_HERE / "laboratory.css").read_text(encoding="utf-8")


@cache
def reveal_style() -> str:
    """Return the style of answers that are folded away.

    Examples
    --------
    >>> ".adviz-reveal" in reveal_style()
    True
    """
    return (_HERE / "reveal.css").read_text(encoding="utf-8")
