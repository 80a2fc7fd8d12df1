"""Which copybook describes a file of records: given with the request, or asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services import FileKind, ServiceError, sniff
from symphainy.enabling_services.cobol.code_pages import CODE_PAGES
from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore
from symphainy.questions import Question
from symphainy.session import File, JsonObject, Session
from symphainy.workflows import Flow

ASKED: Final = "copybook"
_ENDINGS: Final = (".cpy", ".cob", ".cbl", ".copybook")


@dataclass(frozen=True, slots=True)
class Copybook:
    """`code_page` None: told by the data."""

    file: File
    code_page: str | None


async def copybook_for(flow: Flow, session: Session, files: FileStore, file: File) -> Copybook | None:
    """None for a file that says itself what it is. Asks for the copybook of one that does not, until it is one of the
    session's files: the user may upload it meanwhile."""
    if flow.input.get("copybook_file_id"):
        return _given(session, flow.input)
    if not await _needs_one(await files.path(flow.session_id, file.file_id), file.name):
        return None
    attempt, problem = 1, ""
    while True:
        name = ASKED if attempt == 1 else f"{ASKED} {attempt}"
        title = f"{problem}{file.name} holds binary data. Which COBOL copybook describes its records?"
        answers = await flow.ask(name, title, _questions(session, file))
        found = find_copybook(session, file, str(answers["copybook"]))
        if found is not None:
            page = answers.get("code_page")
            return Copybook(found, str(page) if page else None)
        problem = f"There is no file {str(answers['copybook'])[:80]!r} in this session. "
        attempt += 1


def check_copybook(session: Session, file: File, input: JsonObject) -> None:
    """Raises InvalidInput for a copybook or code page that cannot be used."""
    if input.get("copybook_file_id") and find_copybook(session, file, str(input["copybook_file_id"])) is None:
        raise InvalidInput(f"There is no copybook {input['copybook_file_id']!r} in this session. Upload it first.")
    if input.get("code_page") is not None and input["code_page"] not in CODE_PAGES:
        raise InvalidInput(f"The code page is one of {', '.join(CODE_PAGES)}.")


def find_copybook(session: Session, file: File, wanted: str) -> File | None:
    """By its id, or its name in any case; the newest of that name."""
    others = [item for item in session.files.values() if item.file_id != file.file_id]
    named = [
        item for item in others if wanted in (item.file_id, item.name) or item.name.lower() == wanted.strip().lower()
    ]
    return named[-1] if named else None


async def copybook_path(files: FileStore, session_id: str, copybook: Copybook | None) -> Path | None:
    return await files.path(session_id, copybook.file.file_id) if copybook is not None else None


def is_copybook(file: File) -> bool:
    """As the analysis found out, or as the name says before."""
    return file.kind == FileKind.COPYBOOK.value or file.name.lower().endswith(_ENDINGS)


def _given(session: Session, input: JsonObject) -> Copybook | None:
    found = session.files.get(str(input["copybook_file_id"]))
    if found is None:
        raise ServiceError("missing_input", "The copybook is no longer in this session. Upload it again.")
    return Copybook(found, input.get("code_page"))


async def _needs_one(source: Path, name: str) -> bool:
    try:
        return await sniff(source, name) is FileKind.RECORDS
    except ServiceError:
        return False  # the parser says what is wrong with it


def _questions(session: Session, file: File) -> tuple[Question, ...]:
    known = [item for item in session.files.values() if is_copybook(item)]
    stem = file.name.rpartition(".")[0].lower() or file.name.lower()
    alike = [item for item in known if item.name.lower().rpartition(".")[0] == stem]
    suggestion = (alike or known[-1:])[-1].name if known else None
    return (
        Question(
            "copybook",
            "Copybook",
            "text",
            help="The name of a file in this session. Upload it here first (.cpy or .cob) if it is not there yet.",
            suggestion=suggestion,
            source="the copybooks in this session" if suggestion else None,
        ),
        Question(
            "code_page",
            "Code page",
            "choice",
            required=False,
            options=CODE_PAGES,
            help="Leave it empty to have it told by the data. cp273 is German, cp500 international.",
        ),
    )
