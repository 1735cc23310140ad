"""The ribbon tab "Clients" as XML, so that every button names an action and speaks the workbook's language."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from xlcrm import messages

_NAMESPACE = {
    "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2009/07/customui",
    "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/01/customui",
}


@dataclass(frozen=True)
class Button:
    """A button. `action` is a command of xlcrm (the control's tag), `image` one of Office's own pictures (imageMso)."""

    action: str
    image: str
    large: bool = False


@dataclass(frozen=True)
class RibbonGroup:
    name: str
    buttons: tuple[Button, ...]


GROUPS = (
    RibbonGroup(
        "data",
        (
            Button("import", "ImportTextFile", large=True),
            Button("check", "DataValidation", large=True),
            Button("correct", "ReviewAcceptChange"),
            Button("split", "ConvertTextToTable"),
        ),
    ),
    RibbonGroup("insight", (Button("refresh", "RefreshAll", large=True), Button("search", "FindDialog", large=True))),
    RibbonGroup("lists", (Button("lists", "EnvelopesAndLabelsDialog", large=True),)),
    RibbonGroup(
        "safety", (Button("backup", "FileSave", large=True), Button("undo", "Undo"), Button("restore", "FileOpen"))
    ),
    RibbonGroup("help", (Button("guide", "Help"), Button("doctor", "ErrorChecking"))),
)


def xml(language: str = "en", namespace: str = _NAMESPACE["customUI/customUI14.xml"]) -> str:
    """The customUI part. The 2006 and the 2009 namespace take the same elements and attributes."""
    tab = quoteattr(messages.text("ribbon.tab", language))
    groups = "".join(_group(group, language) for group in GROUPS)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{namespace}">\n  <ribbon>\n    <tabs>\n'
        f'      <tab id="xlcrmTab" label={tab} insertAfterMso="TabHome" keytip="Y">\n{groups}'
        "      </tab>\n    </tabs>\n  </ribbon>\n</customUI>\n"
    )


def parts(language: str = "en") -> dict[str, str]:
    """The package's two ribbon parts: Excel 2010 and later read the first, Excel 2007 the second."""
    return {name: xml(language, namespace) for name, namespace in _NAMESPACE.items()}


def _group(group: RibbonGroup, language: str) -> str:
    label = quoteattr(messages.text(f"ribbon.group.{group.name}", language))
    buttons = "".join(_button(button, language) for button in group.buttons)
    return f'        <group id="xlcrmGroup{group.name.title()}" label={label}>\n{buttons}        </group>\n'


def _button(button: Button, language: str) -> str:
    label = messages.text(f"ribbon.{button.action}", language)
    attributes = {
        "id": f"xlcrm{button.action.title()}",
        "tag": button.action,
        "label": label,
        "size": "large" if button.large else "normal",
        "imageMso": button.image,
        "onAction": "XlcrmClick",
        "screentip": label,
        "supertip": messages.text(f"ribbon.{button.action}.tip", language),
    }
    return "          <button " + " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items()) + "/>\n"
