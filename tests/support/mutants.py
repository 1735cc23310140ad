"""Mutants of a module: its source with one small fault planted, to see whether the tests notice (mutation testing).

Kinds: a comparison turned, `and` for `or`, a condition denied, a constant changed, a statement left out. What can't be
seen on this system (branches for Windows and macOS), annotations and texts of documentation are left alone.
"""

from __future__ import annotations

import ast
import copy
import gc
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import NamedTuple

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ELSEWHERE = ("win32", "darwin", "TYPE_CHECKING", "Windows", "windll", "winerror", "O_BINARY")


class Mutant(NamedTuple):
    """A fault planted in a module. `source` is all of it; `line`, `kind` and the two texts tell a person what it is.

    lines  those that run when the fault may show: of the statement, of one with a block only its head
    """

    line: int
    kind: str
    before: str
    after: str
    source: str
    lines: range

    def __str__(self) -> str:
        return f"line {self.line}, {self.kind}: {self.before}  ->  {self.after}"


class Site(NamedTuple):
    """Where a fault can be planted: the line, the place in the order of `ast.walk`, which of the node's faults."""

    line: int
    place: int
    which: int


def sites(source: str) -> list[Site]:
    """Every place of a module where a fault can be planted, in the order of its lines."""
    tree = ast.parse(source)
    hidden = {id(below) for node in _hidden(tree) for below in ast.walk(node)}
    nodes = [(place, node) for place, node in enumerate(ast.walk(tree)) if id(node) not in hidden]
    return sorted(
        Site(node.lineno, place, which)
        for place, node in nodes
        if isinstance(node, ast.stmt | ast.expr)
        for which, _ in enumerate(_changes(node))
    )


def mutant(source: str, site: Site) -> Mutant:
    """The module with the fault of one site."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[site.place]
    assert isinstance(node, ast.stmt | ast.expr)
    kind, change = list(_changes(node))[site.which]
    lines = _statement(tree, node)
    before, after = _short(node), change(node)
    shown = _short(after)
    _put(tree, node, after)
    return Mutant(site.line, kind, before, shown, ast.unparse(ast.fix_missing_locations(tree)), lines)


def plant(module: ModuleType, source: str) -> None:
    """Gives a module that is in use the functions, their defaults and the values of a mutant of its own source."""
    other = ModuleType(module.__name__)
    other.__file__ = module.__file__
    exec(compile(source, str(module.__file__), "exec"), other.__dict__)
    new = {function.__qualname__: function for function in _functions(other)}
    for function in _functions(module):
        if changed := new.get(function.__qualname__):
            function.__code__ = changed.__code__
            function.__defaults__, function.__kwdefaults__ = changed.__defaults__, changed.__kwdefaults__
    for name, value in vars(other).items():
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType):
            setattr(module, name, value)


def _functions(module: ModuleType) -> list[FunctionType]:
    """The functions and methods that a module defines, those behind decorators too."""
    everything = [one for one in gc.get_objects() if isinstance(one, FunctionType)]
    return [
        one for one in everything if one.__globals__ is vars(module) and one.__code__.co_filename == module.__file__
    ]


def _statement(tree: ast.AST, node: ast.AST) -> range:
    """The lines of the innermost statement around a node, without those of a block in it."""
    around = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and any(b is node for b in ast.walk(one))]
    inner = around[-1]
    block = getattr(inner, "body", None)
    end = block[0].lineno - 1 if block else inner.end_lineno or inner.lineno
    return range(inner.lineno, max(inner.lineno, end) + 1)


def _hidden(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for field in ("annotation", "returns", "decorator_list"):
            found = getattr(node, field, None)
            yield from found if isinstance(found, list) else filter(None, [found])
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom):
            yield node
        if isinstance(node, ast.If | ast.IfExp) and any(word in ast.unparse(node.test) for word in _ELSEWHERE):
            yield node
        if isinstance(node, ast.AnnAssign | ast.JoinedStr) and getattr(node, "value", None) is None:
            yield node
        if isinstance(node, ast.FunctionDef) and "windows" in node.name:
            yield node
        if isinstance(node, ast.ClassDef):  # a class that is in use keeps its fields
            yield from (field for field in node.body if isinstance(field, ast.AnnAssign | ast.Assign))


Changed = tuple[str, Callable[[ast.AST], ast.AST]]


def _changes(node: ast.stmt | ast.expr) -> Iterator[Changed]:
    """The faults that one node can take, each with its kind."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _TURNED:
        yield "comparison", _turned
    if isinstance(node, ast.BoolOp):
        yield "and or", _other_boolean
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition", _denied
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", lambda it: it.operand  # type: ignore[attr-defined]
    if isinstance(node, ast.Constant):
        yield from _other_constants(node)
    if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete):
        yield "left out", lambda it: ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield "returns None", lambda it: ast.Return(ast.Constant(None))


def _turned(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Compare)
    return ast.Compare(node.left, [_TURNED[type(node.ops[0])](), *node.ops[1:]], node.comparators)


def _other_boolean(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    return ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)


def _denied(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If | ast.IfExp | ast.While)
    changed = copy.copy(node)
    changed.test = ast.UnaryOp(ast.Not(), node.test)
    return changed


def _other_constants(node: ast.Constant) -> Iterator[Changed]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", lambda it: ast.Constant(not value)
    elif isinstance(value, int | float):
        yield "constant", lambda it: ast.Constant(value + 1)
    elif isinstance(value, str | bytes):
        other: str | bytes = "mutant" if isinstance(value, str) else b"mutant"
        yield "constant", lambda it: ast.Constant(other)


def _put(tree: ast.AST, target: ast.AST, after: ast.AST) -> None:
    """Put a node in the place of another."""
    for node in ast.walk(tree):
        for field, held in ast.iter_fields(node):
            if held is target:
                setattr(node, field, after)
                return
            if isinstance(held, list) and any(one is target for one in held):
                setattr(node, field, [after if one is target else one for one in held])
                return


def _short(node: ast.AST) -> str:
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()[0]
    return text if len(text) <= 90 else text[:87] + "..."
