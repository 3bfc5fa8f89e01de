"""Secrets of a plugin's environment stay out of what it says."""

import logging

from filmeto_core.plugin_host.hidden import Hidden
from filmeto_core.plugin_host.pipes import Tail


def test_a_secrets_name_stands_in_its_place_the_longest_first():
    hidden = Hidden({"A_KEY": "sk-0123456789", "B_KEY": "sk-0123456789-more"})
    said = b"one sk-0123456789 and sk-0123456789-more."
    assert hidden.in_bytes(said) == b"one [A_KEY] and [B_KEY]."
    assert hidden.in_text("nothing") == "nothing"


def test_a_secret_that_comes_in_two_pieces_is_found_in_the_tail():
    tail = Tail(logging.getLogger("hidden"), Hidden({"A_KEY": "sk-0123456789"}))
    tail.add(b"told sk-01234")
    tail.add(b"56789\n")
    assert tail.text() == "told [A_KEY]"
