"""Lists to hand over (mailing, invoicing), made from the client file, a saved search and a template."""

from __future__ import annotations

from xlcrm.lists.list_plan import plan as plan
