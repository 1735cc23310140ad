"""The ribbon tab "Clients" as XML, from the registry of actions, in the workbook's language."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from xlcrm import messages
from xlcrm.actions import Action, Button, buttons

_NAMESPACE = {
    "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2009/07/customui",
    "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/01/customui",
}


def xml(language: str = "en", namespace: str = _NAMESPACE["customUI/customUI14.xml"]) -> str:
    """The customUI part. The 2006 and the 2009 namespace take the same elements and attributes.

    Without keytips: Office gives a tab that names none a free one, in every language of its own; a fixed letter is that
    of another tab in one language or other (Y is Help's in English).
    """
    tab = quoteattr(messages.text("ribbon.tab", language))
    groups = "".join(_group(name, actions, language) for name, actions in buttons().items())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{namespace}">\n  <ribbon>\n    <tabs>\n'
        f'      <tab id="xlcrmTab" label={tab} insertAfterMso="TabHome">\n{groups}'
        "      </tab>\n    </tabs>\n  </ribbon>\n</customUI>\n"
    )


def parts(language: str = "en") -> dict[str, str]:
    """The package's two ribbon parts: Excel 2010 and later read the first, Excel 2007 the second."""
    return {name: xml(language, namespace) for name, namespace in _NAMESPACE.items()}


def _group(name: str, actions: list[Action], language: str) -> str:
    label = quoteattr(messages.text(f"ribbon.group.{name}", language))
    inner = "".join(_button(action.name, action.button, language) for action in actions if action.button)
    return f'        <group id="xlcrmGroup{name.title()}" label={label}>\n{inner}        </group>\n'


def _button(action: str, button: Button, language: str) -> str:
    label = messages.text(f"ribbon.{action}", language)
    attributes = {
        "id": f"xlcrm{action.title().replace('-', '')}",
        "tag": action,
        "label": label,
        "size": "large" if button.large else "normal",
        "imageMso": button.image,
        "onAction": "XlcrmClick",
        "screentip": label,
        "supertip": messages.text(f"ribbon.{action}.tip", language),
    }
    return "          <button " + " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items()) + "/>\n"
