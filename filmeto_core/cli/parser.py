"""What can be written on the command line, and which function it calls."""

import argparse
import difflib
import importlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from filmeto_core.cli import values

DESCRIPTION = "Turns a storyboard into a film by chaining AI tools, each served by plugins."
EPILOG = "filmeto COMMAND --help tells more of each. Exit codes: 0 done, 1 the work failed, \
2 wrong usage or input, 130 interrupted."


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line, with "did you mean"."""

    def error(self, message: str) -> NoReturn:
        message = message.replace("the following arguments are required:", "missing")
        self.exit(2, f"{self.prog}: {message}. See `{self.prog} --help`.\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            words = list(map(str, action.choices))
            close = difflib.get_close_matches(str(value), words, n=1)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            named = action.metavar or action.dest
            self.error(f'no {named} "{value}".{meant} There are {", ".join(words)}')


def parse(argv: list[str]) -> argparse.Namespace:
    """The options of one command line; wrong usage exits with 2."""
    parser = _build()
    if not argv:
        parser.print_help(sys.stderr)
        parser.exit(2)
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        known = _option_names(parser, argv)
        close = difflib.get_close_matches(unknown[0].split("=")[0], known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        parser.error(f"unknown argument {unknown[0]}.{meant}".rstrip("."))
    return options


def _option_names(parser: argparse.ArgumentParser, argv: list[str]) -> list[str]:
    names = list(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word in argv:
                if word in action.choices:
                    names += _option_names(action.choices[word], argv)
    return names


def _build() -> _Parser:
    parser = _Parser(prog="filmeto", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"filmeto {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="name", required=True)
    _film(commands.add_parser("film", help="make a film of a storyboard"))
    _review(
        commands.add_parser("review", help="approve or change the stills that a film waits with")
    )
    _write(commands.add_parser("write", help="write a storyboard of a logline"))
    _import(commands.add_parser("import", help="make a storyboard of a Fountain script"))
    _export(commands.add_parser("export", help="make a Fountain script of a storyboard"))
    _run(commands.add_parser("run", help="call one tool"))
    tools = commands.add_parser("tools", help="list the seven tools and who serves them")
    _listing(tools, "filmeto_core.cli.listing:tools")
    _plugins(commands.add_parser("plugins", help="list plugins, show one, install what they need"))
    _store(commands.add_parser("store", help="what filmeto keeps on the disk"))
    _runs(commands.add_parser("runs", help="what was run, what it cost, jobs that are out"))
    _chaos(
        commands.add_parser("chaos", help="kill films, and see that nothing is lost or made twice")
    )
    _serve(commands.add_parser("serve", help="serve tools and films over HTTP, with a page"))
    _studio(commands)
    _keys(commands.add_parser("keys", help="who may call the server, as whom, for what"))
    doctor = commands.add_parser("doctor", help="tell what is there, what is missing, what to do")
    doctor.add_argument(
        "--profile", metavar="NAME", help="try each of its plugins with the smallest real call"
    )
    doctor.add_argument(
        "--spend", metavar="AMOUNT", help="what these calls may cost (default: nothing)"
    )
    _listing(doctor, "filmeto_core.cli.doctor:doctor")
    return parser


def _film(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Make a film of a storyboard. What is done already is not done again."
    add("storyboard", metavar="STORYBOARD", help="the storyboard, a YAML file")
    add("--out", metavar="DIR", help="the film's folder (default out/STEM)")
    add("--profile", metavar="NAME", help="which plugin serves which tool (default: its own)")
    add("--shots", metavar="A,B", help="these shots alone")
    add("--draft", action="store_true", help="at half the size")
    add("--refresh", metavar="SHOT", action="append", default=[], help="make this shot anew")
    add("--budget", metavar="AMOUNT", help="the most that the film may cost, such as 5.00 or 5 EUR")
    add("--approve", action="store_true", help="take the stills as they are, where it has a review")
    add("--plan", action="store_true", help="tell what would be done, why and for what; do nothing")
    _listing(parser, "filmeto_core.cli.film:film", "the plan as JSON")


def _review(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Tell which films wait for the review of their stills; approve them, or have some made anew."
    add("run", metavar="RUN", nargs="?", help="the run's id, its first digits, or its name")
    add("--approve", action="store_true", help="the film is made of these stills")
    add(
        "--prompt",
        metavar="SHOT=TEXT",
        action="append",
        default=[],
        help="make this shot's still of another prompt",
    )
    add("--take", metavar="SHOT", action="append", default=[], help="make another take of it")
    _listing(parser, "filmeto_core.cli.review:review")


def _write(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = (
        "Write a storyboard of a sentence or two, to stdout. A language model does \
it, where FILMETO_WRITER_URL and FILMETO_WRITER_MODEL name one; else it is made from templates."
    )
    add("logline", metavar="LOGLINE", help="what the film is about, in quotes")
    add(
        "--shots",
        metavar="N",
        type=values.positive,
        default=8,
        help="how many, 1 to 100 (default 8)",
    )
    add("--language", metavar="TAG", help="of the narration (default: the logline's)")
    add("--profile", metavar="NAME", help="for the storyboard: which plugin serves which tool")
    add("--style", metavar="TEXT", help="the look of all pictures")
    add(
        "--seed",
        metavar="N",
        type=values.count,
        help="another one, another film of the same logline",
    )
    add("--out", metavar="FILE", help="save it there instead of printing it")
    add("--force", action="store_true", help="replace that file")
    add("--template", action="store_true", help="ask no language model")
    parser.set_defaults(command=_lazily("filmeto_core.cli.write:write"))


def _import(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Make a storyboard of a script in Fountain, to stdout."
    add("script", metavar="SCRIPT", help="the script, a .fountain file")
    add("--scenes", metavar="A-B", help="these alone, counted from 1")
    add("--profile", metavar="NAME", help="for the storyboard: which plugin serves which tool")
    add("--style", metavar="TEXT", help="the look of all pictures")
    add("--out", metavar="FILE", help="save it there instead of printing it")
    add("--force", action="store_true", help="replace that file")
    parser.set_defaults(command=_lazily("filmeto_core.cli.fountain:import_"))


def _export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Make a script in Fountain of a storyboard, to stdout."
    add("storyboard", metavar="STORYBOARD", help="the storyboard, a YAML file")
    add("--out", metavar="FILE", help="save it there instead of printing it")
    add("--force", action="store_true", help="replace that file")
    parser.set_defaults(command=_lazily("filmeto_core.cli.fountain:export"))


def _run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Call one tool; its outputs are left in a folder under readable names."
    add("tool", metavar="TOOL", choices=_TOOLS, help=", ".join(_TOOLS))
    add("--plugin", metavar="NAME", help="who serves it (default: the profile's choice)")
    add("--profile", metavar="NAME", help="the profile that chooses (default animatic)")
    add("--param", metavar="KEY=VALUE", action="append", default=[], help="repeatable")
    add("--input", metavar="PATH-OR-URL", action="append", default=[], help="repeatable")
    add("--out", metavar="DIR", help="where the outputs go (default out/TOOL)")
    add("--take", metavar="N", type=int, default=1, help="another take is another result")
    add("--timeout", metavar="SECONDS", type=float, help="the call's limit")
    add("--direct", action="store_true", help="without Prefect: computed anew, no server needed")
    parser.set_defaults(command=_lazily("filmeto_core.cli.run:run"))


def _plugins(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True)
    _listing(verbs.add_parser("list", help="every plugin"), "filmeto_core.cli.listing:plugins")
    show = verbs.add_parser("show", help="one plugin, with its parameters")
    show.add_argument("plugin", metavar="NAME")
    _listing(show, "filmeto_core.cli.listing:plugin")
    install = verbs.add_parser("install", help="build the plugins' environments ahead")
    add = install.add_argument
    add("plugins", metavar="NAME", nargs="*", help="these (default: those that the profile names)")
    add("--profile", metavar="NAME", help="whose plugins (default animatic)")
    add("--all", action="store_true", help="every plugin that is there")
    _listing(install, "filmeto_core.cli.install:install")
    _authors(verbs)


def _authors(verbs: argparse._SubParsersAction) -> None:
    new = verbs.add_parser("new", help="make the folder of a new plugin, which works as it is")
    new.add_argument("plugin", metavar="NAME", help="letters, digits, '.', '_', '-'")
    new.add_argument("--tool", action="append", required=True, metavar="TOOL", choices=_TOOLS)
    new.add_argument("--dir", metavar="DIR", help="the folder to make (default ./NAME)")
    new.set_defaults(command=_lazily("filmeto_core.cli.plugin_new:new"))
    check = verbs.add_parser("check", help="run a plugin and tell what is wrong with it")
    check.add_argument("plugin", metavar="DIR-OR-NAME")
    check.add_argument("--timeout", metavar="SECONDS", type=float, help="the most a call may take")
    check.add_argument("--param", metavar="KEY=VALUE", action="append", default=[], help=_PARAM)
    spend = "make the calls of a plugin that has its work done by a provider, which may cost"
    check.add_argument("--spend", action="store_true", help=spend)
    _listing(check, "filmeto_core.cli.plugin_check:check")
    shell = verbs.add_parser("shell", help="speak with a plugin by hand, over its wire")
    shell.add_argument("plugin", metavar="DIR-OR-NAME")
    shell.add_argument("--out", metavar="DIR", help="keep what its calls make (default: do not)")
    shell.set_defaults(command=_lazily("filmeto_core.cli.plugin_shell:shell"))


def _runs(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True)
    ls = verbs.add_parser("ls", help="the latest runs")
    ls.add_argument("--film", metavar="DIR", help="those of the film in this folder alone")
    ls.add_argument(
        "--limit", metavar="N", type=values.positive, default=20, help="so many (default 20)"
    )
    _listing(ls, "filmeto_core.cli.runs:ls")
    show = verbs.add_parser("show", help="one run: its calls, and how to go on")
    show.add_argument("run", metavar="RUN", help="its id, the first characters of it, or last")
    _listing(show, "filmeto_core.cli.runs:show")
    jobs = verbs.add_parser("jobs", help="jobs at providers that are out, or all")
    jobs.add_argument("--all", action="store_true", help="closed ones as well")
    _listing(jobs, "filmeto_core.cli.jobs:jobs")
    resume = verbs.add_parser("resume", help="the provider has the job: have it collected")
    resume.add_argument("job", metavar="JOB", help="its name, or the first characters of it")
    resume.add_argument("job_id", metavar="ID", help="the provider's id of it")
    resume.set_defaults(command=_lazily("filmeto_core.cli.jobs:resume"))
    retry = verbs.add_parser("retry", help="the provider does not have it: have it sent anew")
    retry.add_argument("job", metavar="JOB", help="its name, or the first characters of it")
    retry.set_defaults(command=_lazily("filmeto_core.cli.jobs:retry"))
    repair = verbs.add_parser("repair", help="save what can be read of a damaged journal")
    repair.set_defaults(command=_lazily("filmeto_core.cli.jobs:mend"))


def _serve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Serve tools and films over HTTP, with a page; plugins stay warm."
    add("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    add("--port", metavar="N", type=values.port, default=8000, help="default 8000; 0: any free one")
    add("--socket", metavar="PATH", help="a Unix socket (default FILMETO_HOME/serve/filmeto.sock)")
    many = {"action": "append", "default": []}
    add("--allow-path", metavar="DIR", **many, help="a folder whose files callers may name")
    add("--allow-host", metavar="NAME", **many, help="a host name to serve, besides the local ones")
    add("--allow-origin", metavar="URL", **many, help="an origin that CORS lets in")
    keys = "ask for a key here too, as behind a proxy"
    add("--require-keys", action="store_true", help=keys)
    add("--certificate", metavar="PEM", help="TLS: the certificate chain")
    add("--private-key", metavar="PEM", help="TLS: its private key")
    logs = "lines for people, or JSON (default: text on a terminal, else json)"
    add("--log", choices=("text", "json"), help=logs)
    parser.set_defaults(command=_lazily("filmeto_core.cli.serve:serve"))


def _studio(commands: argparse._SubParsersAction) -> None:
    init = commands.add_parser("init", help="make the folder of a project, which works as it is")
    init.add_argument("folder", metavar="DIR", help="not there yet, or empty")
    init.set_defaults(command=_lazily("filmeto_core.cli.init:init"))
    up = commands.add_parser("up", help="start Prefect, a worker and the plugins' host; deploy")
    up.description = (
        "Start what is not there of: a Prefect server, the work pool with this folder's "
        "deployments, a worker, the plugins' host. Returns when every part answers."
    )
    queue = "serve this queue of the pool; repeatable (default: default)"
    up.add_argument("--queue", metavar="NAME", action="append", default=[], help=queue)
    up.add_argument(
        "--port", metavar="N", type=values.port, help="of the plugins' host (default 8000)"
    )
    up.set_defaults(command=_lazily("filmeto_core.cli.studio:up"))
    status = commands.add_parser("status", help="what `up` started: its health, what it does now")
    _listing(status, "filmeto_core.cli.studio:status")
    deploy = commands.add_parser("deploy", help="register this folder's flows as deployments")
    deploy.description = (
        "Register this folder's deployments with the Prefect API that is configured, once it "
        "answers. `up` does it too; this is for machines whose parts others start."
    )
    deploy.add_argument("--queue", metavar="NAME", action="append", default=[], help=queue)
    deploy.set_defaults(command=_lazily("filmeto_core.cli.deploy:deploy"))
    down = commands.add_parser("down", help="end what `up` started; runs go on at the next `up`")
    down.set_defaults(command=_lazily("filmeto_core.cli.studio:down"))


def _keys(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True)
    new = verbs.add_parser("add", help="make a key; it is shown once")
    add = new.add_argument
    add("key_name", metavar="NAME", help="who has it, for people")
    add("--tenant", metavar="T", required=True, help="whose tasks, films and files it reaches")
    scopes = "of read, run (may read) and admin (may do all); default read,run"
    add("--scope", metavar="A,B", default="read,run", help=scopes)
    rate = "requests a minute of the tenant, such as 120/min; else any number"
    add("--rate", metavar="N/min", type=values.rate, help=rate)
    room = "what the tenant's files and films may take, such as 20GB; else what there is"
    add("--storage", metavar="SIZE", type=values.size, help=room)
    add("--budget", metavar="AMOUNT", help="what the tenant's calls may cost a day: 5.00, 5 EUR")
    new.set_defaults(command=_lazily("filmeto_core.cli.keys:add"))
    _listing(verbs.add_parser("ls", help="all keys by their ids"), "filmeto_core.cli.keys:ls")
    revoke = verbs.add_parser("revoke", help="end a key, and the streams that it has open")
    revoke.add_argument("key_id", metavar="ID", help="as `filmeto keys ls` tells it")
    revoke.set_defaults(command=_lazily("filmeto_core.cli.keys:revoke"))


def _store(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True)
    ls = verbs.add_parser("ls", help="the files, who made them, what refers to them")
    orders = "largest (size), last used (used) or oldest (age) first"
    ls.add_argument("--sort", choices=["size", "used", "age"], default="size", help=orders)
    ls.add_argument("--limit", metavar="N", type=values.count, default=50, help="so many; 0: all")
    ls.add_argument("--pinned", action="store_true", help="pinned files alone")
    _listing(ls, "filmeto_core.cli.store:ls")
    verify = verbs.add_parser("verify", help="read all, and tell what is damaged or missing")
    repair = "remove what is damaged, so that it is made anew"
    verify.add_argument("--repair", action="store_true", help=repair)
    _listing(verify, "filmeto_core.cli.store:verify")
    gc = verbs.add_parser("gc", help="remove what nothing needs any more")
    gc.description = "Remove files and environments that nothing needs and none used of late. What \
films, pins and running work refer to stays; safe while films run."
    days = "removed if last used more than so many days ago (default 30)"
    gc.add_argument("--older-than", metavar="DAYS", type=values.days, default=30.0, help=days)
    most = "what the store may take, such as 20GB: what was used longest ago goes first"
    gc.add_argument("--max-size", metavar="SIZE", type=values.size, help=most)
    gc.add_argument("--dry-run", action="store_true", help="tell what would go, remove nothing")
    _listing(gc, "filmeto_core.cli.store:gc")
    pin = verbs.add_parser("pin", help="keep a file, whatever refers to it")
    pin.add_argument("digest", metavar="DIGEST", help="or its first digits")
    pin.add_argument("--note", metavar="TEXT", default="", help="why")
    pin.set_defaults(command=_lazily("filmeto_core.cli.store:pin"))
    sync = verbs.add_parser("sync", help="send all finished calls to the shared store")
    sync.description = "Send what FILMETO_STORE_URL has not yet; goes on where it was stopped."
    sync.add_argument("--dry-run", action="store_true", help="tell what would be sent")
    _listing(sync, "filmeto_core.cli.store_sync:sync")
    unpin = verbs.add_parser("unpin", help="let a pinned file go when nothing needs it")
    unpin.add_argument("digest", metavar="DIGEST", help="or its first digits")
    unpin.set_defaults(command=_lazily("filmeto_core.cli.store:unpin"))


def _chaos(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = (
        "Make a film many times over, kill each at random moments and run it again: \
is anything lost, or made or paid for twice? In folders of its own; goes on where it stopped."
    )
    add("storyboard", metavar="STORYBOARD", help="the storyboard, a YAML file")
    add("--runs", metavar="N", type=values.positive, default=20, help="how many films (default 20)")
    add("--seed", metavar="S", type=int, default=1, help="tells who is killed when (default 1)")
    add("--out", metavar="DIR", help="where all of it goes (default out/chaos-STEM)")
    add("--profile", metavar="NAME", help="which plugin serves which tool (default: its own)")
    who = "flow,plugin,provider,server"
    add("--victims", metavar="A,B", default=who, help=f"who is killed (default {who})")
    add(
        "--jobs",
        metavar="N",
        type=values.positive,
        default=1,
        help="films side by side (default 1)",
    )
    add("--film", metavar="N", type=values.positive, help="only this one, once more; it is kept")
    add("--spend", metavar="AMOUNT", help="what it may cost where plugins cost money")
    _listing(parser, "filmeto_core.cli.chaos:chaos")


def _listing(parser: argparse.ArgumentParser, function: str, help: str = "as JSON") -> None:
    parser.add_argument("--json", action="store_true", help=help)
    parser.set_defaults(command=_lazily(function))


def _lazily(function: str) -> Callable[[argparse.Namespace], int | None]:
    module, name = function.split(":")

    def call(options: argparse.Namespace) -> int | None:
        return getattr(importlib.import_module(module), name)(options)

    return call


def _version() -> str:
    return sys.modules["filmeto_core"].__version__


_PARAM = "instead of the manifest's default; repeatable"
_TOOLS = [
    "text2image",
    "image2image",
    "image2video",
    "text2video",
    "speak2video",
    "text2speak",
    "text2music",
]
