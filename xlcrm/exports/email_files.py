"""E-mails as files (.eml): one draft for each recipient, to look at and send from one's own program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xlcrm.exports.order import ExportOrder
from xlcrm.lists.rendering import RenderJob
from xlcrm.plan import Grid, OutFile, Plan


@dataclass(frozen=True)
class Sender:
    """Who writes: the company's name, "" for none, and its e-mail address."""

    name: str
    email: str


@dataclass(frozen=True)
class EmailTemplate:
    """A mail's template: its name, the text of its .html and of its .txt; one of the two may be ""."""

    name: str
    html: str
    text: str


def email_template(name: str, templates: Mapping[str, str]) -> EmailTemplate:
    raise NotImplementedError


def emails(
    order: ExportOrder,
    sender: Sender,
    template: EmailTemplate,
    *,
    render: Callable[[RenderJob], str | Grid],
    attachments: tuple[OutFile, ...] = (),
) -> Plan:
    raise NotImplementedError
