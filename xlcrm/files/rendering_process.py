"""Rendering of a team's own templates in a process of its own, with limits of time and memory.

Jinja's sandbox keeps a template away from Python and from the disk, but not from the memory and the clock: a filter or
a loop takes all of both in one line. One such process serves a run; it is started by the first template that is not
one of ours, so that lists without own templates wait for nothing, and ended with the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from xlcrm.errors import CrmError
from xlcrm.files import template_files
from xlcrm.files.limited_process import LimitedProcess, OverLimitError
from xlcrm.lists import rendering
from xlcrm.lists.rendering import RenderJob
from xlcrm.papers.template_sandbox import TEMPLATE
from xlcrm.plan import Grid

SECONDS = 30.0
MEMORY = 768 << 20  # bytes on top of what the process has once it is up


class RenderingProcess:
    """Renders jobs as `rendering.render` does; CrmError "lists.template_slow", "template_big" or "template_fault"."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.over_there = LimitedProcess(_rendered, seconds=seconds, memory=memory, line=_line)
        self._ours = template_files.of_ours()

    def render(self, job: RenderJob) -> str | Grid:
        """The content of a list: here for a template of ours, which is known not to take too much, else over there."""
        if job.source in self._ours:
            return rendering.render(job)
        try:
            content: str | Grid = self.over_there.ask(job)
        except OverLimitError as over:
            if over.slow:
                seconds = round(self.over_there.seconds)
                raise CrmError("lists.template_slow", template=job.name, line=over.line, seconds=seconds) from over
            raise CrmError("lists.template_big", template=job.name, line=over.line) from over
        return content

    def end(self) -> None:
        """End the process, whatever it is at."""
        self.over_there.end()


@contextmanager
def rendering_process() -> Iterator[RenderingProcess]:
    """A rendering process for the block; nothing is started until a template of a team's own is rendered."""
    process = RenderingProcess()
    try:
        yield process
    finally:
        process.end()


def _rendered(job: RenderJob) -> str | Grid | CrmError:
    try:
        return rendering.render(job)
    except CrmError as fault:
        return CrmError(fault.key, **{name: str(value)[:400] for name, value in fault.values.items()})
    except Exception as fault:  # noqa: BLE001 - whatever a template does to Jinja is the template's fault
        return CrmError("lists.template_fault", template=job.name, line="-", fault=str(fault)[:300])


def _line(frame: FrameType | None) -> object:
    """The line of the template that is running in these frames."""
    while frame is not None:
        if frame.f_code.co_filename == TEMPLATE:
            return frame.f_globals["__jinja_template__"].get_corresponding_lineno(frame.f_lineno)
        frame = frame.f_back
    return "-"
