"""E-mails as drafts: who gets one, and that each is ASCII, to one recipient, with the way out in it."""

from __future__ import annotations

import csv
import random
from email import message_from_bytes, policy
from email.message import EmailMessage

import pandas as pd
import pytest

from tests.support.exports_help import FULL, HOSTILE, SETTINGS, order, tables
from tests.support.paths import CASES, ROOT
from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.exports.email_files import EmailSender, EmailTemplate, email_template, emails
from xlcrm.exports.file_names import file_stem
from xlcrm.exports.mail_parts import header_line, header_text
from xlcrm.lists.rendering import render
from xlcrm.plan import OutFile, Plan
from xlcrm.tables import Tables
from xlcrm.text import numbered

SHIPPED = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "templates").iterdir()}
SENDER = EmailSender("Müller & Söhne, GmbH", "info@bücher.example")


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fields(text: str) -> dict[str, object]:
    """ "a=1;b=2" as changes of a client; \\r and \\n are line ends."""
    pairs = (pair.partition("=") for pair in text.replace("\\r", "\r").replace("\\n", "\n").split(";") if pair)
    return {name: value for name, _, value in pairs}


def made(whole: Tables, template: EmailTemplate | None = None, **given: object) -> Plan:
    ready = template or email_template("", SHIPPED)
    return emails(order(whole), SENDER, ready, render=render, **given)  # type: ignore[arg-type]


def message(content: object) -> EmailMessage:
    assert isinstance(content, bytes)
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(one: EmailMessage, kind: str) -> str:
    part = one.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("case", rows("exports_emails.csv"), ids=lambda case: case["why"])
def test_who_gets_an_email(case: dict[str, str]) -> None:
    other = {"client_id": "C0002", "last_name": "Out", "email": "out@example.com", "opt_out_email": "yes"}
    done = made(tables({**FULL, **fields(case["fields"])}, other))
    assert [len(done.files)] == [case["gets"] == "yes"]
    for file in done.files:
        assert len(message(file.content)["To"].addresses) == 1


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("client", [FULL, HOSTILE], ids=["full", "hostile"])
def test_every_email_is_ascii_with_the_way_out(client: dict[str, object], language: str) -> None:
    done = made(tables({**client, "language": language}))
    content = done.files[0].content
    assert isinstance(content, bytes)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    one = message(content)
    assert not one.defects
    assert sorted(one.keys()) == sorted(
        ["Subject", "From", "To", "List-Unsubscribe", "X-Unsent", "MIME-Version", "Content-Type"]
    )
    assert one["X-Unsent"] == "1"
    assert one["List-Unsubscribe"].startswith("<mailto:info@xn--bcher-kva.example")
    assert [a.addr_spec for a in one["To"].addresses] == [client["email"]]
    assert one["From"].addresses[0].display_name == SENDER.name
    out = messages.text("exports.opt_out", language, email="info@bücher.example")
    assert out in body(one, "plain")
    assert out.replace("'", "&#39;") in body(one, "html")
    # Python reads every space of a header as a plain one
    assert one["Subject"] == " ".join(messages.text("exports.mail_subject", language).split())


def test_an_own_template_without_the_way_out_gets_it() -> None:
    own = EmailTemplate("spring", "", "Subject: News for {{ name }}\n\nHello {{ client.own }}\n")
    whole = tables({**FULL, "own": "<b>Contract 7</b>"})
    one = message(made(whole, own).files[0].content)
    assert one["Subject"] == "News for Dott.ssa Anna Rossi"
    assert "Hello <b>Contract 7</b>" in body(one, "plain")
    assert "Hello &lt;b&gt;Contract 7&lt;/b&gt;" in body(one, "html")
    assert all("unsubscribe" in body(one, kind) for kind in ("plain", "html"))


def test_an_html_template_alone_makes_the_text_too() -> None:
    page = "<html><head><title>News &amp; more</title><style>p{}</style></head><body><p>Hello {{ name }}</p>"
    page += '<p>See <a href="https://example.com/a">our <b>page</b></a></p></body></html>'
    one = message(made(tables({**FULL, "first_name": "<script>"}), EmailTemplate("x", page, "")).files[0].content)
    assert one["Subject"] == "News & more"
    assert body(one, "plain").startswith("Hello Dott.ssa <script> Rossi\n\nSee our page (https://example.com/a)\n")
    assert "<script>" not in body(one, "html")
    assert body(one, "html").index("unsubscribe") < body(one, "html").index("</body>")


def test_a_subject_of_the_list_wins_and_stays_one_line() -> None:
    done = made(tables(FULL), subject="Hi\r\nBcc: all@example.com")
    one = message(done.files[0].content)
    assert one["Subject"] == "Hi Bcc: all@example.com"
    assert one["Bcc"] is None


def test_attachments_go_along() -> None:
    done = made(tables(FULL), attachments=(OutFile("Åpen dag.pdf", b"%PDF-1.7"),))
    parts = list(message(done.files[0].content).iter_attachments())
    assert [(p.get_filename(), p.get_content_type()) for p in parts] == [("Åpen dag.pdf", "application/pdf")]
    assert message(done.files[0].content)["To"].addresses


def test_the_same_list_gives_the_same_bytes() -> None:
    first, second = made(tables(FULL, HOSTILE)), made(tables(FULL, HOSTILE))
    assert [file.content for file in first.files] == [file.content for file in second.files]


def test_files_lie_in_a_folder_under_different_names() -> None:
    clients = [{**FULL, "client_id": "", "email": f"a{n}@example.com", "first_name": "../CON"} for n in range(3)]
    names = [file.name for file in made(tables(*clients)).files]
    assert names == ["Spring/Dott.ssa .. CON Rossi.eml", "Spring/Dott.ssa .. CON Rossi (2).eml",
                     "Spring/Dott.ssa .. CON Rossi (3).eml"]  # fmt: skip


@pytest.mark.parametrize("count", [500, 501])
def test_above_500_the_limits_of_providers_are_told(count: int) -> None:
    short = EmailTemplate("short", "", "Hi\n\nHello {{ name }}\n")
    clients = [{**FULL, "client_id": f"C{n}", "email": f"a{n}@example.com"} for n in range(count)]
    keys = [key for key, _ in made(tables(*clients), short).notes]
    assert ("exports.emails_many" in keys) == (count > 500)


def test_a_wrong_address_is_told_with_its_row() -> None:
    done = made(tables(FULL, {**HOSTILE, "email": "no at.example.com"}))
    assert [(p.code, p.table, p.row, p.key, p.value) for p in done.problems] == [
        ("exports.bad_email", "Clients", 3, "C0666", "no at.example.com")
    ]
    assert "1 whose e-mail address is wrong" in str(done.notes[0][1]["why"])


def test_people_at_a_firm_get_theirs_unless_the_firm_refused() -> None:
    people: list[dict[str, object]] = [
        {"person_id": "P1", "client_id": "C0001", "full_name": "Bo Li", "email": "bo@example.com"},
        {"person_id": "P2", "client_id": "C0001", "full_name": "Åse Dahl", "email": "ase@example.com",
         "opt_out_email": "yes"},
    ]  # fmt: skip
    for refused, expected in (("", ["Bo Li P1"]), ("yes", [])):
        whole = tables({**FULL, "opt_out_email": refused}, People=people)
        done = emails(order(whole, per="person"), SENDER, email_template("", SHIPPED), render=render)
        assert [file.name for file in done.files] == [f"Spring/{name}.eml" for name in expected]


@pytest.mark.parametrize("address", ["", "info", "info@", "infø@example.com"])
def test_without_a_sender_there_is_no_email(address: str) -> None:
    with pytest.raises(CrmError) as refused:
        emails(order(tables(FULL)), EmailSender("x", address), email_template("", SHIPPED), render=render)
    assert refused.value.key == "exports.no_sender"


def test_a_missing_template_is_named() -> None:
    with pytest.raises(CrmError) as refused:
        email_template("spring.html", SHIPPED)
    assert (refused.value.key, refused.value.values["template"]) == ("exports.no_template", "spring.html")


def test_nobody_on_the_list_is_said() -> None:
    done = made(tables({**FULL, "email": ""}))
    assert (done.files, done.notes[0][0]) == ((), "lists.empty")


@pytest.mark.parametrize("case", rows("exports_file_names.csv"), ids=lambda case: case["why"])
def test_file_names_are_safe(case: dict[str, str]) -> None:
    text = case["input"]
    for written, sign in (("\\u202e", "\u202e"), ("\\u030a", "\u030a"), ("\\r", "\r"), ("\\n", "\n")):
        text = text.replace(written, sign)
    assert file_stem(text) == case["expected"]


def test_file_names_are_short_and_differ_by_more_than_capitals() -> None:
    assert len(file_stem("Å" * 300).encode()) <= 160
    assert numbered(["Bo", "BO", "bo (2)"]) == ["Bo", "BO (2)", "bo (2) (2)"]


def test_the_tables_stay_as_they_are() -> None:
    whole = tables(FULL, HOSTILE)
    before = whole["Clients"].frame.copy(deep=True)
    made(whole)
    pd.testing.assert_frame_equal(whole["Clients"].frame, before)
    assert SETTINGS.company == "Müller & Söhne"


NAMES = [
    ('Li, "Bo" <evil@example.com>, x', "quotes, commas and brackets"),
    ("a" * 30 + ", evil@example.com, =?utf-8?q?x?= " + "b" * 40, "a long name that a writer of headers folds"),
    ("=?utf-8?q?evil=40example=2Ecom?=, evil@example.com", "an encoded word of its own"),
    ("x\r\nBcc: evil@example.com\r\n\r\nbody", "line ends"),
    ("Łódź 😀 " * 30, "longer than a line"),
    ("\u202eevil\u2028\x00", "signs that are not printed"),
]


@pytest.mark.parametrize(("name", "why"), NAMES, ids=[why for _, why in NAMES])
def test_no_name_or_subject_gets_out_of_its_header(name: str, why: str) -> None:
    one = message(
        made(tables({**FULL, "title": "", "first_name": name, "last_name": "x"}), subject=name).files[0].content
    )
    assert [a.addr_spec for a in one["To"].addresses] == ["anna@example.com"]
    assert (one["Bcc"], one["Cc"], one["Reply-To"]) == (None, None, None)
    assert not one.defects
    assert one["Subject"] == header_text(name)[:500].strip()
    # Python's reader puts a blank between two encoded words of a name, where RFC 2047 has none
    shown, typed = one["To"].addresses[0].display_name, header_text(f"{name} x")[:500]
    assert shown.replace(" ", "") == typed.replace(" ", "")


def test_random_names_leave_one_recipient() -> None:
    rng = random.Random(7)
    signs = [*"aÅ😀;,:\\\"'=@<>&()% {}|[]?+.漢א1", "=?utf-8?q?x?=", " <evil@example.com>, ", "\r\nBcc: x@example.com"]
    for _ in range(400):
        name = "".join(rng.choice(signs) for _ in range(rng.randrange(80)))
        one = message(header_line("To", name, "anna@example.com") + b"\r\n")
        assert [a.addr_spec for a in one["To"].addresses] == ["anna@example.com"], name
        assert one.keys() == ["To"]
