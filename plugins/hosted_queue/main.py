"""Jobs at hosted queues: submit, wait, download. Which queues there are, YAML files say."""

import queue_price as price
from filmeto_plugin import SubmissionUnknown, run
from queue_files import add_files
from queue_http import Line
from queue_job import MARK, Job
from queue_provider import TOOLS, load_provider
from queue_template import address, at, filled
from queue_webhook import Webhook
from queue_words import values_of


def serve(call):
    """Collect the job that was submitted before, or submit one and collect that."""
    wanted = call.parameters
    provider_name, model_name, job_id = _resumed(call)
    provider = load_provider(provider_name or wanted.get("provider", ""))
    model, is_described = provider.model_of(call.tool, model_name or wanted.get("model"))
    values = values_of(_with_length(call), model.limits)
    with Line(call, provider) as line, Webhook(line) as webhook:
        if job_id is None:
            job = _submitted(line, model, values, webhook)
        else:
            job = Job(line, model, values, job_id)
        outputs, seconds = job.collect(webhook.is_woken)
    charged = price.of_work(model, seconds)
    if charged is not None:
        call.charge(charged, model.currency)
    about = {"provider": provider.name, "model": model.name, "job": job.id}
    about |= {} if is_described else {"described": f"{provider.file} does not list this model"}
    about |= {"work_s": seconds} if seconds is not None else {}
    for output in outputs:
        output.metadata = about
    return outputs


def _with_length(call):
    """The parameters; the clip of a voice is as long as the voice, where nothing else is asked."""
    wanted = call.parameters
    if call.tool == "speak2video" and not wanted.get("duration_s") and call.inputs:
        return {**wanted, "duration_s": call.inputs[0].metadata.get("duration_s")}
    return wanted


def _submitted(line, model, values, webhook):
    """A new job, once the host has it on disk."""
    call, provider = line.call, line.provider
    add_files(line, call, model, values)
    submit, names = provider.submit_of(model.name), _names(provider, model)
    fields = {**filled(model.input, values), **call.parameters.get("input", {})}
    body = filled(submit.body, {**names, "input": fields})
    url, body = webhook.asked_for(address(submit.url, names), body)
    call.progress(2, f"sending the job to {provider.name}")
    answer = line.submit(url, body, submit.idempotency_header)
    job_id = at(answer, submit.id)
    if not isinstance(job_id, (str, int)) or isinstance(job_id, bool) or not str(job_id):
        told = f"expected the job's id at {submit.id} in {provider.name}'s answer, got {job_id!r}"
        raise SubmissionUnknown(told)
    job = Job(line, model, values, str(job_id))
    call.submitted(job.kept_id, *price.estimate(model, values))
    call.progress(5, f"job {job.id} is submitted")
    return job


def _names(provider, model):
    version = model.name.partition(":")[2]
    app = "/".join(model.name.split("/")[:2])
    return {"base_url": provider.base_url, "model": model.name, "app": app, "version": version}


def _resumed(call):
    """(provider, model, id) of a job that was submitted; a user may give the id alone."""
    if call.resume_job is None:
        return None, None, None
    provider, mark, rest = call.resume_job.partition(MARK)
    model, second, job_id = rest.rpartition(MARK)
    return (provider, model, job_id) if mark and second else (None, None, call.resume_job)


if __name__ == "__main__":
    run(**{tool: serve for tool in TOOLS})
