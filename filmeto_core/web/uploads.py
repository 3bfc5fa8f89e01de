"""Uploads: begun, added to, brought into the store when they are whole, given up.

A whole file is decoded as any input is before it enters the store; what is refused is removed. What
came is on the disk (`UploadFolder`), so that a client that is cut off, or whose server is killed,
goes on from there.
"""

import asyncio
import os
import time
import uuid
import weakref
from contextlib import asynccontextmanager

from filmeto_core.errors import (
    FilmetoError,
    GoneError,
    ResourceProcessingError,
    StoreError,
    TooLargeError,
)
from filmeto_core.journal.owned import Owned
from filmeto_core.media_decode import abandon_decoding, ending_with_caller
from filmeto_core.resources.claims import WORDS, check_head, check_stored, size_limit
from filmeto_core.resources.store import Store, Stored
from filmeto_core.settings import Settings
from filmeto_core.signature import HEAD_BYTES
from filmeto_core.types import utc_now
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.web.access import Caller
from filmeto_core.web.problems import not_found, too_many
from filmeto_core.web.request_body import RequestBody
from filmeto_core.web.upload_folder import UploadFolder
from filmeto_core.web.upload_models import Upload, plain_name, read_metadata

KEPT_S = 24 * 3600.0  # an upload to which nothing was added for so long is given up
MOST_OPEN = 100  # unfinished uploads of a tenant
OPEN_RETRY_S = 60.0
QUOTA_HINT = "Give up files that are not needed: DELETE /api/v1/resources/{digest}."


class Uploads:
    """The uploads of one server; only its event loop touches it.

    Args:
        store: Where whole files go.
        owned: Whose they are then.
        settings: Where uploads lie, and how large they may be.
    """

    def __init__(self, store: Store, owned: Owned, settings: Settings) -> None:
        self._store, self._owned, self._settings = store, owned, settings
        self._folder = UploadFolder(settings.uploads_dir)
        self._known: dict[str, Upload] | None = None
        self._bodies: dict[str, RequestBody] = {}
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def most_bytes(self) -> int:
        """The largest file of any kind."""
        return max(size_limit(kind, self._settings) for kind in WORDS)

    async def create(self, caller: Caller, size_bytes: int, metadata: str | None) -> Upload:
        """Begin an upload.

        Raises:
            ValidationError: The metadata cannot be read.
            TooLargeError: The file is larger than any may be, or the tenant's files would be.
            TooManyRequestsError: The tenant has too many that are not whole.
            StoreError: It could not be noted.
        """
        told = read_metadata(metadata)
        uploads = await self._all()
        mine = [u for u in uploads.values() if u.tenant == caller.tenant and not u.is_over]
        if len(mine) >= MOST_OPEN:
            hint = "Finish some of them, or give them up with DELETE."
            what = f"{len(mine)} uploads are unfinished, which is all there may be."
            raise too_many(what, OPEN_RETRY_S, hint)
        await self.check_room(caller, size_bytes, sum(u.size_bytes for u in mine))
        upload = Upload(
            id=uuid.uuid4().hex,
            tenant=caller.tenant,
            size_bytes=size_bytes,
            metadata=metadata or "",
            name=plain_name(told.get("filename") or told.get("name") or ""),
            mime_type=told.get("filetype") or told.get("type") or None,
            created_at=utc_now(),
        )
        await self._keep(upload)
        return upload

    async def check_room(self, caller: Caller, size_bytes: int, coming_bytes: int = 0) -> None:
        """Make sure that a file of this size may come.

        Raises:
            TooLargeError: It is larger than any may be, or the tenant's files would be.
        """
        if size_bytes > self.most_bytes:
            raise TooLargeError(
                f"{size_bytes:,} bytes are more than the {self.most_bytes:,} allowed.",
                hint="Use a smaller file, or raise FILMETO_MAX_VIDEO_BYTES on the server.",
            )
        most = caller.quota.storage_bytes
        if most is None:
            return
        owned = await asyncio.to_thread(self._owned.owned_bytes, caller.tenant)
        if owned + coming_bytes + size_bytes > most:
            raise over_quota(most, owned + coming_bytes)

    async def find(self, caller: Caller, upload_id: str) -> Upload:
        """The caller's upload of that id.

        Raises:
            NotFoundError: There is none, or it is another tenant's, or was given up.
        """
        upload = (await self._all()).get(upload_id)
        if upload is None or upload.tenant != caller.tenant:
            raise not_found("upload", upload_id)
        if self.expires_at(upload) < time.time() and upload_id not in self._bodies:
            await self.remove(upload)
            raise not_found("upload", upload_id)
        return upload

    def offset(self, upload: Upload) -> int:
        """How many of its bytes are there."""
        return upload.size_bytes if upload.is_over else self._folder.size_bytes(upload)

    def expires_at(self, upload: Upload) -> float:
        """When it is given up, in seconds since 1970."""
        return self._folder.changed_at(upload) + KEPT_S

    @asynccontextmanager
    async def holding(self, caller: Caller, upload_id: str, body: RequestBody | None = None):
        """The caller's upload, which nobody else adds to meanwhile; who was adding leaves off.

        So a client that was cut off and comes back is not kept waiting by its own dead connection.

        Raises:
            NotFoundError: See `find`.
        """
        await self.find(caller, upload_id)
        if upload_id in self._bodies:
            self._bodies[upload_id].leave()
        lock = self._locks.setdefault(upload_id, asyncio.Lock())
        async with lock:
            upload = await self.find(caller, upload_id)
            if body is not None:
                self._bodies[upload_id] = body
            try:
                yield upload
            finally:
                if body is not None:
                    del self._bodies[upload_id]

    async def append(self, upload: Upload, body: RequestBody) -> int:
        """Add a body to what is there; the caller holds the upload. What came, stays.

        Returns:
            The offset behind it.

        Raises:
            TooLargeError: More came than the upload has left; nothing of it stays.
            ResourceProcessingError: Its first bytes tell that the file is of no use.
            StoreError: There is no room; what was written before stays.
        """
        begun = offset = self.offset(upload)
        left = upload.size_bytes - begun
        if body.size_bytes is not None and body.size_bytes > left:
            raise _too_much(left)
        descriptor = self._folder.open(upload)
        try:
            while piece := await body.next():
                if offset + len(piece) > upload.size_bytes:
                    self._folder.cut(descriptor, begun)
                    raise _too_much(left)
                await uninterrupted(self._folder.write, descriptor, piece)
                head_came = offset < min(HEAD_BYTES, upload.size_bytes) <= offset + len(piece)
                offset += len(piece)
                if head_came:
                    await self._judge(upload, os.pread(descriptor, HEAD_BYTES, 0))
            await uninterrupted(self._folder.sync, descriptor)
        finally:
            os.close(descriptor)
        return offset

    async def finish(self, upload: Upload, caller: Caller) -> Upload:
        """Bring a whole upload into the store; one that is there already stays as it is.

        Raises:
            ResourceProcessingError: The file is of no use; it was removed.
            TooLargeError: The tenant's files would come to too much; it was removed.
            StoreError: There is no room for it; it stays, and may be finished later.
        """
        if upload.is_over:
            return upload
        try:
            with ending_with_caller():
                stored = await uninterrupted(self._admit, upload, hurry=abandon_decoding)
            await self.own(caller, stored)
        except StoreError:
            raise
        except (ResourceProcessingError, TooLargeError) as error:
            raise await self._refused(upload, error) from error
        done = upload.model_copy(update={"digest": stored.digest})
        await self._keep(done)
        return done

    async def own(self, caller: Caller, stored: Stored) -> None:
        """A file in the store is its caller's from here on.

        Raises:
            TooLargeError: The tenant's files would come to too much.
        """
        most = caller.quota.storage_bytes
        if not await self._owned.add_within(
            caller.tenant, stored.digest, stored.size, "upload", most
        ):
            owned = await asyncio.to_thread(self._owned.owned_bytes, caller.tenant)
            raise over_quota(most or 0, owned)

    async def remove(self, upload: Upload) -> None:
        """Give an upload up; a file that it became stays."""
        (await self._all()).pop(upload.id, None)
        await asyncio.to_thread(self._folder.remove, upload)

    async def forget(self, now: float) -> None:
        """Give up those to which nothing was added for a long time."""
        for upload in list((await self._all()).values()):
            if self.expires_at(upload) < now and upload.id not in self._bodies:
                await self.remove(upload)

    async def _all(self) -> dict[str, Upload]:
        if self._known is None:
            found = await asyncio.to_thread(self._folder.read)
            self._known = self._known or found  # another request may have read them meanwhile
        return self._known

    async def _keep(self, upload: Upload) -> None:
        uploads = await self._all()
        await uninterrupted(self._folder.keep, upload)
        uploads[upload.id] = upload

    async def _judge(self, upload: Upload, head: bytes) -> None:
        """Refuse at once what can only be refused at its end."""
        try:
            check_head(
                head, upload.size_bytes, upload.called, upload.mime_type, self._settings, None
            )
        except ResourceProcessingError as error:
            raise await self._refused(upload, error) from error

    def _admit(self, upload: Upload) -> Stored:
        stored = self._store.put_file(self._folder.part(upload), name=upload.called)
        check_stored(stored, upload.called, self._settings, None)
        return stored

    async def _refused(self, upload: Upload, error: FilmetoError) -> FilmetoError:
        told = {name: getattr(error, name) for name in ("code", "message", "hint")}
        await self._keep(upload.model_copy(update={"error": told}))
        return error


def check_not_refused(upload: Upload) -> None:
    """Make sure that an upload's file was not found to be of no use.

    Raises:
        GoneError: It was, and is gone.
    """
    if upload.error is not None:
        raise GoneError(
            f"this upload was refused, and its bytes are gone: {upload.error.get('message', '')}",
            hint="Begin another upload, of a file that can be used.",
        )


def over_quota(most_bytes: int, owned_bytes: int) -> TooLargeError:
    """A tenant's files would come to more than they may."""
    return TooLargeError(
        f"your files come to {owned_bytes:,} of the {most_bytes:,} bytes that they may; "
        "this one does not fit in.",
        hint=QUOTA_HINT,
    )


def _too_much(left: int) -> TooLargeError:
    return TooLargeError(
        f"more came than the {left:,} bytes that this upload has left; nothing of it was kept.",
        hint="Send Upload-Length minus Upload-Offset bytes at most.",
    )
