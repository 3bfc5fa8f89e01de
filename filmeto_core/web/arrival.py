"""A file that comes as the body of one request, straight into the store."""

from filmeto_core.errors import TooLargeError
from filmeto_core.media_decode import abandon_decoding, ending_with_caller
from filmeto_core.resources.claims import check_head, check_stored
from filmeto_core.resources.incoming import Incoming
from filmeto_core.resources.store import Store, Stored
from filmeto_core.settings import Settings
from filmeto_core.signature import HEAD_BYTES
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.web.request_body import RequestBody

AGAIN = "Send it again; a large file goes by POST /api/v1/uploads, and is gone on with there."


class Arrival:
    """One file on its way in; nothing of it stays unless all of it comes, and is of use.

    Args:
        store: Where it goes.
        settings: How large it may be.
        declared: The type that its sender gives it; checked by content.
        most_bytes: The largest that it may be, whatever it is.
    """

    def __init__(
        self, store: Store, settings: Settings, declared: str | None, most_bytes: int
    ) -> None:
        self._store, self._settings, self._declared = store, settings, declared
        self._most_bytes = most_bytes

    async def receive(self, body: RequestBody, name: str) -> Stored:
        """The file in the store.

        Args:
            name: What errors call it.

        Raises:
            ResourceProcessingError: It is of no use.
            TooLargeError: It is too large.
            RequestError, HTTPException: It was cut off, or its sender fell silent.
            StoreError: There is no room.
        """
        with self._store.writer() as incoming:
            most = None
            while piece := await body.next():
                await uninterrupted(incoming.write, piece)
                if most is None and incoming.size >= HEAD_BYTES:
                    most = self._judge(incoming, name)
                self._check_size(incoming.size, most)
            body.check_whole(AGAIN)
            self._check_size(incoming.size, self._judge(incoming, name))
            with ending_with_caller():
                stored = await uninterrupted(self._commit, incoming, name, hurry=abandon_decoding)
        check_stored(stored, name, self._settings, None)
        return stored

    def _commit(self, incoming: Incoming, name: str) -> Stored:
        return self._store.commit(incoming, name=name)

    def _judge(self, incoming: Incoming, name: str) -> int:
        head = incoming.head(HEAD_BYTES)
        return check_head(head, incoming.size, name, self._declared, self._settings, None)

    def _check_size(self, size_bytes: int, most: int | None) -> None:
        most_bytes = min(self._most_bytes, self._most_bytes if most is None else most)
        if size_bytes > most_bytes:
            raise TooLargeError(
                f"more than the {most_bytes:,} bytes came that are allowed; nothing was kept.",
                hint="Use a smaller file, or raise FILMETO_MAX_IMAGE_BYTES, _VIDEO_ or _AUDIO_.",
            )
