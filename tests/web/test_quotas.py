"""Quotas: a tenant's requests a minute, its room, its money a day; no other tenant's."""

import asyncio
import time

import pytest
from serving import PLUGINS, read_stream, serving

from filmeto_core.errors import BudgetError, TooManyRequestsError
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.owned import Owned
from filmeto_core.journal.posted import Posted
from filmeto_core.money import Money
from filmeto_core.settings import Settings
from filmeto_core.web.access import Caller, Quota
from filmeto_core.web.keys import KeyFile
from filmeto_core.web.quotas import Quotas
from filmeto_core.web.spending import Spending

EUR = {"currency": "EUR"}


@pytest.fixture
def keys(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return KeyFile(Settings().serve_dir)


@pytest.fixture
def posted(tmp_path):
    made = Posted(tmp_path / "journal")
    made.begin_epoch()
    yield made
    made.close()


@pytest.fixture
def paid_call(tmp_path, monkeypatch):
    """The request of a call that costs 0.40 USD."""
    monkeypatch.setenv("JOBBER_LEDGER", f"{tmp_path.name}.ledger")
    ledger = PLUGINS / "jobber" / "outputs" / f"{tmp_path.name}.ledger"

    def request(prompt, how=""):
        parameters = {"prompt": prompt, "how": how}
        return {"tool_name": "text2image", "plugin_name": "jobber", "parameters": parameters}

    yield request
    for path in ledger.parent.glob(f"{ledger.name}*"):
        path.unlink()


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def quotas_of(posted, tmp_path, clock=time.monotonic):
    return Quotas(posted, Journal(tmp_path / "journal"), tmp_path / "films", clock)


def test_a_minutes_requests_come_back_with_time(posted, tmp_path):
    now = [0.0]
    quotas = quotas_of(posted, tmp_path, lambda: now[0])
    caller = Caller(tenant="acme", quota=Quota(requests_per_minute=3))
    for _ in range(3):
        quotas.take_request(caller)
    with pytest.raises(TooManyRequestsError) as caught:
        quotas.take_request(caller)
    assert caught.value.details["retry_after_s"] == 20
    quotas.take_request(Caller(tenant="other", quota=Quota(requests_per_minute=3)))
    now[0] = 20.0
    quotas.take_request(caller)
    with pytest.raises(TooManyRequestsError):
        quotas.take_request(caller)
    now[0] = 10_000.0
    for _ in range(3):
        quotas.take_request(caller)


def test_a_rate_that_is_used_up_is_429_with_when_to_come_back(keys):
    _, first = keys.add("ada", "acme", ("read",), requests_per_minute=2)
    _, second = keys.add("bob", "acme", ("read",))
    _, other = keys.add("eve", "other", ("read",))
    with serving(require_keys=True) as served, served.client() as client:
        path = "/api/v1/tools"
        statuses = [client.get(path, headers=bearer(s)).status_code for s in (first, second, first)]
        assert statuses == [200, 200, 429]
        answer = client.get(path, headers=bearer(second))
        assert answer.status_code == 429 and 1 <= int(answer.headers["retry-after"]) <= 30
        assert client.get(path, headers=bearer(other)).status_code == 200


def test_a_tenant_whose_room_is_taken_gets_no_more_tasks(keys, asked):
    _, secret = keys.add("ada", "acme", ("run",), storage_bytes=50_000)
    with serving(require_keys=True) as served, served.client(headers=bearer(secret)) as client:
        assert client.post("/api/v1/tasks", json=asked()).status_code == 202
        film = Settings().films_dir / "acme" / "f" / "film.mp4"
        film.parent.mkdir(parents=True)
        film.write_bytes(bytes(50_000))
        answer = client.post("/api/v1/tasks", json=asked("more"))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "of 50,000 bytes" in answer.json()["message"]
        film.unlink()
        assert client.post("/api/v1/tasks", json=asked("more")).status_code == 202


def test_room_counts_files_of_the_store_and_films_of_the_tenant_alone(posted, tmp_path):
    quotas = quotas_of(posted, tmp_path)
    Owned(posted).add("acme", [("sha256:" + "a" * 64, 700)], "upload").result()
    Owned(posted).add("other", [("sha256:" + "b" * 64, 10_000)], "upload").result()
    for tenant, size in (("acme", 30), ("other", 5000)):
        folder = tmp_path / "films" / tenant / "f"
        folder.mkdir(parents=True)
        (folder / "x").write_bytes(bytes(size))
    assert quotas.taken_bytes("acme") == 730 and quotas.taken_bytes("nobody") == 0


def test_a_days_budget_counts_what_was_paid_and_what_is_in_hand(posted):
    async def main():
        day = ["2026-01-01"]
        spending = Spending(posted, lambda: day[0])
        caller = Caller(tenant="acme", quota=Quota(budget="1.00 EUR"))
        price = Money(amount="0.40", **EUR)
        await spending.hold(caller, "a", price)
        await spending.hold(caller, "b", price)
        with pytest.raises(BudgetError) as caught:
            await spending.hold(caller, "c", price)
        assert caught.value.details["in_hand"] == "0.80 EUR"
        assert str(await spending.left(caller)) == "0.20 EUR"
        spending.let_go("a")
        await spending.pay("acme", [Money(amount="0.30", **EUR)])
        spending.let_go("b")
        await spending.hold(caller, "c", price)
        assert str(await spending.left(caller)) == "0.30 EUR"
        assert str(await Spending(posted, lambda: day[0]).left(caller)) == "0.70 EUR"  # a restart
        other = Caller(tenant="other", quota=Quota(budget="0.40 EUR"))
        await spending.hold(other, "o", price)
        day[0] = "2026-01-02"
        assert str(await spending.left(caller)) == "0.60 EUR"  # c is in hand yet
        assert await spending.left(Caller(tenant="acme")) is None

    asyncio.run(main())


@pytest.mark.parametrize("price", [None, Money(amount="0.01", currency="USD")])
def test_a_budget_that_cannot_be_held_refuses_the_call(posted, price):
    caller = Caller(tenant="acme", quota=Quota(budget="1 EUR"))
    with pytest.raises(BudgetError, match="cannot be held"):
        asyncio.run(Spending(posted).hold(caller, "a", price))


def test_a_call_past_the_days_budget_is_refused_and_what_was_paid_is_kept(keys, paid_call):
    _, secret = keys.add("ada", "acme", ("run",), budget="1.20 USD")
    headers = bearer(secret)
    with serving(require_keys=True) as served, served.client(headers=headers) as client:

        def executed(prompt, how=""):
            request = paid_call(prompt, how)
            return read_stream(client, "POST", "/api/v1/tasks/execute", json=request)[-1][1]

        def left():
            return str(served.on_loop(served.desk.quotas.budget_left(caller)))

        caller = Caller(tenant="acme", quota=Quota(budget="1.20 USD"))
        assert executed("one")["status"] == "success"
        wait_for(lambda: left() == "0.70 USD")
        assert executed("two")["status"] == "success"
        wait_for(lambda: left() == "0.20 USD")
        answer = client.post("/api/v1/tasks", json=paid_call("three"))
        assert (answer.status_code, answer.json()["code"]) == (402, "budget")
        assert "1.00 USD is spent" in answer.json()["message"]
        row = served.desk.posted.rows("SELECT * FROM spent")[0]
        assert (row["tenant"], row["currency"], row["micros"]) == ("acme", "USD", 1_000_000)


def test_a_cancelled_call_whose_job_is_out_is_paid_and_a_refused_one_is_not(keys, paid_call):
    _, secret = keys.add("ada", "acme", ("run",), budget="1.20 USD")
    caller = Caller(tenant="acme", quota=Quota(budget="1.20 USD"))
    with serving(require_keys=True) as served, served.client(headers=bearer(secret)) as client:

        def settled(task_id):
            return not served.desk.quotas.spending.holds(task_id)

        def left():
            return str(served.on_loop(served.desk.quotas.budget_left(caller)))

        request = paid_call("no", "fail first")
        task_id = client.post("/api/v1/tasks", json=request).json()["task_id"]
        wait_for(lambda: settled(task_id))
        assert left() == "1.20 USD"
        task_id = client.post("/api/v1/tasks", json=paid_call("x", "wait")).json()["task_id"]
        assert left() == "0.80 USD"
        jobs = served.desk.service.journal.jobs
        wait_for(lambda: any(job.state == "submitted" for job in jobs()))
        client.post(f"/api/v1/tasks/{task_id}/cancel")
        wait_for(lambda: settled(task_id))
        assert left() == "0.70 USD"


def test_money_is_held_for_tasks_that_the_last_start_left(keys, paid_call):
    _, secret = keys.add("ada", "acme", ("run",), budget="0.50 USD")
    settings = Settings(serve_stop_grace_s=0)
    options = {"require_keys": True}
    with serving(settings, **options) as served, served.client(headers=bearer(secret)) as client:
        request = paid_call("x", "wait")
        task_id = client.post("/api/v1/tasks", json=request).json()["task_id"]
    with serving(settings, **options) as served, served.client(headers=bearer(secret)) as client:
        assert served.desk.quotas.spending.holds(task_id)
        answer = client.post("/api/v1/tasks", json=paid_call("more"))
        assert (answer.status_code, answer.json()["code"]) == (402, "budget")
        client.post(f"/api/v1/tasks/{task_id}/cancel")


def test_the_servers_own_processes_are_held_to_their_tenants_money(keys, paid_call):
    keys.add("ada", "acme", ("run",), budget="0.10 USD")
    with serving(require_keys=True) as served, served.client() as client:
        served.desk.passes["film"] = Caller(tenant="acme")
        answer = client.post("/api/v1/tasks", json=paid_call("one"), headers=bearer("film"))
        assert (answer.status_code, answer.json()["code"]) == (402, "budget")


def wait_for(is_so, timeout_s=20.0):
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
