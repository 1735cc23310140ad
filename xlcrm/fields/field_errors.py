"""Errors of the field modules: one exception per kind of fault, so that a slip is told from a wrong kind of text."""

from __future__ import annotations

from xlcrm import messages


class FieldError(ValueError):
    """A value that is not what its field wants. `key` names the sentence, `values` fill its placeholders.

    `values["suggestion"]` is set where the right value can be guessed.
    """

    def __init__(self, key: str, **values: object) -> None:
        """`key` of the sentence, and what fills it: always `value`, the text as typed."""
        super().__init__(key)
        self.key = key
        self.values = values

    @property
    def suggestion(self) -> str:
        """What was probably meant, in the form that the field wants; "" where nobody can know."""
        return str(self.values.get("suggestion", ""))

    def text(self, language: str = "en") -> str:
        """The sentence for the user, in one of the six languages."""
        return messages.text(self.key, language, **self.values)

    def __str__(self) -> str:
        """The sentence in English, for logs and tests."""
        return self.text()


class FormatError(FieldError):
    """The text is of another shape: letters in a phone number, no @ in an e-mail."""


class LengthError(FieldError):
    """Right characters, but too many or too few."""


class ChecksumError(FieldError):
    """The check digit does not fit: one digit is wrong, or two are swapped."""


class PartError(FieldError):
    """The shape is right, but a part cannot exist: the 31st of February, a postal code of no province."""
