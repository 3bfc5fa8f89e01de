"""A storyboard's text as it is laid out: where its fields and its shots stand.

It reads nodes with PyYAML and works on spans of the text, so that comments and layout stay. What
cannot be worked on so (flow style, aliases that would be lost) raises `Unpatchable`; the caller then
writes more of the text anew, and checks in any case that the text says what it should.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from filmeto_core.film.storyboard_writing import inline

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALIAS = re.compile(r"\s*:\s*\*[^\s,\]}]+")


class Unpatchable(Exception):
    """This text cannot be changed in place."""


@dataclass
class Chunks:
    """The shots of a text: what stands before, each with its comments, what stands after.

    Args:
        gaps: The blank lines after each shot.
    """

    head: str
    bodies: list[str]
    gaps: list[str]
    tail: str
    indent: str

    def text(self) -> str:
        """All of it again."""
        parts = (body + gap for body, gap in zip(self.bodies, self.gaps, strict=True))
        return self.head + "".join(parts) + self.tail


class Layout:
    """One text, composed.

    Raises:
        Unpatchable: It is empty, or no mapping in block style.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise Unpatchable from error
        self.root = _block_mapping(root)
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def entry(self, mapping: yaml.MappingNode, key: str) -> int | None:
        """Which entry of a mapping has this key."""
        keys = [node.value for node, _ in mapping.value]
        return keys.index(key) if key in keys else None

    def shots(self) -> yaml.SequenceNode:
        """The list of shots, where it is one in block style with something in it."""
        place = self.entry(self.root, "shots")
        node = self.root.value[place][1] if place is not None else None
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
            raise Unpatchable
        starts = [item.start_mark.index for item in node.value]
        if starts != sorted(set(starts)) or starts[0] < node.start_mark.index:  # an alias
            raise Unpatchable
        return node

    def shot(self, number: int) -> yaml.MappingNode:
        """The shot at this place."""
        return _block_mapping(self.shots().value[number])

    def end(self, node: yaml.Node) -> int:
        """Where a node's own text ends; comments behind it are not its own."""
        if isinstance(node, yaml.ScalarNode):
            if node.style in ("|", ">"):
                start = node.start_mark.index
                return start + len(self.text[start : node.end_mark.index].rstrip())
            return node.end_mark.index
        if node.flow_style or not node.value:
            return node.end_mark.index
        last = node.value[-1]
        return self.entry_end(*last) if isinstance(node, yaml.MappingNode) else self.end(last)

    def entry_end(self, key: yaml.Node, value: yaml.Node) -> int:
        """Where an entry's text ends; an alias leaves no node of its own."""
        if value.start_mark.index >= key.end_mark.index:
            return self.end(value)
        alias = _ALIAS.match(self.text, key.end_mark.index)
        if alias is None:
            raise Unpatchable
        return alias.end()

    def line_start(self, place: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, place) + 1

    def line_end(self, place: int) -> int:
        """Where the line after that of a place begins."""
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1

    # --- fields -------------------------------------------------------------------------------

    def replaced(self, mapping: yaml.MappingNode, place: int, value: str) -> str:
        """The text with another value at an entry."""
        key, node = mapping.value[place]
        colon = self.text.find(":", key.end_mark.index)
        if colon < 0 or self.text[key.end_mark.index : colon].strip():
            raise Unpatchable
        end = max(colon + 1, self.entry_end(key, node))
        return f"{self.text[: colon + 1]}{value}{self.text[end:]}"

    def removed(self, mapping: yaml.MappingNode, place: int) -> str:
        """The text without an entry."""
        key, node = mapping.value[place]
        start, end = key.start_mark.index, self.entry_end(key, node)
        line = self.line_start(start)
        if not self.text[line:start].strip():
            return self.text[:line] + self.text[self.line_end(end) :]
        if place + 1 >= len(mapping.value):  # it stands behind a dash, alone
            raise Unpatchable
        return self.text[:start] + self.text[mapping.value[place + 1][0].start_mark.index :]

    def added(self, mapping: yaml.MappingNode, key: str, value: str, before: int | None) -> str:
        """The text with one more entry.

        Args:
            before: The entry that it stands in front of; None: behind all.
        """
        indent = " " * mapping.value[0][0].start_mark.column
        line = f"{indent}{inline(key)}:{value}{self.newline}"
        if before == 0:
            place = self.line_start(mapping.value[0][0].start_mark.index)
            return self.text[:place] + line + self.text[place:]
        last = mapping.value[-1 if before is None else before - 1]
        place = self.line_end(self.entry_end(*last))
        gap = "" if self.text[:place].endswith("\n") else self.newline
        return self.text[:place] + gap + line + self.text[place:]

    # --- shots --------------------------------------------------------------------------------

    def chunks(self) -> Chunks:
        """The text cut at its shots; a comment right above a shot is that shot's, unless it is
        indented as the fields of the one before are."""
        node = self.shots()
        column = node.start_mark.column
        items = [self._dash(item.start_mark.index, column) for item in node.value]
        ends = [self.line_end(self.end(item)) for item in node.value]
        starts = [self._lead(dash, ends[i - 1] if i else 0, column) for i, dash in enumerate(items)]
        end = self._trail(ends[-1], column)
        pieces = [
            self.text[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)
        ]
        split = [_without_gap(piece) for piece in pieces]
        if split[-1][0] and not split[-1][0].endswith("\n"):
            split[-1] = (split[-1][0] + self.newline, "")
        bodies, gaps = [body for body, _ in split], [gap for _, gap in split]
        return Chunks(self.text[: starts[0]], bodies, gaps, self.text[end:], " " * column)

    def _dash(self, place: int, column: int) -> int:
        """Where the line of an item's dash begins."""
        while True:
            line = self.line_start(place)
            if self.text[line : line + column + 1] == " " * column + "-":
                return line
            if line == 0:
                raise Unpatchable
            place = line - 1

    def _lead(self, dash: int, least: int, column: int) -> int:
        """Where the comments right above a line begin."""
        start = dash
        while start > least:
            above = self.line_start(start - 1)
            if above < least or self._comment_column(above) not in range(column + 1):
                break
            start = above
        return start

    def _comment_column(self, line: int) -> int | None:
        """How far the comment at a line is indented; None where it is no comment."""
        text = self.text[line : self.line_end(line)]
        indent = len(text) - len(text.lstrip(" "))
        return indent if text[indent : indent + 1] == "#" else None

    def _trail(self, end: int, column: int) -> int:
        """Where the comments right behind the last shot end, as far as they are indented as its."""
        while end < len(self.text):
            indent = self._comment_column(end)
            if indent is None or indent <= column:
                break
            end = self.line_end(end)
        return end

    def own_span(self, number: int) -> tuple[int, int, str]:
        """Where a shot's own lines are, from its dash, and their indent."""
        node = self.shots()
        item = node.value[number]
        column = node.start_mark.column
        start = self._dash(item.start_mark.index, column)
        return start, self.line_end(self.end(item)), " " * column


def _without_gap(piece: str) -> tuple[str, str]:
    body = piece.rstrip()
    end = piece.find("\n", len(body))
    return (piece, "") if end < 0 else (piece[: end + 1], piece[end + 1 :])


def _block_mapping(node: yaml.Node | None) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        raise Unpatchable
    if not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
        raise Unpatchable
    return node


def column_of(text: str, where: Sequence[str | int]) -> int | None:
    """The column (from 1) of the key or item at a path, or of the nearest thing around it."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return None
    column = None
    for step in where:
        found = _inside(node, step)
        if found is None:
            break
        column, node = found
    return column


def _inside(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(step, int) and isinstance(node, yaml.SequenceNode) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.column + 1, item
    if isinstance(step, str) and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.column + 1, value
    return None
