"""A directive that shows what a few lines of Python make, such as a trace that plays."""

from __future__ import annotations

import ast
import linecache
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from adviz.publish.cells import play_cells
from adviz.tutor.parts import displayed

__all__ = ["Show"]


class Show(SphinxDirective):
    """Runs Python while the pages are made, and shows the value of its last expression.

    In a page of Markdown::

        ```{adviz}
        import adviz as ad

        ad.trace(lambda x: x * x, 3)
        ```

    The lines stand above what they make, unless the option ``hide-code`` is given.
    """

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"hide-code": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return the lines, and what they make."""
        text = "\n".join(self.content) + "\n"
        # By this name a trace finds the source of what it traced.
        name = f"<{self.env.docname}, line {self.lineno}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        try:
            shown = _shown(displayed(_value(text, name)))
        except Exception as error:
            raise self.error(f"These lines of Python cannot be shown: {error!r}.") from error
        if "hide-code" in self.options:
            return [shown]
        code = nodes.literal_block(text, text, language="python")
        self.set_source_info(code)
        return [code, shown]


def _value(text: str, name: str) -> Any:
    """Run lines of Python and return the value of the last, an expression."""
    tree = ast.parse(text, name)
    last = tree.body.pop() if tree.body else None
    if not isinstance(last, ast.Expr):
        raise ValueError("the last line is not an expression")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(tree, name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


def _shown(bundle: dict[str, Any]) -> nodes.Element:
    if not bundle:
        raise ValueError("the value needs a notebook to be shown in")
    output: dict[str, Any] = {"output_type": "execute_result", "data": bundle}
    play_cells([{"outputs": [output]}])
    if "text/html" in bundle:
        return nodes.raw("", bundle["text/html"], format="html")
    return nodes.literal_block("", bundle["text/plain"], language="none")
