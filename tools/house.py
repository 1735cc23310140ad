"""Figures of the house: folders, names, decisions, importers, module heads, test names.

    python tools/house.py [ROOT] [-v]     prints the table that stands in docs/contributing.md; -v names who is meant
    python tools/house.py --write         puts it there, and takes off tests/cases/dense_functions.csv what got simpler

tests/test_house.py asserts the limits. ROOT is any checkout.

What counts as a decision: if, for, while, except, with, match case, ternary, comprehension and assert one each,
and each further operand of `and` and `or`. Lines are all lines of the files, blank ones and docstrings too. A module
has one importer where exactly one other module of the package imports it, at whatever depth; `__init__` counts as one.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

BIG_FOLDER = 15
MANY_DECISIONS = 10
VERY_DENSE = 15  # over that only functions of tests/cases/dense_functions.csv, a list that may only shrink
LONG_TEST_NAME = 60
PAGE, DENSE = Path("docs/contributing.md"), Path("tests/cases/dense_functions.csv")
BEGIN, END = "<!-- figures: python tools/house.py --write -->", "<!-- end of figures -->"
UNNAMED = {"__init__", "__main__"}  # every package has them

ONE_EACH = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.With,
    ast.AsyncWith,
    ast.match_case,
    ast.IfExp,
    ast.comprehension,
    ast.Assert,
)


def decisions(node: ast.AST) -> int:
    """How many decisions stand in a piece of code; those of functions inside it count, too."""
    found = 0
    for inner in ast.walk(node):
        if isinstance(inner, ONE_EACH):
            found += 1
        elif isinstance(inner, ast.BoolOp):
            found += len(inner.values) - 1
    return found


@dataclass(frozen=True)
class Function:
    """A function or method of the package, with how much it decides."""

    module: str
    name: str
    line: int
    decisions: int


@dataclass(frozen=True)
class House:
    """A checkout as it stands on the disk; every figure is read from the files of `xlcrm/` and `tests/`."""

    root: Path

    @cached_property
    def trees(self) -> dict[Path, ast.Module]:
        package = self.root / "xlcrm"
        return {
            path.relative_to(package): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(package.rglob("*.py"))
        }

    @cached_property
    def lines(self) -> int:
        package = self.root / "xlcrm"
        return sum(len((package / path).read_text(encoding="utf-8").splitlines()) for path in self.trees)

    @cached_property
    def folders(self) -> Counter[str]:
        """Modules by folder, `.` is the top level; `__init__` is not counted."""
        return Counter(str(path.parent) for path in self.trees if path.stem != "__init__")

    @cached_property
    def same_file_names(self) -> dict[str, list[str]]:
        named: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.trees:
            if path.stem not in UNNAMED:
                named[path.name].append(str(path))
        return {name: paths for name, paths in named.items() if len(paths) > 1}

    @cached_property
    def same_class_names(self) -> dict[str, list[str]]:
        """Public classes of modules (not those inside functions) whose name occurs twice."""
        named: defaultdict[str, list[str]] = defaultdict(list)
        for path, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    named[node.name].append(str(path))
        return {name: paths for name, paths in named.items() if len(paths) > 1}

    @cached_property
    def functions(self) -> list[Function]:
        return [
            Function(str(path), node.name, node.lineno, decisions(node))
            for path, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    @cached_property
    def dense(self) -> list[Function]:
        return sorted((f for f in self.functions if f.decisions > MANY_DECISIONS), key=lambda f: -f.decisions)

    @cached_property
    def very_dense(self) -> dict[tuple[str, str], int]:
        """Functions over VERY_DENSE decisions: (module, name) -> decisions, the most where a name occurs twice."""
        found: dict[tuple[str, str], int] = {}
        for function in reversed(self.dense):
            if function.decisions > VERY_DENSE:
                found[function.module, function.name] = function.decisions
        return found

    @cached_property
    def decisions(self) -> int:
        return sum(decisions(tree) for tree in self.trees.values())

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Which modules of the package each module imports, by dotted name."""
        names = {_dotted(path): path for path in self.trees}
        found: dict[str, set[str]] = {}
        for path, tree in self.trees.items():
            me, seen = _dotted(path), set()
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    seen |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    inner = {f"{node.module}.{alias.name}" for alias in node.names}
                    seen |= (inner & set(names)) or {node.module}
            found[me] = {name for name in seen if name in names and name != me}
        return found

    @cached_property
    def one_importer(self) -> list[str]:
        users = Counter(name for seen in self.imports.values() for name in seen)
        return sorted(name for name in self.imports if users[name] == 1)

    @cached_property
    def cycles(self) -> list[tuple[str, ...]]:
        """Groups of modules that import each other when they are loaded (imports inside functions do not count)."""
        edges = {_dotted(path): self._loaded(path, tree) for path, tree in self.trees.items()}
        return [group for group in _strong(edges) if len(group) > 1]

    def _loaded(self, path: Path, tree: ast.Module) -> set[str]:
        found: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & set(self.imports)
                found |= inner or {node.module}
        return (found & set(self.imports)) - {_dotted(path)}

    @cached_property
    def heads(self) -> list[tuple[str, str]]:
        """Modules whose docstring's first sentence shares no word with the file's name: it doesn't say what it is."""
        return [
            (str(path), head)
            for path, tree in self.trees.items()
            if path.stem not in UNNAMED and not _names(head := _first_sentence(tree), path)
        ]

    @cached_property
    def tests(self) -> list[str]:
        return [
            node.name
            for path in sorted((self.root / "tests").rglob("test_*.py"))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]


def _dotted(path: Path) -> str:
    parts = ("xlcrm", *path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _first_sentence(tree: ast.Module) -> str:
    whole = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
    return whole.split(". ")[0]


def _names(head: str, path: Path) -> bool:
    """Whether a sentence holds a word of the file's name, in any form: `retention` is named by "retained"."""
    said = [word.strip(".,:;()«»`\"'").casefold() for word in head.replace("-", " ").replace("/", " ").split()]
    wanted = [word for word in path.stem.casefold().split("_") if len(word) > 2] or [path.stem.casefold()]
    return any(word[:4] == want[:4] for want in wanted for word in said)


def _strong(edges: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components, by Tarjan's algorithm with a stack of its own."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for after in edges.get(node, ()):
            if after not in index:
                visit(after)
                low[node] = min(low[node], low[after])
            elif after in stack:
                low[node] = min(low[node], index[after])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(tuple(sorted(stack[at:])))
            del stack[at:]

    sys.setrecursionlimit(10_000)
    for node in edges:
        if node not in index:
            visit(node)
    return found


def table(house: House) -> list[tuple[str, str]]:
    """The figures as (what, value), in the order in which the table of docs/contributing.md has them."""
    modules, functions = len(house.trees), house.functions
    long_names = [name for name in house.tests if len(name) > LONG_TEST_NAME]
    sizes = [f"{name} {n}" for name, n in house.folders.most_common() if n > BIG_FOLDER]
    package = house.root / "xlcrm"
    lengths = [len((package / path).read_text(encoding="utf-8").splitlines()) for path in house.trees]
    return [
        ("modules", str(modules)),
        ("lines, median a module", f"{house.lines:,}, {median(lengths):.0f}"),
        ("files at the top level of the package", str(house.folders["."])),
        ("biggest folder", "{} {}".format(*house.folders.most_common(1)[0])),
        (f"folders over {BIG_FOLDER} files", f"{len(sizes)} ({', '.join(sizes)})"),
        ("file names that occur twice", str(len(house.same_file_names))),
        ("public class names that occur twice", str(len(house.same_class_names))),
        ("modules with exactly one importer", f"{len(house.one_importer)} ({len(house.one_importer) / modules:.1%})"),
        ("import cycles", str(len(house.cycles))),
        ("module heads that don't name what the module is", str(len(house.heads))),
        (
            f"functions with over {MANY_DECISIONS} decisions",
            f"{len(house.dense)} of {len(functions)} ({len(house.dense) / len(functions):.1%})",
        ),
        ("decisions in 10 lines", f"{10 * house.decisions / house.lines:.2f}"),
        (
            f"test names over {LONG_TEST_NAME} characters",
            f"{len(long_names)} of {len(house.tests)} ({len(long_names) / max(1, len(house.tests)):.1%})",
        ),
    ]


def markdown(house: House) -> str:
    """The table of figures as docs/contributing.md has it."""
    rows = [("figure", "value"), ("---", "---"), *table(house)]
    return "\n".join(f"| {what} | {value} |" for what, value in rows)


def listed(root: Path) -> dict[tuple[str, str], int]:
    """Functions that may be very dense, with how dense: (module, name) -> decisions."""
    with (root / DENSE).open(encoding="utf-8", newline="") as file:
        return {(row["module"], row["function"]): int(row["decisions"]) for row in csv.DictReader(file)}


def write(house: House) -> None:
    """Renew the table on the page; on the list, functions that got simpler go or get a lower number, never a higher."""
    page = (house.root / PAGE).read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    (house.root / PAGE).write_text(f"{before}{BEGIN}\n{markdown(house)}\n{END}{after}", encoding="utf-8")
    allowed = listed(house.root)
    kept = {who: min(most, house.very_dense[who]) for who, most in allowed.items() if who in house.very_dense}
    with (house.root / DENSE).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["module", "function", "decisions"])
        out.writerows([*who, most] for who, most in sorted(kept.items()))


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    house = House(Path(words[0]) if words else Path(__file__).resolve().parents[1])
    print(markdown(house))
    if "--write" in sys.argv:
        write(house)
    if "-v" in sys.argv:
        for title, rows in (
            ("file names twice", house.same_file_names.items()),
            ("class names twice", house.same_class_names.items()),
            ("heads", house.heads),
            ("cycles", house.cycles),
            ("one importer", house.one_importer),
            ("dense", house.dense),
        ):
            print(f"\n## {title}", *rows, sep="\n")


if __name__ == "__main__":
    main()
