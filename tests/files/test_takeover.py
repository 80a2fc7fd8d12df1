"""One process takes a file and reads it, another one on another machine goes on: only the log and the bucket are shared."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import orjson
import pytest

from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.ids import new_id
from symphainy.session import Session, Status
from symphainy.sessions import SessionManagerService
from tests.servers.s3 import KEY, SECRET, S3Server, s3_server

from .contract import read
from .uploader import TABLE

__all__ = ["s3_server"]


async def test_a_workflow_goes_on_where_nothing_of_it_is(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    files, store = s3_server.url(new_id("test")), f"sqlite:///{tmp_path / 'log.db'}"
    here = (sys.executable, "-m", "tests.files.uploader", files, store, str(tmp_path / "one"))
    process = await asyncio.create_subprocess_exec(*here, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert await process.wait() == -signal.SIGKILL
    shutil.rmtree(tmp_path / "one")

    async with open_symphainy(Settings(data=tmp_path / "two", store=store, files=files)) as app:
        session = await _finished(app.sessions, "ses_takeover")
        (workflow,) = session.workflows.values()
        assert workflow.status is Status.COMPLETED, workflow.error
        assert [(step.name, step.attempt) for step in workflow.steps] == [
            ("parse", 1), ("profile", 2), ("metadata", 1), ("preview", 1),
        ]  # fmt: skip
        assert await read(app.files, "ses_takeover", "file_1") == TABLE
        profile = next(item for item in session.artifacts.values() if item.kind == "profile")
        made = orjson.loads(await read(app.files, "ses_takeover", profile.versions[-1].blob))
        assert made["tables"][0]["rows"] == 400
        for artifact in session.artifacts.values():
            assert len(await read(app.files, "ses_takeover", artifact.versions[-1].blob)) == artifact.size
        assert await app.files.work_folders() == []
        await app.sessions.close_session("ses_takeover")
    left = s3_server.kept(files.partition("bucket/")[2].partition("?")[0])
    assert sorted(left) == ["erased/ses_takeover", "probe"]


async def _finished(sessions: SessionManagerService, session_id: str) -> Session:
    async with asyncio.timeout(45):
        while True:
            session = await sessions.get_session(session_id)
            if session.workflows and all(item.status.finished for item in session.workflows.values()):
                return session
            await asyncio.sleep(0.05)
