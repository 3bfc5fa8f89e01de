"""A provider as its YAML file describes it; README.md has every key."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from filmeto_plugin import PluginError
from queue_schema import ProviderProblem, read_file, read_limits, read_rates
from queue_template import names_in
from queue_words import NAMES

OWN_FOLDER = Path(__file__).resolve().parent / "providers"
FOLDER_VARIABLE = "FILMETO_PROVIDERS"
TOOLS = ("text2image image2image image2video text2video speak2video text2speak text2music").split()
STATES = ("waiting", "running", "done", "failed", "refused", "cancelled")
MEANINGS = ("refused", "no_funds", "unauthorized", "beyond_limits")
URL_NAMES = {"base_url", "model", "app", "version", "id"}
VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Submit:
    """How a job is sent; `where` (a pattern, or None) says of which models."""

    url: str
    body: object
    id: str
    where: re.Pattern | None = None
    idempotency_header: str | None = None


@dataclass(frozen=True)
class Model:
    """What one model of a tool takes, costs and can do."""

    name: str
    input: dict
    limits: dict = field(default_factory=dict)
    rates: dict = field(default_factory=dict)
    currency: str | None = None
    second_of_work: float | None = None
    needs: tuple = ()


@dataclass(frozen=True)
class Provider:
    """Everything that a file says; the field names are its keys."""

    name: str
    file: str
    base_url: str
    headers: dict
    submits: tuple
    status_url: str
    state: str
    states: dict
    paths: dict  # ahead, progress, progress_text, message, error, of the status
    result_url: str | None
    outputs: tuple
    work_s: str | None  # the path of the seconds that the provider worked
    cancel: tuple | None  # (method, url)
    webhook: dict | None
    errors: dict
    inline_bytes: int
    upload: dict | None
    poll: tuple  # (first_s, growth, longest_s)
    tools: dict

    def submit_of(self, model):
        """How a job of this model is sent."""
        return next(s for s in self.submits if s.where is None or s.where.fullmatch(model))

    def model_of(self, tool, name):
        """(the model's entry, whether it is described); by default the tool's first.

        Raises:
            PluginError: The provider has nothing for this tool.
        """
        models = self.tools.get(tool)
        if not models:
            serves = ", ".join(self.tools)
            told = f"provider {self.name} ({self.file}) has no {tool}; it has {serves}"
            raise PluginError(told, code="not_served")
        for model in models:
            if not name or model.name == name:
                return model, True
        like = models[0]  # another model of the provider's: the same fields, its price unknown
        return Model(name, like.input, needs=like.needs), False

    def filled_headers(self):
        """The headers with the variables' values.

        Raises:
            PluginError: A variable is not set.
        """
        return {name: VARIABLE.sub(self._variable, text) for name, text in self.headers.items()}

    def secrets(self):
        """The values of the variables in the headers: never to be shown."""
        names = {name for text in self.headers.values() for name in VARIABLE.findall(text)}
        return [os.environ[name] for name in names if os.environ.get(name)]

    def _variable(self, match):
        value = os.environ.get(match[1], "").strip()
        if not value:
            told = (
                f"the variable {match[1]} is not set, which {self.file} (headers) needs. Set it where "
                f"filmeto is started; if it is one of your own, let the plugin see it in filmeto.yaml: "
                f"grants: {{hosted_queue: {{environment: [{match[1]}]}}}}"
            )
            raise PluginError(told, code="unauthorized")
        return value


def load_provider(name):
    """The provider of that name: the user's own before those that come with the plugin.

    Raises:
        PluginError: There is none, or a file is wrong.
    """
    found = {}
    try:
        for folder in _folders():
            for path in sorted(folder.glob("*.y*ml")):
                provider = read_provider(path)
                found.setdefault(provider.name, provider)
    except ProviderProblem as problem:
        raise PluginError(str(problem), code="bad_provider") from None
    if name not in found:
        told = f"provider: expected one of {', '.join(sorted(found))}, got {name!r}"
        raise PluginError(told, code="bad_parameter")
    return found[name]


def read_provider(path):
    """The provider in a file.

    Raises:
        ProviderProblem: Names the file and the key.
    """
    top = read_file(path)
    status, result = top.part("status", needed=True), top.part("result", needed=True)
    files, poll = top.part("files"), top.part("poll")
    provider = Provider(
        name=top.take("name", str, needed=True),
        file=path.name,
        base_url=_base_url(top),
        headers=_texts_by_name(top, "headers"),
        submits=tuple(_submit(part) for part in top.parts("submit")),
        status_url=_url(status, "url"),
        state=status.take("state", str, needed=True),
        states=_states(status),
        paths={k: status.take(k, str) for k in ("ahead", "progress", "message", "error")}
        | {"progress_text": status.take("progress_text", str)},
        result_url=_url(result, "url") if result.take("url", str) else None,
        outputs=_outputs(result),
        work_s=result.take("work_s", str),
        cancel=_cancel(top.part("cancel")),
        webhook=_webhook(top.part("webhook")),
        errors=_errors(top.part("errors")),
        inline_bytes=files.take("inline_bytes", int, 0) if files else 2**20,
        upload=_upload(files.part("upload")) if files else None,
        poll=_poll(poll),
        tools=_tools(top.part("tools", needed=True)),
    )
    if provider.submits[-1].where is not None:
        raise top.wrong("submit", "a last entry without `where`, for all other models", "none")
    for part in (top, status, result, files, poll):
        if part is not None:
            part.end()
    return provider


def _folders():
    told = os.environ.get(FOLDER_VARIABLE, "").strip()
    own = Path(told).expanduser() if told else None
    if own is not None and not own.is_dir():
        raise ProviderProblem(f"{FOLDER_VARIABLE}: expected a folder, got {told!r}")
    return [own, OWN_FOLDER] if own else [OWN_FOLDER]


def _base_url(top):
    url = top.take("base_url", str, needed=True).rstrip("/")
    if not re.match(r"https?://[^/\s@]+(/|$)", url):
        raise top.wrong("base_url", "an address such as https://api.example.com", url)
    return url


def _url(part, key):
    url = part.take(key, str, needed=True)
    unknown = names_in(url) - URL_NAMES
    if unknown or not url.startswith(("{base_url}", "https://", "http://")):
        names = ", ".join(f"{{{name}}}" for name in sorted(URL_NAMES))
        raise part.wrong(key, f"an address that begins with {{base_url}}; names are {names}", url)
    return url


def _texts_by_name(part, key):
    inner = part.part(key)
    return {name: inner.take(name, str, needed=True) for name in inner.told} if inner else {}


def _submit(part):
    where, body = part.take("where", str), part.anything("body")
    unknown = names_in(body) - {"input", "version", "model"}
    if unknown:
        raise part.wrong("body", "the names {input}, {model} and {version}", sorted(unknown)[0])
    try:
        pattern = re.compile(where) if where else None
    except re.error as error:
        raise part.wrong("where", f"a regular expression ({error})", where) from None
    header = part.take("idempotency_header", str)
    submit = Submit(_url(part, "url"), body, part.take("id", str, needed=True), pattern, header)
    part.end()
    return submit


def _states(status):
    part, states = status.part("states", needed=True), {}
    for meaning in STATES:
        for word in part.texts(meaning):
            states[word] = meaning
    if "done" not in states.values():
        raise part.wrong("done", "at least one state", None)
    part.end()
    return states


def _outputs(result):
    outputs = result.texts("outputs")
    if not outputs:
        raise result.wrong("outputs", "at least one path to what was made", None)
    return outputs


def _cancel(part):
    if part is None:
        return None
    told = part.take("method", str, "POST"), _url(part, "url")
    part.end()
    return told


def _webhook(part):
    if part is None:
        return None
    told = {"query": part.take("query", str), "field": part.take("field", str)}
    told["fields"] = part.take("fields", dict, {})
    if (told["query"] is None) == (told["field"] is None):
        raise part.wrong("", "either `query` or `field`: where the address goes", part.told)
    part.end()
    return told


def _errors(part):
    told = {meaning: part.texts(meaning) if part else () for meaning in MEANINGS}
    if part:
        part.end()
    return {meaning: tuple(w.lower() for w in words) for meaning, words in told.items()}


def _upload(part):
    if part is None:
        return None
    told = {"url": _url(part, "url"), "address": part.take("address", str, needed=True)}
    told |= {key: part.take(key, str) for key in ("form", "put")} | {
        "json": part.take("json", dict)
    }
    if (told["form"] is None) == (told["put"] is None):
        raise part.wrong("", "either `form` or `put`: how the file is sent", part.told)
    part.end()
    return told


def _poll(part):
    if part is None:
        return (1.0, 1.4, 10.0)
    told = tuple(part.take(key, float, 1.0) for key in ("first_s", "growth", "longest_s"))
    if told[0] <= 0 or told[1] < 1 or told[2] < told[0]:
        raise part.wrong("", "first_s above 0, growth of at least 1, longest_s no less", part.told)
    return told


def _tools(part):
    tools = {}
    for tool in part.told:
        if tool not in TOOLS:
            raise part.wrong(str(tool), f"one of {', '.join(TOOLS)}", tool)
        tools[tool] = tuple(_model(inner) for inner in part.parts(tool))
    return tools


def _model(part):
    fields = part.take("input", dict, needed=True)
    unknown = names_in(fields) - NAMES
    if unknown:
        raise part.wrong("input", f"names of {', '.join(sorted(NAMES))}", sorted(unknown)[0])
    rates, currency = read_rates(part.part("price"))
    model = Model(
        part.take("model", str, needed=True),
        fields,
        read_limits(part.part("limits"), NAMES),
        rates,
        currency,
        part.take("second_of_work", float),
        part.texts("needs"),
    )
    part.end()
    return model
