"""A name of a row is what Jinja's own sandbox gives for it, whatever the row has columns for."""

from __future__ import annotations

import pytest
from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xlcrm.papers.template_sandbox import TemplateSandbox

ROW = {"city": "Oslo", "items": "a column", "pop": "another", "__class__": "a third", "format": "{0.x}", "n": None}


class Row(dict[str, object]):
    """A dictionary with ways of its own."""

    city = "of the class"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("row.city", "a column"),
        ("row.n", "a blank"),
        ("row.format", "a text that is called as a method of texts"),
        ("row.items", "a method of dictionaries comes first"),
        ("row.pop", "what would change the row"),
        ("row.__class__", "what leads to Python"),
        ("row.missing", "no column"),
        ("row.city.upper()", "a method of a text"),
        ("row.city.format('x')", "formatting stays within the sandbox"),
        ("own.city", "an attribute comes first"),
    ],
)
def test_a_name_is_what_jinja_gives(expression: str, why: str) -> None:
    def shown(kind: type[ImmutableSandboxedEnvironment]) -> str:
        compiled = kind(undefined=StrictUndefined).compile_expression(expression, undefined_to_none=False)
        try:
            return str(compiled(row=dict(ROW), own=Row(city="of the row"))).partition(" at 0x")[0]
        except (SecurityError, UndefinedError) as refused:
            return f"{type(refused).__name__}: {refused}"

    assert shown(TemplateSandbox) == shown(ImmutableSandboxedEnvironment), why
