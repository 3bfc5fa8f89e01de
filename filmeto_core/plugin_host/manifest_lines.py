"""YAML as plain values, and the line on which a field stands.

The values come from the parser's events alone; the nodes with their lines are read a second time,
and only for a file that has something wrong.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 50  # levels; a manifest has six
MAX_VALUES = 100_000  # with every alias written out; a megabyte of plain YAML holds fewer
MAX_WORD_CHARS = 1000  # a number, a date or a word such as true is shorter; what is longer is text

# What PyYAML raises over a text: its own errors, and those of its constructors, which trust a tag
# (`!!bool maybe` is a KeyError, `!!timestamp soon` an AttributeError, 2001-99-99 a ValueError).
_UNREADABLE = (
    yaml.YAMLError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Broken:
    """Why a text is no YAML, and where."""

    line: int | None
    reason: str


def load_yaml(text: str) -> tuple[Any, Broken | None]:
    """The values of the text, or why there are none."""
    try:
        try:
            return _load_plain(text), None
        except _NotPlain:
            _refuse_growth(text)
            return yaml.load(text, _Loader), None
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        reason = reason or type(error).__name__
        return None, Broken(mark.line + 1 if mark else None, f"no valid YAML: {reason}")


def _wrong(event: yaml.Event, reason: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=reason, problem_mark=event.start_mark)


def _refuse_growth(text: str) -> None:
    """Refuse aliases that refer to themselves, or multiply into more than anyone could mean.

    A few lines of aliases of aliases stand for billions of values, and so do merge keys; what the
    loader shares between them, whoever looks at each of them later does not.

    Raises:
        yaml.MarkedYAMLError: The text says too much.
    """
    loader = _Loader(text)
    sizes: dict[str, int | None] = {}  # of each anchor; None while it is being read
    open_nodes: list[list[Any]] = [[None, 0]]  # anchor and size, innermost last
    try:
        while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
            size = 1
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append([event.anchor, 1])
                if event.anchor is not None:
                    sizes[event.anchor] = None
                if len(open_nodes) > MAX_DEPTH:
                    raise _wrong(event, f"more than {MAX_DEPTH} levels deep")
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                anchor, size = open_nodes.pop()
                if anchor is not None:
                    sizes[anchor] = size
            elif isinstance(event, yaml.AliasEvent):
                size = sizes.get(event.anchor, 1)  # of an unknown one the loader tells
                if size is None:
                    raise _wrong(event, f"the alias *{event.anchor} refers to what it stands in")
            elif isinstance(event, yaml.ScalarEvent):
                _refuse_long_number(event)
                if event.anchor is not None:
                    sizes[event.anchor] = 1
            else:
                continue
            open_nodes[-1][1] += size
            if open_nodes[-1][1] > MAX_VALUES:
                raise _wrong(event, f"its aliases stand for more than {MAX_VALUES:,} values")
    finally:
        loader.dispose()


def _refuse_long_number(event: yaml.ScalarEvent) -> None:
    if len(event.value) <= MAX_WORD_CHARS:
        return
    tag = event.tag or _words.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:binary"):
        raise _wrong(event, f"a {tag.rpartition(':')[2]} of {len(event.value):,} characters")


class _NotPlain(Exception):
    """The text has anchors, tags, merge keys or several documents."""


def _load_plain(text: str) -> Any:
    """The values of plain YAML, built from the parser's events: a third of the loader's time.

    A thousand manifests are read at every start; hardly one has more than mappings, lists, scalars.
    """
    loader = _Loader(text)
    try:
        return _build(loader.get_event)
    finally:
        loader.dispose()


def _build(next_event: Callable[[], yaml.Event]) -> Any:
    root: list[Any] = []
    containers: list[Any] = [root]  # what is being filled, innermost last
    keys: list[Any] = [_NOT_A_MAPPING]  # the key that waits for its value, _NO_KEY where none does
    documents = 0
    while True:
        event = next_event()
        kind = type(event)
        if kind is yaml.ScalarEvent:
            plain = event.implicit[0] and len(event.value) <= MAX_WORD_CHARS
            value = _scalar(event.value) if plain else event.value
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            value = {} if kind is yaml.MappingStartEvent else []
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            containers.pop()
            keys.pop()
            continue
        elif kind is yaml.StreamEndEvent:
            return root[0] if root else None
        elif kind is yaml.AliasEvent or (kind is yaml.DocumentStartEvent and documents):
            raise _NotPlain
        else:
            documents += kind is yaml.DocumentStartEvent
            continue
        if event.anchor is not None or event.tag is not None:
            raise _NotPlain
        key = keys[-1]
        if key is _NOT_A_MAPPING:
            containers[-1].append(value)
        elif key is _NO_KEY:
            if value == "<<" or isinstance(value, (dict, list)):
                raise _NotPlain
            keys[-1] = value
            continue
        else:
            containers[-1][key] = value
            keys[-1] = _NO_KEY
        if kind is not yaml.ScalarEvent:
            containers.append(value)
            if len(containers) > MAX_DEPTH:
                raise _wrong(event, f"more than {MAX_DEPTH} levels deep")
            keys.append(_NO_KEY if kind is yaml.MappingStartEvent else _NOT_A_MAPPING)


_NO_KEY, _NOT_A_MAPPING = object(), object()
_words = yaml.SafeLoader("")


@functools.lru_cache(4096)
def _scalar(text: str) -> Any:
    """A plain scalar's value as the loader would tell it: 5, 1.5, true, null, a date, a text."""
    tag = _words.resolve(yaml.ScalarNode, text, (True, False))
    if tag == "tag:yaml.org,2002:str":
        return text
    node = yaml.ScalarNode(tag, text)
    return yaml.SafeLoader.yaml_constructors[tag](_words, node)


class Lines:
    """Finds lines in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: yaml.Node | None = None

    def of(self, loc: tuple) -> int | None:
        """The line of the field, or of the nearest one around it that is there."""
        if self._root is None:
            self._root = yaml.compose(self._text, _Loader)
        node, line = self._root, None
        for step in loc:
            found = _inside(node, step)
            if found is None:
                break
            line, node = found
        return line or 1


def _inside(node: Any, step: Any) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None
