"""What a plugin author needs, all of it: standard library only, nothing to install.

A plugin is a folder with a `plugin.yaml` and a `main.py` such as this one:

    from filmeto_plugin import run

    def text2image(call):
        picture = draw(call.parameters["prompt"], seed=call.parameters["seed"])
        call.progress(90, "saving")
        path = call.output("picture.png")
        picture.save(path)
        return path                       # or Output(path, metadata={...}), or a list of either

    if __name__ == "__main__":
        run(text2image=text2image)        # or run(MyPlugin()): a method for each tool

`call` (a `Call`) has

    call.tool, call.task_id        the tool's name; the id of this call
    call.parameters                checked against plugin.yaml, its defaults filled in
    call.inputs                    [Input(path, type, mime_type, metadata)], local files, read only
    call.output_dir                a fresh folder for what is made; call.output(name) joins a name to it
    call.progress(percent, message="", data=None)          0 to 100, as often as you like
    call.cancelled                 True once the caller gave up; call.check_cancelled() raises then
    call.host_is_gone              True if nobody gave up, and filmeto ended: leave its jobs as they are
    call.submitted(job_id, cost=None)   a provider took the job: returns once that is on disk here
    call.resume_job                the id of a job that was submitted before: collect it, submit none
    call.idempotency_key           the same for every try of this call: for providers that take one
    call.charge(amount)            what it cost in the end
    call.logger                    a logging.Logger; its lines reach the host's log

To fail, raise `PluginError(message, retryable=True)`, or with `permanent=True` where the same call
can never succeed; any other exception is reported with its last line and is not retried. An object given to `run` may have `load()`, called once before the
first call, to load a model. Heartbeats go out by themselves; print() is safe and reaches the log.
"""

from filmeto_plugin._call import (
    Call,
    Cancelled,
    Input,
    Output,
    PluginError,
    SubmissionUnknown,
)
from filmeto_plugin._loop import run

__all__ = ["Call", "Cancelled", "Input", "Output", "PluginError", "SubmissionUnknown", "run"]
