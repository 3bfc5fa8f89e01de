"""What stands inside a Fountain script's lines: notes and boneyard to leave out, emphasis to read.

Comments are masked rather than cut out, so that every place in the masked text is the same place in
the script.

Source: the Fountain syntax, sections Notes, Boneyard and Emphasis (https://fountain.io/syntax).
"""

import re

MASK = "\0"  # stands for each character of a comment; no script holds one
_OPENINGS = re.compile(r"/\*|\[\[")
_EMPTY_LINE = re.compile(r"\n\r?\n")  # a note does not reach over one; two spaces make it not empty
_ESCAPED = re.compile(r"\\([*_\\])")
# Markdown's rule: no space within, next to the mark; and no emphasis reaches past its line. The
# bound keeps a long line of lone marks from taking minutes.
_EMPHASIS = tuple(
    re.compile(rf"{mark}(?=\S)([^\n]{{1,500}}?)(?<=\S){mark}")
    for mark in (r"\*\*\*", r"\*\*", r"(?<!\*)\*(?!\*)", r"_")
)
_HIDDEN = {"*": "\ue000", "_": "\ue001", "\\": "\ue002"}  # private use: escaped signs meanwhile


def masked(script: str) -> str:
    """The script, as long as it was, with MASK for every character of a note or of boneyard."""
    parts, done, place = [], 0, 0
    closed = {"/*": True, "[[": True}  # until one is found without an end: then none has one
    while opening := _OPENINGS.search(script, place):
        sign, start = opening[0], opening.start()
        end = script.find("*/" if sign == "/*" else "]]", start + 2) if closed[sign] else -1
        closed[sign] = end >= 0
        if end < 0 or (sign == "[[" and _EMPTY_LINE.search(script, start, end)):
            place = start + 2
            continue
        parts += [script[done:start], MASK * (end + 2 - start)]
        done = place = end + 2
    return "".join([*parts, script[done:]])


def unmasked(text: str) -> str:
    """A piece of masked text without its comments."""
    return text.replace(MASK, "")


def plain(text: str) -> str:
    """Text without the marks of bold, italics and underlining; escaped marks are signs."""
    text = _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)
    for pattern in _EMPHASIS:
        text = pattern.sub(r"\1", text)
    for sign, hidden in _HIDDEN.items():
        text = text.replace(hidden, sign)
    return text
