"""The Jinja sandbox of a team's own templates, of lists and of Word letters: they read what they are given, no more.

It imports little, because the processes in which templates run start for every list.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATE = "<template>"  # the file name of a template's code, for who looks where it is
_OF_DICT = frozenset(dir(dict))  # what comes before a name of the dictionary's own
LONGEST = 10_000  # of a text or a list that a template multiplies
# what a template can raise from within the sandbox; MemoryError where its process has a limit
FAULTS = (
    TemplateError, ArithmeticError, TypeError, ValueError, AttributeError, LookupError, MemoryError, RecursionError,
)  # fmt: skip


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox keeps a template away from Python; this also keeps `'a' * 10**9` away from the memory."""

    intercepted_binops = frozenset({"*", "**"})

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The names of every template as a plain dictionary, which a row of a table copies for each of its cells."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`client.city` as Jinja has it; a name of a plain dictionary is looked up at once, which lists do most."""
        if type(obj) is dict and attribute in obj and attribute not in _OF_DICT:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """`*` and `**` of a template; SecurityError for powers, and for texts or lists over `LONGEST`."""
        sizes = [len(one) * other for one, other in ((left, right), (right, left))
                 if isinstance(one, (str, list, tuple)) and isinstance(other, int)]  # fmt: skip
        if operator == "**" or max(sizes, default=0) > LONGEST:
            raise SecurityError("this template multiplies too much")
        return super().call_binop(context, operator, left, right)


def line_of(fault: BaseException) -> int:
    """The line of the template in which a rendering stopped; 0 unknown."""
    line = 0
    trace = fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == TEMPLATE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
