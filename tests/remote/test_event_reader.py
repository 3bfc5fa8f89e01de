"""Event streams, read by the standard wherever their bytes are cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.remote.event_reader import EventReader, StreamEvent

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])


def read(stream: bytes, cuts=()) -> list[StreamEvent]:
    reader, places = EventReader(), [0, *sorted(c % (len(stream) + 1) for c in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in zip(places, places[1:], strict=False)]
    return [event for piece in pieces for event in reader.feed(piece)]


@st.composite
def streams(draw):
    """Events, and a stream that tells them: several data lines, comments, any line ends."""
    events, text, last = [], draw(st.sampled_from(["", "\ufeff"])), ""
    for _ in range(draw(st.integers(0, 5))):
        last = draw(st.one_of(st.just(last), st.integers(1, 999).map(lambda n: f"7-{n}")))
        kind = draw(st.sampled_from(["", "tick"]))
        data = draw(st.lists(LINES, min_size=1, max_size=3))
        fields = [f"data:{draw(st.sampled_from(['', ' ']))}{line}" for line in data]
        data = [line[6:] if line.startswith("data: ") else line[5:] for line in fields]
        fields += [f"id: {last}"] if last else []
        fields += [f"event: {kind}"] if kind else []
        for comment in draw(st.lists(LINES, max_size=2)):
            fields.insert(draw(st.integers(0, len(fields))), f":{comment}")
        end = draw(ENDS)
        text += "".join(field + end for field in fields) + end
        events.append(StreamEvent("\n".join(data), last, kind or "message"))
    return events, text.encode()


@settings(max_examples=300, deadline=None)
@given(streams(), st.lists(st.integers(0, 10_000), max_size=12))
def test_events_are_the_same_wherever_the_stream_is_cut(told, cuts):
    events, stream = told
    assert read(stream) == events
    assert read(stream, cuts) == events


def test_a_cut_between_return_and_line_feed_makes_no_second_line():
    assert read(b"data: a\r\n\r\ndata: b\r\n\r\n", cuts=(8, 10)) == [
        StreamEvent("a"),
        StreamEvent("b"),
    ]


def test_an_event_that_is_not_whole_is_not_told_and_its_id_does_not_count():
    reader = EventReader("7-1")
    assert list(reader.feed(b"id: 7-2\ndata: whole\n\nid: 7-3\ndata: ha")) == [
        StreamEvent("whole", "7-2")
    ]
    assert reader.last_id == "7-2"


def test_comments_unknown_fields_and_an_id_with_a_null_are_left_out():
    stream = b": heartbeat\n\nretry: 10\nnonsense\nid: a\0b\ndata\n\n"
    assert read(stream) == [StreamEvent("")]
