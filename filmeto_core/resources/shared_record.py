"""A call's record as it lies in a shared store: without what is of one machine alone.

What is read there may come from anyone who can write there, so it is checked as any input is.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from filmeto_core.resources.calls import CallRecord, all_outputs
from filmeto_core.resources.shared_place import SMALL_BYTES
from filmeto_core.signature import FORMATS, ending
from filmeto_core.types import ResourceOutput

MAX_RECORD_BYTES = SMALL_BYTES  # prompts and metadata; no media
_LAYOUT = 1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def record_name(key: str) -> str:
    """Where the record of a call lies."""
    return f"calls/{key[:2]}/{key}.json"


def object_name(output: ResourceOutput) -> str:
    """Where the file of an output lies."""
    hexadecimal = (output.digest or "").removeprefix("sha256:")
    return f"objects/{hexadecimal[:2]}/{hexadecimal}{ending(output.mime_type)}"


def written(record: CallRecord) -> bytes:
    """The record as it is written there; its paths are those of the shared store."""
    paths = {output.digest: object_name(output) for output in all_outputs(record.outputs)}
    data = {"layout": _LAYOUT, "record": with_paths(record, paths).to_dict()}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_record(data: bytes, key: str) -> CallRecord | None:
    """The record in these bytes; None where they are no record of this key that can be used."""
    try:
        told = json.loads(data)
        if told["layout"] != _LAYOUT:
            return None
        record = CallRecord.from_dict(told["record"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    fine = all(
        isinstance(output.digest, str)
        and _DIGEST.fullmatch(output.digest)
        and output.mime_type in FORMATS
        and output.size > 0
        for output in all_outputs(record.outputs)
    )
    return record if fine and record.key == key and record.outputs else None


def with_paths(record: CallRecord, paths: Mapping[str | None, str | Path]) -> CallRecord:
    """The record with each output's path as `paths` has it for its digest."""

    def moved(output: ResourceOutput) -> ResourceOutput:
        others = tuple(moved(other) for other in output.others)
        update = {"path": str(paths[output.digest]), "url": None, "others": others}
        return output.model_copy(update=update)

    return record.model_copy(update={"outputs": tuple(moved(o) for o in record.outputs)})
