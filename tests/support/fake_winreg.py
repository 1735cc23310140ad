"""A Windows registry in memory with winreg's own functions, so that what talks to winreg is tested anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class FakeWinreg(ModuleType):
    """`tree` maps a key's full path in lower case to its values; keys above exist where a key below does."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE = "HKCU", "HKLM"
    REG_SZ, REG_BINARY, REG_DWORD = 1, 3, 4
    KINDS = ((str, REG_SZ), (bytes, REG_BINARY), (int, REG_DWORD))

    def __init__(self) -> None:
        super().__init__("winreg")
        self.tree: dict[str, dict[str, tuple[Any, int]]] = {}
        self.shown: dict[str, str] = {}

    def put(self, path: str, name: str = "", value: Any = None) -> None:
        """Prepare a value: put(r"HKCU\\Software\\x", "name", 1)."""
        root, _, key = path.partition("\\")
        with self.CreateKey(root, key) as opened:
            self.SetValueEx(opened, name, 0, dict(self.KINDS)[type(value)], value)

    @contextmanager
    def _opened(self, path: str) -> Iterator[str]:
        yield path

    def OpenKey(self, root: str, key: str) -> Any:  # noqa: N802
        path = f"{root}\\{key}".lower()
        if path not in self.tree and not any(known.startswith(path + "\\") for known in self.tree):
            raise FileNotFoundError(2, key)
        return self._opened(path)

    def CreateKey(self, root: str, key: str) -> Any:  # noqa: N802
        path = f"{root}\\{key}".lower()
        self.tree.setdefault(path, {})
        for part in key.split("\\"):
            self.shown[part.lower()] = part
        return self._opened(path)

    def SetValueEx(self, path: str, name: str, reserved: int, kind: int, value: Any) -> None:  # noqa: N802
        assert dict(self.KINDS)[type(value)] == kind
        self.tree[path][name] = (value, kind)

    def QueryValueEx(self, path: str, name: str) -> tuple[Any, int]:  # noqa: N802
        if name not in self.tree.get(path, {}):
            raise FileNotFoundError(2, name)
        return self.tree[path][name]

    def DeleteKey(self, root: str, key: str) -> None:  # noqa: N802
        path = f"{root}\\{key}".lower()
        if any(known.startswith(path + "\\") for known in self.tree):
            raise PermissionError(5, "has keys below")
        if path not in self.tree:
            raise FileNotFoundError(2, key)
        del self.tree[path]

    def EnumValue(self, path: str, index: int) -> tuple[str, Any, int]:  # noqa: N802
        items = list(self.tree.get(path, {}).items())
        if index >= len(items):
            raise OSError(259, "no more data is available")
        name, (value, kind) = items[index]
        return name, value, kind

    def EnumKey(self, path: str, index: int) -> str:  # noqa: N802
        below = sorted({known[len(path) + 1 :].split("\\")[0] for known in self.tree if known.startswith(path + "\\")})
        if index >= len(below):
            raise OSError(259, "no more data is available")
        return self.shown[below[index]]
