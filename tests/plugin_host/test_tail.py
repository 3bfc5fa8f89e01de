"""The tail: the last of what a plugin said, at a bounded price."""

import logging
import sys

from filmeto_core.plugin_host.pipes import PIECE_BYTES, TAIL_BYTES, Tail


def test_the_last_64_kib_are_kept_however_they_come():
    everything = b"".join(b"line %d\n" % number for number in range(20_000))
    for size in (1, 7, 4096, 100_000, len(everything)):
        tail = Tail(logging.getLogger("tail"))
        for start in range(0, len(everything), size):
            tail.add(everything[start : start + size])
        kept = b"".join(tail._pieces)
        assert everything.endswith(kept)
        assert TAIL_BYTES <= len(kept) <= TAIL_BYTES + max(PIECE_BYTES, min(size, TAIL_BYTES))
        assert tail.text().endswith("line 19999")


def test_single_bytes_cost_hardly_more_than_they_are():
    tail = Tail(logging.getLogger("tail"))
    for _ in range(200_000):
        tail.add(b"x")
    held = sys.getsizeof(tail._pieces) + sum(map(sys.getsizeof, tail._pieces))
    assert held < 1.2 * (TAIL_BYTES + PIECE_BYTES)
