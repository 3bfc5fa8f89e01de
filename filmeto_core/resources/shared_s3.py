"""A shared store in an S3 bucket, of AWS or of a server that speaks as S3 does.

A file goes in one request, or in parts of one size. Each is sent with its sha256, which a server
that knows checksums holds it to; and the MD5 that the server answers with (the ETag) is compared.
Where that says nothing (a key of one's own encrypts the bucket), the file is read back.

Parts that arrived before a process died are found by the next one that sends the same file, from
any machine: a name's content is always the same, so its upload may be shared.

Source: Amazon S3 API Reference: PutObject, UploadPart, CompleteMultipartUpload, HeadObject;
Amazon S3 User Guide, "Checking object integrity".
"""

import asyncio
import hashlib
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filmeto_core.resources.incoming import PIECE_BYTES
from filmeto_core.resources.shared_place import (
    READ_BYTES,
    PlaceError,
    allowance_s,
    place_errors,
)
from filmeto_core.resources.shared_s3_sums import Sums, etag_of, is_right

PART_BYTES = 16 * 1024 * 1024  # what an upload holds in memory; S3 takes 5 MiB and more
_SILENCE_S = 60.0  # putting parts together may take a server so long
_MOST_PARTS = 10_000  # S3's limit; larger files get larger parts


class S3Place:
    """A `Place` in a bucket, through s3fs. Credentials and endpoint come as it reads them.

    Args:
        path: "bucket/prefix".
        timeout_s: How long a small answer may take.
        part_bytes: Files larger than this go in parts of this size.
    """

    def __init__(self, path: str, timeout_s: float, part_bytes: int = PART_BYTES) -> None:
        self.shown = f"s3://{path}"
        self._bucket, _, prefix = path.partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._timeout_s = timeout_s
        self.part_bytes = part_bytes
        self._opening = threading.Lock()
        self._opened: Any = None

    @property
    def _fs(self) -> Any:
        """s3fs's file system, made when first asked for.

        It takes a second of computing, more where much else is computed, and may ask the cloud who
        this machine is: nothing that says of the place whether it answers.
        """
        with self._opening:
            if self._opened is None:
                made = _file_system(self._timeout_s)
                with place_errors(_SILENCE_S):
                    ready = asyncio.run_coroutine_threadsafe(made.set_session(), made.loop)
                    ready.result(_SILENCE_S)
                self._opened = made
            return self._opened

    def read(self, name: str, start: int, end: int) -> bytes:
        """See `Place.read`."""
        filesystem = self._fs

        async def get() -> bytes:
            answer = await filesystem._call_s3(
                "get_object",
                Bucket=self._bucket,
                Key=self._prefix + name,
                Range=f"bytes={start}-{end - 1}",
            )
            async with answer["Body"] as body:
                data = await body.read()
            whole = answer["ResponseMetadata"]["HTTPStatusCode"] == 200  # it knows no ranges
            return data[start:end] if whole else data

        try:
            return self._wait(get(), end - start)
        except FileNotFoundError as error:
            self._require_bucket(error)
            raise
        except PlaceError as error:
            if error.status == 416:  # it ends before `start`
                return b""
            raise

    def holds(self, name: str, source: Path, digest: str, *, thorough: bool = False) -> bool:
        """Size and MD5 as S3 tells them, or sha256; read back where neither is what it should be."""
        size = source.stat().st_size
        try:
            head = self._call("head_object", Key=self._prefix + name, ChecksumMode="ENABLED")
        except FileNotFoundError:
            return False
        if head["ContentLength"] != size:
            return False
        if not thorough and is_right(head, self._sums_of(source, size)):
            return True
        return self._digest(name, size) == digest

    def upload(self, name: str, source: Path, digest: str) -> None:
        """See `Place.upload`."""
        size = source.stat().st_size
        if size <= self.part_bytes:
            data = source.read_bytes()
            arrived = is_right(self._put(name, data), Sums.of([data]))
        else:
            arrived = self._upload_in_parts(name, source, size, digest)
        if not arrived and self._digest(name, size) != digest:
            self._call("delete_object", Key=self._prefix + name)
            raise PlaceError("what arrived there is not what was sent")

    def write(self, name: str, data: bytes, *, replace: bool) -> None:
        """See `Place.write`."""
        try:
            self._put(name, data, **({} if replace else {"IfNoneMatch": "*"}))
        except FileExistsError:
            return  # another machine's, which was first
        except PlaceError as error:
            if replace or error.status not in (409, 412, 501):
                raise
            # 412: so some servers say it is there; 409: another machine's is just being written;
            # 501: a server that knows no conditions.
            if error.status != 412 and not self._is_there(name):
                self._put(name, data)

    def _put(self, name: str, data: bytes, **more: Any) -> dict[str, Any]:
        try:
            return self._call(
                "put_object",
                size=len(data),
                Key=self._prefix + name,
                Body=data,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=Sums.of([data]).sha256,
                **more,
            )
        except FileNotFoundError as error:
            self._require_bucket(error)
            raise PlaceError("it could not be written there") from None

    def _is_there(self, name: str) -> bool:
        try:
            self._call("head_object", Key=self._prefix + name)
        except FileNotFoundError:
            return False
        return True

    def _upload_in_parts(self, name: str, source: Path, size: int, digest: str) -> bool:
        try:
            return self._send_parts(self._prefix + name, source, size)
        except (FileNotFoundError, PlaceError) as error:
            # Finished by another machine, which shared the upload, or by this one, and the answer
            # was lost: servers say of such an upload that it is not there, or fail.
            answered = isinstance(error, FileNotFoundError) or error.status
            if answered and self.holds(name, source, digest):
                return True
            raise PlaceError(getattr(error, "why", "the upload is gone")) from None

    def _send_parts(self, key: str, source: Path, size: int) -> bool:
        upload = (
            self._begun(key)
            or self._call("create_multipart_upload", Key=key, ChecksumAlgorithm="SHA256")[
                "UploadId"
            ]
        )
        there = self._parts_there(key, upload)
        parts, sums = [], []
        for number, data in enumerate(_pieces(source, self._part_size(size)), 1):
            own = Sums.of([data])
            part = there.get(number)
            if part is None or etag_of(part) != own.etag:
                part = self._call(
                    "upload_part",
                    size=len(data),
                    Key=key,
                    UploadId=upload,
                    PartNumber=number,
                    Body=data,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=own.sha256,
                )
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": own.sha256})
            sums.append(own)
        answer = self._call(
            "complete_multipart_upload",
            size=size,  # the server may put them together before it answers
            Key=key,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
        )
        return is_right(answer, Sums.of_parts(sums))

    def _begun(self, key: str) -> str | None:
        """An upload of this name that nobody finished."""
        try:
            answer = self._call("list_multipart_uploads", Prefix=key)
        except PlaceError:  # the credentials may not ask
            return None
        found = [u["UploadId"] for u in answer.get("Uploads", ()) if u["Key"] == key]
        return found[-1] if found else None

    def _parts_there(self, key: str, upload: str) -> dict[int, dict[str, Any]]:
        there: dict[int, dict[str, Any]] = {}
        marker = 0
        while True:
            answer = self._call("list_parts", Key=key, UploadId=upload, PartNumberMarker=marker)
            there |= {part["PartNumber"]: part for part in answer.get("Parts", ())}
            marker = answer.get("NextPartNumberMarker") or 0
            if not answer.get("IsTruncated") or not marker:
                return there

    def _part_size(self, size: int) -> int:
        return max(self.part_bytes, math.ceil(size / _MOST_PARTS))

    def _sums_of(self, source: Path, size: int) -> "Sums":
        if size <= self.part_bytes:
            return Sums.of([source.read_bytes()])
        parts = _pieces(source, self._part_size(size))
        return Sums.of_parts([Sums.of([data]) for data in parts])

    def _digest(self, name: str, size: int) -> str:
        found = hashlib.sha256()
        for start in range(0, size, READ_BYTES):
            found.update(self.read(name, start, min(size, start + READ_BYTES)))
        return f"sha256:{found.hexdigest()}"

    def names(self, prefix: str) -> set[str]:
        """See `Place.names`."""
        found: set[str] = set()
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=f"{self._prefix}{prefix}/", **more)
            keys = (item["Key"] for item in answer.get("Contents", ()))
            found |= {key.removeprefix(self._prefix) for key in keys}
            if not answer.get("IsTruncated"):
                return found
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def close(self) -> None:
        """Close the connections."""
        client = getattr(self._opened, "_s3creator", None)
        if client is not None:
            try:
                self._wait(client.__aexit__(None, None, None))
            except (PlaceError, FileNotFoundError):
                pass  # the process ends anyway

    def _require_bucket(self, error: FileNotFoundError) -> None:
        """S3 says "not found" of a missing bucket too; that is no miss but a setting gone wrong."""
        response: Any = getattr(error.__cause__, "response", None) or {}
        if response.get("Error", {}).get("Code") == "NoSuchBucket":
            with place_errors(self._timeout_s):
                raise error.__cause__ or error

    def _call(self, method: str, size: int = 0, **arguments: Any) -> dict[str, Any]:
        call = self._fs._call_s3(method, Bucket=self._bucket, **arguments)
        return self._wait(call, size)

    def _wait(self, call: Any, size: int = 0) -> Any:
        limit_s = self._timeout_s + allowance_s(size)
        with place_errors(self._timeout_s):
            future = asyncio.run_coroutine_threadsafe(call, self._fs.loop)
            try:
                return future.result(limit_s)
            except BaseException:
                future.cancel()
                raise


def _file_system(timeout_s: float) -> Any:
    import s3fs

    made = s3fs.S3FileSystem(
        skip_instance_cache=True,  # its limits are ours alone
        use_listings_cache=False,
        config_kwargs={
            "connect_timeout": timeout_s / 2,
            "read_timeout": max(timeout_s, _SILENCE_S),  # `_wait` knows what each may take
            "retries": {"mode": "standard", "total_max_attempts": 2},
            "max_pool_connections": 32,
            # What is read is held to its digest here, and has to be seen to be found wrong.
            "response_checksum_validation": "when_required",
        },
    )
    made.retries = 1  # botocore's are enough
    return made


def _pieces(source: Path, size: int) -> Iterator[bytes]:
    with source.open("rb", buffering=PIECE_BYTES) as file:
        while piece := file.read(size):
            yield piece
