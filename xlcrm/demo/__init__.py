"""A client file to try things on: fictional people in six languages, as untidy as real lists are."""

from __future__ import annotations

from xlcrm.demo.generate import Demo as Demo
from xlcrm.demo.generate import make as make
