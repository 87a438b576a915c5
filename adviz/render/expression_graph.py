"""The drawing of an expression: as the tree that it is on paper, or as the DAG of shared parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from adviz.host.errors import GraphError
from adviz.render.graph import REFUSE_ABOVE, Graph
from adviz.render.math_tree import Name, math_tree, to_text
from adviz.symbolic.expr import Expr
from adviz.symbolic.size import sizes
from adviz.symbolic.study import count_text

__all__ = ["expression_graph"]

_INK, _GREY, _ACTIVE, _PALE = "#20211f", "#595959", "#9A6B00", "#FDF0D0"


def expression_graph(roots: Sequence[Expr], shared: bool, most: int, name: str) -> Graph:
    """Draw expressions from their outermost operations down; see :meth:`Formula.graph`.

    A part that occurs more than once in the written formula is marked: in the tree at each of its
    occurrences, in the DAG at its one box, with the number of its uses. A constant is drawn anew
    at each of its uses.

    Raises
    ------
    GraphError
        If ``most`` is larger than can be laid out.
    """
    if most > REFUSE_ABOVE:
        raise GraphError(
            f"most={most}: above {REFUSE_ABOVE:,} boxes a drawing can neither be laid out in "
            "reasonable time nor read."
        )
    parts, children = _boxes(roots, shared, most)
    uses = Counter(k for below in children for k in below)
    occurrences = Counter(parts)
    picture = Graph(name)
    picture.attr(rankdir="TB", bgcolor="white", pad="0.15", nodesep="0.12", ranksep="0.28")
    picture.attr("node", shape="box", fontname="Helvetica", fontsize="12", fixedsize="true")
    picture.attr("edge", color=_GREY, arrowsize="0.5")
    for k, part in enumerate(parts):
        label, dashed = _label(part), False
        if part.args and not children[k]:
            hidden = sizes([part])[0]
            count = hidden.dag_operations if shared else hidden.tree_operations
            label, dashed = f"… {count_text(count)}", True
        several = bool(part.args) and (uses[k] if shared else occurrences[part]) > 1
        if several and shared:
            label += f"   {uses[k]} uses"
        picture.node(
            f"n{k}",
            label,
            id=f"n{k}",
            width=f"{max(0.42, 0.11 * len(label) + 0.2):.2f}",
            height="0.34",
            style="rounded,filled,dashed" if dashed else "rounded,filled",
            fillcolor=_PALE if several else "white",
            color=_ACTIVE if several else _GREY,
            penwidth="1.8" if several else "1",
            fontcolor=_INK,
        )
    for k, below in enumerate(children):
        for place, child in enumerate(below):
            picture.edge(f"n{k}", f"n{child}", id=f"e{k}-{place}")
    return picture


def _boxes(roots: Sequence[Expr], shared: bool, most: int) -> tuple[list[Expr], list[list[int]]]:
    """Return the parts that have a box, outermost first, and for each the boxes below it."""
    parts = list(dict.fromkeys(roots))
    children: list[list[int]] = [[] for _ in parts]
    known = {part: k for k, part in enumerate(parts)} if shared else {}
    place = 0
    while place < len(parts):
        args = parts[place].args
        new = [arg for arg in args if arg not in known]
        if len(parts) + len(new) > most:
            place += 1
            continue
        for arg in args:
            if arg in known:
                children[place].append(known[arg])
            else:
                if shared and not arg.is_number:
                    known[arg] = len(parts)
                children[place].append(len(parts))
                parts.append(arg)
                children.append([])
        place += 1
    return parts, children


def _label(part: Expr) -> str:
    if part.elemental is not None:
        return part.elemental.symbol
    return to_text(Name.of(part.leaf).tree() if isinstance(part.leaf, str) else math_tree(part))
