"""The machine as one value: what installing and the doctor need to know of it; tests make up any."""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class DoctorFinding(NamedTuple):
    """What was found or done, as a sentence of the catalogue: `key`, how bad it is, what fills the sentence.

    level  "good", "note" (worth knowing), "warning" (may go wrong), "error" (does not work)
    """

    key: str
    level: str = "good"
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Machine:
    """A computer, for one user.

    system       sys.platform: "win32", "darwin", else a machine without Excel
    home         the user's own folder
    scripts      where this Python's programs are, the likeliest first
    environment  the environment's variables
    """

    system: str
    home: Path
    scripts: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def launcher(self) -> Path | None:
        """The program that the buttons start, None where this Python has none."""
        name = "xlcrmw.exe" if self.system == "win32" else "xlcrmw"
        return next((folder / name for folder in self.scripts if (folder / name).is_file()), None)

    def script(self) -> Path:
        """Where Excel for Mac looks for scripts that its macros may run."""
        return self.home / "Library" / "Application Scripts" / "com.microsoft.Excel" / "xlcrm-1.applescript"


def this_machine() -> Machine:
    """The computer that this runs on, with the folders where pip puts programs."""
    user = sysconfig.get_preferred_scheme("user")
    folders = (
        Path(sysconfig.get_path("scripts")),
        Path(sys.executable).parent,
        Path(sysconfig.get_path("scripts", user)),
    )
    return Machine(sys.platform, Path.home(), folders, dict(os.environ))


class Registry:
    """The Windows registry, read and written under a root: "HKCU" (this user) or "HKLM" (everybody)."""

    def __init__(self, root: str = "HKCU") -> None:
        """Windows only: the module winreg is nowhere else."""
        self._winreg: Any = importlib.import_module("winreg")
        self._root = self._winreg.HKEY_CURRENT_USER if root == "HKCU" else self._winreg.HKEY_LOCAL_MACHINE

    def read(self, key: str, name: str) -> Any:
        """A value (text or number), None where the key or the value isn't there or isn't ours to read."""
        try:
            with self._winreg.OpenKey(self._root, key) as opened:
                return self._winreg.QueryValueEx(opened, name)[0]
        except OSError:
            return None

    def write(self, key: str, name: str, value: str | int) -> None:
        """Write a text (REG_SZ) or a number (REG_DWORD); the key is made where it is not there."""
        kind = self._winreg.REG_SZ if isinstance(value, str) else self._winreg.REG_DWORD
        with self._winreg.CreateKey(self._root, key) as opened:
            self._winreg.SetValueEx(opened, name, 0, kind, value)

    def remove(self, key: str) -> None:
        """Remove a key that has no keys below it; one that isn't there is fine."""
        try:
            self._winreg.DeleteKey(self._root, key)
        except FileNotFoundError:
            return

    def names(self, key: str) -> tuple[str, ...]:
        """The names of a key's values."""
        return self._listed(key, lambda opened, index: self._winreg.EnumValue(opened, index)[0])

    def keys(self, key: str) -> tuple[str, ...]:
        """The names of the keys below a key."""
        return self._listed(key, lambda opened, index: self._winreg.EnumKey(opened, index))

    def _listed(self, key: str, at: Any) -> tuple[str, ...]:
        """Ask for one entry after the other until Windows says that there are no more."""
        found: list[str] = []
        try:
            with self._winreg.OpenKey(self._root, key) as opened:
                while True:
                    found.append(str(at(opened, len(found))))
        except OSError:  # Windows says so at the end of a list, too
            return tuple(found)
