"""E-mail: headers, the text for people, attachments; and mailboxes."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from symphainy.enabling_services import FileKind, Limits, MetadataExtractor, ParsedFile, ServiceError

from .conftest import Bench


def letter(
    subject: str = "Claims of Müller & Söhne", body: str = "Please look at the claims.\nBest, Ann"
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann Größe <ann@example.org>"
    message["To"] = "bob@example.org, Claims Team <claims@example.org>"
    message["Cc"] = "carol@example.org"
    message["Date"] = "Mon, 02 Mar 2026 10:15:00 +0100"
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message.set_content(body)
    return message


def with_claims() -> EmailMessage:
    message = letter()
    message.add_alternative("<p>Please look at <b>the claims</b>.</p><p>Best, Ann</p>", subtype="html")
    message.add_attachment(b"id,amount\n1,2\n", maintype="text", subtype="csv", filename="Schäden 2026.csv")
    message.add_attachment(letter("Inner", "Inside."))
    return message


def text_of(bench: Bench, parsed: ParsedFile) -> str:
    assert parsed.document is not None
    return (bench.output / parsed.document.text_file).read_text()


async def test_headers_text_and_attachments(bench: Bench) -> None:
    parsed = await bench.parse("claims.eml", with_claims().as_bytes(policy=SMTP))
    assert parsed.kind is FileKind.EMAIL
    assert text_of(bench, parsed) == "# Claims of Müller & Söhne\n\nPlease look at the claims.\nBest, Ann\n"
    assert parsed.mail is not None
    assert (parsed.mail.sender, parsed.mail.date) == ("Ann Größe <ann@example.org>", "2026-03-02T10:15:00+01:00")
    assert parsed.mail.to == ("bob@example.org", "Claims Team <claims@example.org>")
    assert [(item.name, item.media_type, item.size) for item in parsed.attachments][0] == (
        "Schäden 2026.csv",
        "text/csv",
        14,
    )
    assert parsed.attachments[1].name == "Inner.eml"
    assert (bench.output / parsed.attachments[0].file_name).read_bytes() == b"id,amount\n1,2\n"
    inner = await bench.parse("Inner.eml", (bench.output / parsed.attachments[1].file_name).read_bytes())
    assert text_of(bench, inner) == "# Inner\n\nInside.\n"
    metadata = await MetadataExtractor().extract(
        bench.folder / "upload", parsed, file_name="claims.eml", progress=bench.progress
    )
    assert metadata.mail == parsed.mail
    assert (metadata.title, metadata.author) == ("Claims of Müller & Söhne", "Ann Größe <ann@example.org>")


async def test_html_alone_is_read_as_words(bench: Bench) -> None:
    message = letter()
    message.set_content(
        "<html><head><style>p{}</style></head><body><p>Dear&nbsp;Bob,</p><ul><li>one</li><li>two</li></ul>"
        "<script>alert(1)</script></body></html>",
        subtype="html",
    )
    assert text_of(bench, await bench.parse("m.eml", message.as_bytes())).endswith("\n\nDear Bob,\n\none\n\ntwo\n")


async def test_odd_encodings_are_read_and_broken_ones_are_named(bench: Bench) -> None:
    raw = (
        b"From: =?iso-8859-1?q?J=F6rg?= <j@example.org>\nTo: x@example.org\nDate: yesterday\n"
        b"Subject: =?utf-8?b?4pyTIGRvbmU=?= =?no-such-charset?q?x?=\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=no-such\n\nGr\xfc\xdfe\n'
        b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="../../etc/re\tport.pdf"\n\n!!!!=\n--b--\n'
    )
    parsed = await bench.parse("odd.eml", raw)
    assert parsed.mail is not None
    assert (parsed.mail.sender, parsed.mail.date) == ("Jörg <j@example.org>", None)
    assert "Grüße" in text_of(bench, parsed)
    assert parsed.attachments[0].name == "re port.pdf"


async def test_a_picture_of_the_text_is_no_attachment(bench: Bench) -> None:
    message = letter()
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif", disposition="inline", cid="<logo>")
    parsed = await bench.parse("m.eml", message.as_bytes())
    assert parsed.attachments == ()
    assert parsed.warnings == ("1 picture inside the text left out.",)


async def test_more_attachments_than_allowed_are_counted(bench: Bench) -> None:
    message = letter()
    for number in range(5):
        message.add_attachment(b"x", maintype="application", subtype="x", filename=f"{number}.bin")
    parsed = await bench.parse("m.eml", message.as_bytes(), limits=Limits(attachments=3))
    assert len(parsed.attachments) == 3
    assert parsed.warnings == ("It has 5 attachments; the first 3 were read.",)


async def test_endless_nesting_is_refused(bench: Bench) -> None:
    raw = b"From: a@b\nTo: c@d\nSubject: deep\n"
    for number in range(3000):
        raw += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
    with pytest.raises(ServiceError) as caught:
        await bench.parse("deep.eml", raw + b"Content-Type: text/plain\n\nhello\n")
    assert caught.value.service_code == "not_a_email"


async def test_a_mailbox_is_a_table_of_its_messages(bench: Bench) -> None:
    box = b"".join(
        b"From ann@example.org Mon Mar  2 10:15:00 2026\n" + letter(f"No {number}").as_bytes() + b"\n"
        for number in range(3)
    )
    parsed = await bench.parse("inbox.mbox", box + b"From x Mon Mar  2 10:15:00 2026\n" + with_claims().as_bytes())
    rows = await bench.cells(parsed)
    assert [row[4] for row in rows] == ["No 0", "No 1", "No 2", "Claims of Müller & Söhne"]
    assert rows[0][1:4] == [
        "Ann Größe <ann@example.org>",
        "bob@example.org, Claims Team <claims@example.org>",
        "carol@example.org",
    ]
    assert [row[6] for row in rows] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("name", "data"), [("a.eml", b"Hello there"), ("a.mbox", b"From me to you\nhello"), ("a.eml", b"\0\1\2")]
)
async def test_what_is_no_mail_is_refused(bench: Bench, name: str, data: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse(name, data)
    assert caught.value.service_code in ("not_a_email", "not_a_mbox")


async def test_a_message_without_an_ending_is_recognised(bench: Bench) -> None:
    assert (await bench.parse("message", letter().as_bytes())).kind is FileKind.EMAIL
    assert (await bench.parse("notes.txt", "Note: buy milk\nTodo: call\n")).kind is FileKind.TEXT


def test_the_attachment_above_is_what_it_seems() -> None:
    assert base64.b64encode(b"id,amount\n1,2\n") in with_claims().as_bytes()
