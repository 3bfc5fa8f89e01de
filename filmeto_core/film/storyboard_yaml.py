"""YAML text to plain data and the line of each value, with everything that is wrong on the way.

Every scalar stays the text that was written (or None), so that `language: no`, `id: 007` and
`duration_s: 1:30` reach their fields as they stand; the fields know what they expect.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

Where = tuple[str | int, ...]

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 12  # the deepest key of a storyboard lies at four
MAX_VALUES = 100_000  # counted with every use of an alias

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {
    f"{_TAG}{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_QUOTES = (
    "Put text in quotes if it holds ': ' or ' #', or starts with one of "
    "[ { * & ! | > @ ` % - ? ' \""
)


@dataclass(frozen=True)
class YamlProblem:
    """What is wrong at a line."""

    line: int | None
    message: str
    path: Where = ()
    value: str | None = None


@dataclass
class Parsed:
    """What the text says.

    Args:
        data: dicts, lists, texts and None.
        lines: The line (from 1) on which the key or item at a path stands.
        problems: What is wrong with the text itself; with any, data may be incomplete.
    """

    data: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[YamlProblem] = field(default_factory=list)

    def line(self, path: Where) -> int | None:
        """The line of a path, or of the nearest thing around it that was written."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path)


def parse_yaml(content: bytes) -> Parsed:
    """The data of a YAML file; it never raises for what the file holds."""
    parsed = Parsed()
    try:
        text = _decode(content)
        _check_depth(text)
        root = yaml.compose(text, Loader=_LOADER)
        if root is not None:
            parsed.lines[()] = root.start_mark.line + 1
            parsed.data = _Builder(parsed).value(root, ())
    except _Refused as refused:
        parsed.problems.append(YamlProblem(refused.line, refused.message))
    except yaml.YAMLError as error:
        parsed.problems.append(_syntax_problem(error, text))
    return parsed


class _Refused(Exception):
    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Refused(f"the file is larger than {MAX_BYTES // 1024} KiB")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Refused("this is not UTF-8 text. Save the file as UTF-8.", line) from None


def _check_depth(text: str) -> None:
    """Refuses deep nesting before anything recursive sees it."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1
                raise _Refused(f"nested more than {MAX_DEPTH} levels deep", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _syntax_problem(error: yaml.YAMLError, text: str) -> YamlProblem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a ReaderError: a character that YAML does not allow
        return YamlProblem(None, f"not readable as YAML: {error}")
    problem = (getattr(error, "problem", None) or "").strip()
    context = (getattr(error, "context", None) or "").strip()
    if "another document" in problem:
        return YamlProblem(mark.line + 1, "there is a second document (---); a file is one film")
    advice = _QUOTES
    if "token" in problem and text.splitlines()[mark.line].lstrip(" ").startswith("\t"):
        advice = "Indent with spaces, not tabs"
    elif "indicator" in problem or "did not find expected key" in problem:
        advice = f"Check that the lines are indented alike. {_QUOTES}"
    # The parser often notices at the line after the one that is wrong.
    since = getattr(error, "context_mark", None)
    began = (
        f" (in what begins at line {since.line + 1})" if since and since.line < mark.line else ""
    )
    said = f"{context}: {problem}" if context else problem
    if since and "quoted scalar" in context:  # where it opens tells more than where it gave up
        return YamlProblem(since.line + 1, f"not readable as YAML: {said}. Close the quote.")
    return YamlProblem(mark.line + 1, f"not readable as YAML: {said}{began}. {advice}.")


class _Builder:
    """Turns nodes into data, noting lines and problems, within a budget of values."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.left = MAX_VALUES
        self.depth = 0

    def value(self, node: yaml.Node, path: Where) -> Any:
        line = node.start_mark.line + 1
        self.left -= 1
        if self.left < 0:
            raise _Refused(f"more than {MAX_VALUES} values, aliases counted each time", line)
        if len(path) > MAX_DEPTH:
            raise _Refused(f"nested more than {MAX_DEPTH} levels deep, or an alias in itself", line)
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.replace(_TAG, "!!")
            message = f"the YAML tag {tag} is not supported; put text that starts with ! in quotes"
            self._problem(path, line, message, getattr(node, "value", None))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        return None if node.tag == f"{_TAG}null" else node.value

    def _sequence(self, node: yaml.SequenceNode, path: Where) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            here = (*path, index)
            self.parsed.lines[here] = item.start_mark.line + 1
            items.append(self.value(item, here))
        return items

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        """The mapping; what `<<` names goes under the mapping's own keys."""
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                for source in self._merge_sources(value, path, key.start_mark.line + 1):
                    merged = {**self._merged(source, path), **merged}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._problem(path, line, "a key must be a word")
                continue
            here = (*path, key.value)
            if key.tag == f"{_TAG}merge":
                continue
            if key.value in own:
                first = self.parsed.lines[here]
                self._problem(here, line, f"stands here a second time, after line {first}")
                continue
            self.parsed.lines[here] = line
            own[key.value] = self.value(value, here)
        return {**merged, **own}

    def _merged(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused("too many << in each other", node.start_mark.line + 1)
        merged = self._mapping(node, path)
        self.depth -= 1
        return merged

    def _merge_sources(self, node: yaml.Node, path: Where, line: int) -> Iterator[yaml.MappingNode]:
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(source, yaml.MappingNode):
                yield source
            else:
                self._problem((*path, "<<"), line, "must name a mapping, or a list of them")

    def _problem(self, path: Where, line: int, message: str, value: Any = None) -> None:
        text = value if isinstance(value, str) else None
        problem = YamlProblem(line, message, path, text)
        if problem not in self.parsed.problems:  # an alias is read at each of its uses
            self.parsed.problems.append(problem)


def title_in(text: bytes) -> str | None:
    """The value of the key `title`, read no further than to there; None where there is none."""
    depth, key = 0, None
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent) and depth == 1:
                if key == "title":
                    return event.value
                key = event.value if key is None else None
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
                key = None if depth == 1 else key
    except (yaml.YAMLError, UnicodeError):  # whoever reads all of it says so
        pass
    return None
