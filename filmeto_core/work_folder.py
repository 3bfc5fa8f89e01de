"""Folders for what is being made: one a call, gone with it; those of dead processes are cleared."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filmeto_core.process import alive
from filmeto_core.resources.durable import store_errors


@asynccontextmanager
async def work_folder(parent: Path) -> AsyncIterator[Path]:
    """A fresh folder for one call; removed at the end, whatever happens, unless it is gone by then."""
    folder = parent / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    with store_errors(parent):
        try:
            os.mkdir(folder)
        except FileNotFoundError:
            folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        if folder.is_dir():
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


def remove_work(folder: Path) -> None:
    """Remove a call's folder; most hold a file or two."""
    try:
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
    except OSError:  # a folder in it, or a file that came meanwhile
        shutil.rmtree(folder, ignore_errors=True)


def clear_dead_work(folder: Path) -> None:
    """Remove the work folders of processes that are gone."""
    for work in folder.glob("*"):
        pid = work.name.split("-")[0]
        if pid.isdigit() and not alive(int(pid)):
            shutil.rmtree(work, ignore_errors=True)
