"""What runs in a plugin's process before its own code: ties it to the host, then becomes main.py.

The launcher imports it by its bare name; standard library only, and as little of it as will do,
because a plugin's start-up is paid at every spawn: what the host can do from outside (arm the
lifeline, build the Landlock ruleset, set limits) it does there. The plugin's code then sees what
`python main.py` in its own folder would have: cwd, sys.argv, sys.path[0], __file__, __name__.
"""

import os
import sys

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
LANDLOCK_RESTRICT_SELF = 446
SIGKILL = 9  # on every system; importing signal costs half a start-up
SDK = "filmeto_plugin"


def start(argv: list[str]) -> None:
    """Be the plugin.

    Args:
        argv: The launcher's own, the descriptor of the lifeline, the path of main.py, and NAME=VALUE:
            `host` is the process to end with; `fence` the descriptor of a Landlock ruleset to go
            under; `portable` has this process watch the lifeline itself; `limits` are pairs of
            resource and value to set.
    """
    lifeline, script = int(argv[1]), argv[2]
    tie_to_host(lifeline, dict(given.split("=", 1) for given in argv[3:]))
    become(script)


def tie_to_host(lifeline: int, given: dict[str, str]) -> None:
    """Have the group killed once nothing holds the lifeline's other end, and go under the fence."""
    os.set_inheritable(lifeline, False)
    if "limits" in given:
        _limit(given["limits"])
    if sys.platform != "linux" or "portable" in given:
        _watch_by_thread(lifeline)
    if sys.platform != "linux":
        return
    call = _libc()
    if "portable" not in given:
        call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        if "host" in given and os.getppid() != int(given["host"]):
            os.killpg(0, SIGKILL)  # it went before its death could be told
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if "fence" in given:
        _go_under(int(given["fence"]), call)


def _go_under(fence: int, call) -> None:
    """Let the kernel refuse what the ruleset does not allow; children inherit it.

    Source: landlock_restrict_self(2).
    """
    _compile_sdk()
    if call("syscall", LANDLOCK_RESTRICT_SELF, fence, 0) != 0:
        sys.exit("the sandbox could not be set up (landlock_restrict_self), so nothing was run")
    os.close(fence)


def _compile_sdk() -> None:
    """Leave the SDK's bytecode for the next start: under the fence nobody can write it."""
    folder = os.path.join(os.environ.get("PYTHONPATH", ""), SDK)
    made = os.path.join(folder, "__pycache__", f"_loop.{sys.implementation.cache_tag}.pyc")
    if not os.path.exists(made) and os.path.isdir(folder):
        __import__(SDK)
        for name in [n for n in sys.modules if n.split(".")[0] == SDK]:
            del sys.modules[name]  # a plugin may bring a module of that name itself


def _libc():
    """A function that calls one of the C library's: its name, then integers."""
    try:
        import _ctypes  # a fifth of what importing ctypes takes

        library = _ctypes.dlopen(None, 0)
        return lambda name, *given: _ctypes.call_function(_ctypes.dlsym(library, name), given)
    except (ImportError, AttributeError, OSError):
        import ctypes

        return lambda name, *given: getattr(ctypes.CDLL(None), name)(*given)


def _watch_by_thread(lifeline: int) -> None:
    import _thread

    def wait() -> None:
        os.read(lifeline, 1)
        os.killpg(0, SIGKILL)

    _thread.start_new_thread(wait, ())


def _limit(limits: str) -> None:
    import resource

    for pair in limits.split(","):
        kind, most = map(int, pair.split(":"))
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            pass  # the system has none of that kind, or a lower one is set already


def become(script: str) -> None:
    """Run the script as the interpreter would have, given its name in its own folder."""
    folder, name = os.path.split(script)
    sys.argv[:] = [name]
    sys.path[0] = folder
    main = type(sys)("__main__")
    main.__dict__.update(__file__=script, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    with open(script, "rb") as file:
        source = file.read()
    exec(compile(source, script, "exec", dont_inherit=True), main.__dict__)
