"""The comfyui plugin when its server fails, when it is killed itself, and when others work there."""

import base64
import json
import signal
import threading
import time

import pytest

from tests.comfyui_wire import pixels, ready_graph

SMALL = {"width": 128, "height": 72}
SHORT = {**SMALL, "duration_s": 0.5}


# --- faults of the server ---


def test_a_server_that_is_not_there_may_be_there_later(start_comfy):
    message, error = start_comfy(COMFYUI_URL="http://127.0.0.1:9").error("text2image", prompt="a")
    assert "there is no ComfyUI at http://127.0.0.1:9" in message
    assert (error["code"], error["retryable"]) == ("unreachable", True)


@pytest.mark.parametrize(
    ("path", "status", "headers", "code", "retryable", "details"),
    [
        ("/prompt", 429, {"Retry-After": "7"}, "overloaded", True, {"retry_after_s": 7.0}),
        ("/object_info", 500, {}, "unreachable", True, {"status": 500}),
        ("/prompt", 503, {}, "unreachable", True, {"status": 503}),
        ("/object_info", 401, {}, "unauthorized", False, {}),
        ("/object_info", 404, {}, "no_comfyui", False, {}),
    ],
)
def test_an_answer_that_is_an_error_says_whether_to_try_again(
    path, status, headers, code, retryable, details, comfy_plugin, comfy
):
    comfy.faults(fail=[path, status, 99, headers])
    _, error = comfy_plugin.error("text2image", prompt="a", **SMALL)
    assert error == {"code": code, "retryable": retryable, "details": details}
    assert comfy.queue() == [[], []]


def test_a_job_whose_answer_was_lost_is_found_and_not_sent_again(comfy_plugin, comfy):
    comfy.faults(swallow=1)
    assert comfy_plugin.made("text2image", prompt="a", **SMALL)
    assert comfy.asked("/prompt") == 1


def test_a_file_cut_on_its_way_is_fetched_again_and_told_if_it_stays_so(comfy_plugin, comfy):
    comfy.faults(truncate=2)
    (picture,) = comfy_plugin.made("text2image", prompt="a", **SMALL)
    assert pixels(picture).shape == (72, 128, 3)
    comfy.faults(truncate=99)
    _, error = comfy_plugin.error("text2image", prompt="a", **SMALL)
    assert (error["code"], error["retryable"]) == ("connection_lost", True)


def test_outputs_that_are_gone_from_the_server_are_told(comfy_plugin, comfy):
    comfy.faults(forgets=True)
    message, error = comfy_plugin.error("text2image", prompt="a", **SMALL)
    assert "has it no more" in message
    assert (error["code"], error["retryable"]) == ("output_missing", True)


def test_without_a_socket_the_job_is_watched_by_asking(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    comfy.faults(sockets="closed", hold=False)
    assert comfy_plugin.finish()["status"] == "success"
    assert comfy_plugin.made("text2image", prompt="b", steps=1, **SMALL)


def test_a_socket_that_broke_is_opened_again(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", steps=3, **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    comfy.faults(sockets="closed")
    comfy.faults(sockets="open")
    opened = comfy.asked("/ws", "WS")
    deadline_s = time.monotonic() + 5
    while comfy.asked("/ws", "WS") == opened and time.monotonic() < deadline_s:
        pass
    comfy.faults(hold=False)
    comfy_plugin.until("KSampler: 2 of")
    assert comfy_plugin.finish()["status"] == "success"


def test_a_server_that_dies_with_the_job_is_noticed_within_seconds(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    comfy.kill()
    died_s = time.monotonic()
    result = comfy_plugin.finish()
    assert time.monotonic() - died_s < 20
    error = result["metadata"]["error"]
    assert "ComfyUI went away while it worked" in result["error_message"]
    assert error["details"] == {"retry_after_s": 10.0}
    assert (error["code"], error["retryable"]) == ("unreachable", True)


def test_a_server_started_anew_has_lost_the_job_and_that_is_told(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    comfy.start_anew()
    result = comfy_plugin.finish()
    error = result["metadata"]["error"]
    assert (error["code"], error["retryable"]) == ("job_lost", True)
    assert "it was started anew" in result["error_message"]


def test_a_node_that_fails_is_named_with_what_it_said(comfy_plugin, comfy):
    comfy.faults(node_fails=["KSampler", "RuntimeError", "mat1 and mat2 do not fit\nmore"])
    message, error = comfy_plugin.error("text2image", prompt="a", **SMALL)
    assert "failed in node 3 (KSampler): RuntimeError: mat1 and mat2 do not fit" in message
    assert (error["code"], error["retryable"]) == ("node_failed", False)
    assert error["details"]["node"] == "3"


def test_memory_that_ran_out_is_told_apart_with_advice(comfy_plugin, comfy):
    comfy.faults(node_fails=["VAEDecode", "torch.OutOfMemoryError", "Allocation on device 0"])
    message, error = comfy_plugin.error("text2image", prompt="a", **SMALL)
    assert "ran out of memory in node 8 (VAEDecode" in message and "smaller width" in message
    assert (error["code"], error["retryable"]) == ("out_of_memory", False)


def test_a_workflow_that_made_no_clip_says_what_to_end_it_with(comfy_plugin, comfy):
    told = {"images": [{"filename": "film.webp", "subfolder": "", "type": "output"}]}
    comfy.faults(gives={"SaveVideo": told})
    message, error = comfy_plugin.error("text2video", prompt="a", **SHORT)
    assert "needs a video, and it made film.webp" in message and "Save Video" in message
    assert error["code"] == "no_output"


# --- jobs: of this call, of dead ones, of others ---


def test_a_cancelled_job_is_interrupted_and_the_others_go_on(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    other = comfy.put(ready_graph("text2image"))
    comfy_plugin.send({"method": "cancel", "params": {"task_id": "t"}})
    assert comfy_plugin.finish()["metadata"]["error"]["code"] == "cancelled"
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(other))
    assert (comfy.outcome(ours), comfy.outcome(other)) == ("error", "success")


def test_a_cancelled_job_that_waits_leaves_the_queue_and_interrupts_nobody(comfy_plugin, comfy):
    comfy.faults(hold=True)
    other = comfy.put(ready_graph("text2image"))
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("waits in ComfyUI's queue behind 1 other job")
    comfy_plugin.send({"method": "cancel", "params": {"task_id": "t"}})
    assert comfy_plugin.finish()["metadata"]["error"]["code"] == "cancelled"
    assert comfy.queue() == [[other], []]
    assert comfy.asked("/interrupt") == 0
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(other) == "success")


def test_a_plugin_that_is_told_to_end_takes_its_job_off(start_comfy, comfy):
    plugin = start_comfy()
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    plugin.process.terminate()
    assert plugin.process.wait(5) == 128 + signal.SIGTERM
    wait_until(lambda: comfy.outcome(ours) == "error")
    assert comfy.queue() == [[], []]


def test_the_job_of_a_killed_plugin_is_found_by_the_same_call_and_is_then_its_own(
    start_comfy, comfy
):
    first, second, third = start_comfy(), start_comfy(), start_comfy()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    first.process.kill()
    first.process.wait(5)
    second.start("text2image", prompt="a", key="one", **SMALL)
    second.until("node 3 (KSampler)")
    third.start("text2image", prompt="b", key="two", **SMALL)
    third.until("waits in ComfyUI's queue behind 1 other job")
    comfy.faults(hold=False)
    assert second.finish()["status"] == third.finish()["status"] == "success"
    assert (comfy.asked("/prompt"), comfy.asked("/interrupt")) == (2, 0)


def test_what_a_killed_plugins_job_made_meanwhile_is_fetched(start_comfy, comfy):
    first, second = start_comfy(), start_comfy()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    first.process.kill()
    first.process.wait(5)
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(ours) == "success")
    assert second.made("text2image", prompt="a", key="one", **SMALL)
    assert comfy.asked("/prompt") == 1


def test_the_job_of_a_killed_plugin_does_not_block_another_call(start_comfy, comfy):
    first, second = start_comfy(), start_comfy()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    other = comfy.put(ready_graph("text2image"))
    first.process.kill()
    first.process.wait(5)
    second.start("text2image", prompt="b", key="two", **SMALL)
    wait_until(lambda: comfy.outcome(ours) == "error")
    comfy.faults(hold=False)
    assert second.finish()["status"] == "success"
    assert comfy.outcome(other) == "success"


def test_a_job_that_somebody_interrupts_is_told_as_that(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", **SMALL)
    comfy_plugin.until("KSampler: 1 of")
    comfy.faults(others_interrupt=True)
    result = comfy_plugin.finish()
    assert "somebody interrupted the job in ComfyUI" in result["error_message"]
    assert result["metadata"]["error"]["code"] == "interrupted"


# --- settings ---


def test_the_key_goes_with_each_request_and_is_shown_nowhere(start_comfy, comfy):
    plugin = start_comfy(COMFYUI_API_KEY="s3cret-key")
    assert plugin.made("text2image", prompt="a", steps=1, **SMALL)
    comfy.faults(fail=["/object_info", 500, 99, {}])
    result = plugin.call("text2image", prompt="a", **SMALL)
    assert {key for _, _, key in comfy.seen()["asked"]} == {"Bearer s3cret-key"}
    plugin.errors.seek(0)
    assert "s3cret" not in json.dumps(result) + plugin.errors.read()


def test_a_user_and_a_password_of_the_address_are_sent_and_not_shown(start_comfy, comfy):
    plugin = start_comfy(COMFYUI_URL=comfy.url.replace("//", "//me:s3cret@"))
    assert plugin.made("text2image", prompt="a", steps=1, **SMALL)
    pair = base64.b64encode(b"me:s3cret").decode()
    assert {key for _, _, key in comfy.seen()["asked"]} == {f"Basic {pair}"}
    comfy.faults(fail=["/object_info", 302, 99, {"Location": "http://127.0.0.1/login"}])
    message, error = plugin.error("text2image", prompt="a", **SMALL)
    assert "answered 302" in message and "which leads to http://127.0.0.1/login" in message
    plugin.errors.seek(0)
    assert "s3cret" not in message + json.dumps(error) + plugin.errors.read()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("COMFYUI_URL", "127.0.0.1:8188"),
        ("COMFYUI_HEADERS", '{"X-Key": 5}'),
        ("COMFYUI_HEADERS", "s3cret"),
        ("COMFYUI_WORKFLOWS", "/nowhere/at/all"),
    ],
)
def test_a_setting_that_is_wrong_is_named(setting, value, start_comfy):
    message, error = start_comfy(**{setting: value}).error("text2image", prompt="a")
    assert message.startswith(f"{setting}: expected") and "s3cret" not in message
    assert error["code"] == "bad_settings"


def wait_until(holds):
    """Wait until a condition of the server holds, 5 s at most."""
    end_s = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end_s
        threading.Event().wait(0.01)
