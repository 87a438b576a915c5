"""How large an expression is, counted exactly without writing it out.

The convention, everywhere in adviz:

- An *operation* is one application of an elemental, like a row of a trace: ``a + b``, ``-a``,
  ``a**2``, ``sin(a)`` and ``a - b`` are one each.
- A *node* is an operation, a symbol or a number.
- The *tree* has one node for each occurrence of a subexpression in the formula written out. The
  *DAG* has one for each distinct subexpression, however often it is used.
- *Characters* are those of the formula written out as Python source, spaces included.

The operations of a sweep are counted in the same way, multiplications by 1 included.
``adviz.costs.counting`` instead weighs operations, for the bounds of theorems: there a division
counts two and a multiplication by 1 nothing.

Several expressions have one size together: their trees add up, their DAG shares subexpressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adviz.symbolic.expr import Expr, all_nodes, topological_order
from adviz.symbolic.python_source import lengths

__all__ = ["Size", "size", "sizes"]


@dataclass(frozen=True)
class Size:
    """The size of an expression, in Python ints of any length.

    Attributes
    ----------
    tree_operations, tree_nodes : int
        Of the formula written out.
    dag_operations, dag_nodes : int
        With every subexpression shared.
    characters : int
        Of the formula written out as Python source.
    """

    tree_operations: int
    tree_nodes: int
    dag_operations: int
    dag_nodes: int
    characters: int


def size(*roots: Expr) -> Size:
    """Return the exact size of expressions; the convention is in this module's docstring.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> l = symbol("x")
    >>> for _ in range(3):
    ...     l = 4 * l * (1 - l)
    >>> size(l)
    Size(tree_operations=21, tree_nodes=43, dag_operations=9, dag_nodes=12, characters=105)
    """
    return sizes(roots)[0]


def sizes(*groups: Sequence[Expr]) -> list[Size]:
    """Return the exact size of each group of expressions, counted in one pass over all of them.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> x = symbol("x")
    >>> [group.dag_operations for group in sizes([1 + x], [1 + x, 2 * (1 + x)])]
    [1, 2]
    """
    parts = topological_order(*(root for group in groups for root in group))
    operations: dict[Expr, int] = {}
    nodes: dict[Expr, int] = {}
    for part in parts:
        operation_count, node_count = 0, 1
        for arg in part.args:
            operation_count += operations[arg]
            node_count += nodes[arg]
        operations[part] = operation_count + 1 if part.args else 0
        nodes[part] = node_count
    characters = lengths(parts)
    result = []
    for group in groups:
        distinct = parts if len(groups) == 1 else all_nodes(group)
        result.append(
            Size(
                tree_operations=sum(operations[root] for root in group),
                tree_nodes=sum(nodes[root] for root in group),
                dag_operations=sum([1 for part in distinct if part.args]),
                dag_nodes=len(distinct),
                characters=sum(characters[root] for root in group),
            )
        )
    return result
