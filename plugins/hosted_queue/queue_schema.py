"""A provider's YAML file, read with errors that name the file and the key."""

import re

import yaml

RATES = ("call", "second", "megapixel", "character")
LIMITS = ("min", "max", "multiple", "choices")
_TYPES = {
    str: "a text",
    dict: "a mapping",
    list: "a list",
    int: "a whole number",
    float: "a number",
}


class ProviderProblem(Exception):
    """A file that cannot be used: which, where in it, what was expected."""


class Part:
    """A mapping in the file, and where it stands.

    Args:
        file: The file's name.
        where: The keys that lead here, "" at the top.
        told: What stands there.
    """

    def __init__(self, file, where, told):
        self.file, self.where = file, where
        if not isinstance(told, dict):
            raise self.wrong("", "a mapping", told)
        self.told, self._seen = told, set()

    def take(self, key, kind, default=None, needed=False):
        """What stands at a key, of this type; the default where nothing does."""
        self._seen.add(key)
        value = self.told.get(key)
        if value is None and not needed:
            return default
        kinds = (int, float) if kind is float else kind
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise self.wrong(key, _TYPES[kind], value)
        return value

    def anything(self, key):
        """What stands at a key, of any type but nothing."""
        self._seen.add(key)
        if self.told.get(key) is None:
            raise self.wrong(key, "a value", None)
        return self.told[key]

    def part(self, key, needed=False):
        """The mapping at a key, None where there is none."""
        self._seen.add(key)
        if self.told.get(key) is None and not needed:
            return None
        return Part(self.file, self._at(key), self.told.get(key))

    def parts(self, key):
        """The mappings of a list at a key: at least one."""
        told = self.take(key, list, needed=True)
        if not told:
            raise self.wrong(key, "at least one entry", told)
        return [Part(self.file, f"{self._at(key)}[{i}]", inner) for i, inner in enumerate(told)]

    def texts(self, key):
        """A list of texts at a key; one text alone is a list of one."""
        self._seen.add(key)
        value = self.told.get(key)
        value = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.wrong(key, "a list of texts", value)
        return tuple(value)

    def end(self):
        """Refuse keys that nobody took: a misspelled one would go unnoticed."""
        unknown = [key for key in self.told if key not in self._seen]
        if unknown:
            known = ", ".join(sorted(self._seen))
            raise ProviderProblem(
                f"{self.file}: {self._at(str(unknown[0]))}: not known; known here are {known}"
            )

    def wrong(self, key, expected, got):
        """The problem of a value."""
        told = repr(got)
        told = told if len(told) < 80 else told[:77] + "..."
        told = "nothing" if got is None else told
        where = self._at(key) if key else self.where or "the file"
        return ProviderProblem(f"{self.file}: {where}: expected {expected}, got {told}")

    def _at(self, key):
        return f"{self.where}.{key}" if self.where else key


def read_file(path):
    """The file's top mapping.

    Raises:
        ProviderProblem: It cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return Part(path.name, "", yaml.safe_load(file))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or "no YAML"
        raise ProviderProblem(f"{path.name}: it cannot be read{line}: {why}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProviderProblem(f"{path.name}: it cannot be read: {error}") from None


def read_rates(part):
    """Prices by unit, and the currency, of a `price`."""
    if part is None:
        return {}, None
    rates = {unit: part.take(unit, float) for unit in RATES}
    rates = {unit: rate for unit, rate in rates.items() if rate is not None}
    currency = part.take("currency", str)
    for unit, rate in rates.items():
        if not 0 <= rate < 1e9:
            raise part.wrong(unit, "a price of at least 0", rate)
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        raise part.wrong("currency", "three letters such as USD", currency)
    if not rates:
        raise part.wrong("", f"a price by {', '.join(RATES)}", part.told)
    part.end()
    return rates, currency


def read_limits(part, names):
    """{name: {min, max, multiple, choices}} of `limits`."""
    limits = {}
    for name in part.told if part else ():
        if name not in names:
            raise part.wrong(str(name), f"one of {', '.join(sorted(names))}", name)
        inner = part.part(name, needed=True)
        limit = {key: inner.take(key, float) for key in LIMITS[:3]}
        limit["choices"] = inner.take("choices", list)
        limits[name] = {key: value for key, value in limit.items() if value is not None}
        for choice in limits[name].get("choices", ()):
            _check_choice(inner, name, choice)
        if limits[name].get("multiple", 1) <= 0:
            raise inner.wrong("multiple", "a number above 0", limits[name]["multiple"])
        inner.end()
    return limits


def _check_choice(part, name, choice):
    if name == "aspect_ratio":
        fine = isinstance(choice, str) and re.fullmatch(r"[1-9]\d*:[1-9]\d*", choice)
        expected = "ratios such as 16:9, in quotes"
    else:
        fine = re.fullmatch(r"\d+(\.\d+)?", str(choice)) and not isinstance(choice, bool)
        expected = "numbers"
    if not fine:
        raise part.wrong("choices", expected, choice)
