"""Templates with names in braces, and paths into JSON.

A text that is one name alone, "{seed}", becomes its value as it is, a number or a list; it is left
out, with the field that it stands in, where the call gives none. In a longer text each name becomes
its words. A path is keys and indices with dots between: "logs.-1.message".
"""

import re
import urllib.parse

LEFT_OUT = object()
NAME = re.compile(r"\{(\w+)\}")


def names_in(value):
    """All names that a template uses."""
    if isinstance(value, dict):
        return {name for inner in value.values() for name in names_in(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in names_in(inner)}
    return set(NAME.findall(value)) if isinstance(value, str) else set()


def filled(template, values):
    """The template with its names replaced; LEFT_OUT where it is one name without a value."""
    if isinstance(template, dict):
        inner = {key: filled(value, values) for key, value in template.items()}
        kept = {key: value for key, value in inner.items() if value is not LEFT_OUT}
        return kept if kept or not template else LEFT_OUT
    if isinstance(template, list):
        return [v for v in (filled(value, values) for value in template) if v is not LEFT_OUT]
    if not isinstance(template, str):
        return template
    alone = NAME.fullmatch(template)
    if alone:
        value = values.get(alone[1])
        return LEFT_OUT if value in (None, "", []) else value
    text = NAME.sub(lambda match: str(values.get(match[1], "")), template)
    return " ".join(text.split()) if text != template else text


def address(template, values):
    """A URL: what the names stand for is quoted, but for the server's own address."""

    def quoted(match):
        value = str(values[match[1]])
        if match[1] == "base_url":
            return value
        return urllib.parse.quote(value, safe="/" if match[1] in ("model", "app") else "")

    return NAME.sub(quoted, template)


def at(value, path):
    """What stands at a path; None where there is nothing."""
    for key in path.split("."):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (LookupError, TypeError, ValueError):
            return None
    return value
