"""Mail parts: addresses as a header needs them, the subject, and text and html each made of the other.

A header is ASCII, with international domains in their xn-- form; a template may have a text or an html page only.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape, unescape
from html.parser import HTMLParser

from xlcrm.fields import email
from xlcrm.text import squeeze

LONGEST_TEXT = 500  # characters of a name or a subject
LONGEST_PLAIN = 60  # characters that fit a line beside the header's name
_OCTETS = 45  # that make an encoded word of 72 characters; it may have 75
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")


def ascii_address(text: str) -> str:
    """A valid address in ASCII ("anna@bücher.example" -> "anna@xn--bcher-kva.example"); "" where there is none.

    Letters beyond ASCII before the @ need servers that few have (RFC 6531); quoted names and addresses of numbers are
    valid, and no client's.
    """
    if not email.is_valid(text):
        return ""
    local, _, domain = email.validate(text).rpartition("@")
    domain = _ascii_domain(domain)
    plain = local.isascii() and not any(sign in local for sign in '"\\ ') and not domain.startswith("[")
    return f"{local}@{domain}" if plain and domain else ""


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII by IDNA 2008 (UTS 46), "" where it has no such form."""
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def header_line(name: str, text: str, ascii_form: str = "") -> bytes:
    """One header, its text in encoded words (RFC 2047) unless it is plain, and an address in brackets behind it.

    Written here because Python's own writer loses the quotes of a name that it folds: a comma in the name would begin
    another recipient. In encoded words no sign means anything.
    """
    plain = header_text(text)[:LONGEST_TEXT].strip()
    words = [plain] if _PLAIN.fullmatch(plain) and len(plain) <= LONGEST_PLAIN else _encoded_words(plain)
    whole = [*filter(None, words), *([f"<{ascii_form}>"] if ascii_form else [])]
    folded = "\r\n ".join(whole)
    return f"{name}: {folded}\r\n".encode("ascii")


def _encoded_words(text: str) -> list[str]:
    """The text in pieces of 45 octets, none of which ends within a character, each as an encoded word."""
    pieces, piece = [], b""
    for sign in text:
        octets = sign.encode("utf-8")
        if len(piece) + len(octets) > _OCTETS:
            pieces.append(piece)
            piece = b""
        piece += octets
    return [f"=?utf-8?b?{b64encode(one).decode('ascii')}?=" for one in (*pieces, piece) if one]


def header_text(text: str) -> str:
    """Text for one line of a header: no line ends, control or direction signs, no half of a surrogate pair."""
    return squeeze(text.encode("utf-8", "ignore").decode("utf-8"))


# "Subject: ..." on the first line, as people write it in six languages; the word is no part of the subject
_SUBJECT_WORD = re.compile(r"(?i)^(subject|oggetto|asunto|emne|objet|betreff)\s*:\s*")
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
_BODY_END = re.compile(r"(?i)</body\s*>")
_BREAKS = frozenset(("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"))
_SILENT = frozenset(("head", "style", "script", "title"))


def subject_of(page: str) -> tuple[str, str]:
    """The subject and the body of a text page: its first line, without "Subject:", and what comes below."""
    first, _, rest = page.lstrip("\ufeff\r\n ").partition("\n")
    return squeeze(_SUBJECT_WORD.sub("", first)), rest.strip("\r\n") + "\n"


def title_of(page: str) -> str:
    """The <title> of an html page as plain text, "" where it has none."""
    found = _TITLE.search(page)
    return squeeze(unescape(found[1])) if found else ""


def html_of(text: str) -> str:
    """A plain html page of a text: a paragraph for each block of lines, all signs escaped."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip("\n"))
    paragraphs = "\n".join(f"<p>{'<br>'.join(escape(line) for line in block.splitlines())}</p>" for block in blocks)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n{paragraphs}\n</body></html>\n'


def text_of_html(page: str) -> str:
    """What an html page says, in lines; styles and scripts are left out, a link shows where it leads."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def with_line(text: str, page: str, line: str) -> tuple[str, str]:
    """Both bodies with `line` as their last where they don't hold it: a template may have left it out."""
    if line not in text:
        text = f"{text.rstrip()}\n\n-- \n{line}\n"
    if escape(line) not in page and line not in page:
        paragraph = f'<p style="color:#5b6b7a;font-size:12px">{escape(line)}</p>\n'
        end = _BODY_END.search(page)
        page = page[: end.start()] + paragraph + page[end.start() :] if end else page + paragraph
    return text, page


class _Reader(HTMLParser):
    """Collects the words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.parts.append("\n")
        if tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BREAKS:
            self.parts.append("\n\n" if tag == "p" else "\n")
        if tag == "a" and self._link.startswith(("http:", "https:")):
            self.parts.append(f" ({self._link})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(" ".join(data.split()) if data.strip() else " ")
            # a blank at either end parts words from those of a neighbouring tag
            if data.strip() and data[-1:].isspace():
                self.parts.append(" ")
