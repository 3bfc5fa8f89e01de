"""Answers with its prompt in a file; tells what it sees of the world when asked."""

import json
import os
import signal
import sys
import time

from filmeto_plugin import Output, PluginError, run


def text2image(call):
    how = call.parameters["how"]
    for i in range(call.parameters["count"]):
        call.progress(100 * i / call.parameters["count"], f"step {i}", {"i": i})
    if how == "fail":
        raise PluginError("the studio is busy", retryable=True, code="busy", details={"queue": 3})
    if how == "raise":
        raise ValueError("wrong colour")
    if how == "exit":
        sys.exit(3)
    if how == "nan":
        call.progress(float("nan"), "odd", {"value": float("inf"), "set": {1}})
    if how == "print":
        print("hello from print")
        os.write(1, b"hello from fd 1\n")
        assert sys.stdin.read() == ""
    if how == "wait":
        call.progress(10, "waiting")
        while True:
            call.check_cancelled()
            time.sleep(0.005)
    if how == "wait until":
        call.progress(10, "waiting")
        while not os.path.exists(call.parameters["prompt"]):
            time.sleep(0.005)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        call.progress(10, "will not stop")
        while True:
            time.sleep(1)
    path = call.output("echo.txt")
    with open(path, "w") as file:
        file.write(call.parameters["prompt"])
    seen = {
        "cwd": os.getcwd(),
        "argv": sys.argv,
        "path0": sys.path[0],
        "file": __file__,
        "name": __name__,
        "main": sys.modules["__main__"].__file__,
        "environ": sorted(os.environ),
        "pythonpath": os.environ.get("PYTHONPATH"),
        "inputs": [vars(i) for i in call.inputs],
        "pid": os.getpid(),
        "no_new_privs": "NoNewPrivs:\t1" in open("/proc/self/status").read(),
    }
    return Output(path, "text/plain", {"seen": json.loads(json.dumps(seen))})


if __name__ == "__main__":
    run(text2image=text2image)
