"""A job at a provider is on disk before it is sent, is handed back, and is never sent twice."""

import multiprocessing
import os
import signal

import pytest

from filmeto_core.errors import BudgetError, StoreError, SubmissionUnknown, ValidationError
from filmeto_core.journal.jobs import Wanted
from filmeto_core.journal.journal import Journal
from filmeto_core.money import Money

KEY = "ab" * 32
PRICE = Money.read("0.40")


def wanted(key=KEY, takes_key=True, **more):
    return Wanted(
        key=key, tool="text2image", plugin="paid", price=PRICE, takes_key=takes_key, **more
    )


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal")
    yield made
    made.close()


def killed_after(folder, *steps, want=None):
    """Another process takes these steps with a job and is killed -9."""

    def work():
        jobs = Journal(folder).jobs_at_work
        claim = jobs.claim(want or wanted())
        for step, *rest in steps:
            getattr(jobs, step)(claim, *rest)
        os.kill(os.getpid(), signal.SIGKILL)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(5)
    assert child.exitcode == -signal.SIGKILL


def test_a_submitted_job_of_a_killed_process_is_handed_back(journal, tmp_path):
    killed_after(tmp_path / "journal", ("begin",), ("submitted", "job-7", PRICE))
    claim = journal.jobs_at_work.claim(wanted())
    assert (claim.job_id, claim.attempts) == ("job-7", 1)


@pytest.mark.parametrize("takes_key", [True, False])
def test_a_call_that_was_never_begun_leaves_nothing(journal, tmp_path, takes_key):
    want = wanted(takes_key=takes_key)
    killed_after(tmp_path / "journal", want=want)
    claim = journal.jobs_at_work.claim(want)
    assert (claim.job_id, claim.attempts) == (None, 0)
    assert len(journal.jobs()) == 1


def test_a_job_begun_and_killed_is_sent_again_under_the_same_key(journal, tmp_path):
    killed_after(tmp_path / "journal", ("begin",))
    (before,) = journal.jobs()
    claim = journal.jobs_at_work.claim(wanted())
    assert claim.idempotency_key == before.idempotency_key
    assert claim.job_id is None


def test_without_a_key_a_job_begun_and_killed_is_unknown_until_the_user_decides(journal, tmp_path):
    want = wanted(takes_key=False)
    killed_after(tmp_path / "journal", ("begin",), want=want)
    for _ in range(2):
        with pytest.raises(SubmissionUnknown) as caught:
            journal.jobs_at_work.claim(want)
    (job,) = journal.jobs(open_only=True)
    assert job.state == "unknown"
    assert f"filmeto runs resume {job.idempotency_key}" in str(caught.value)
    journal.decide(job.idempotency_key[:12], "dropped")
    again = journal.jobs_at_work.claim(want)
    assert again.idempotency_key != job.idempotency_key


def test_the_user_may_name_the_job_that_the_provider_has(journal, tmp_path):
    want = wanted(takes_key=False)
    killed_after(tmp_path / "journal", ("begin",), want=want)
    with pytest.raises(SubmissionUnknown):
        journal.jobs_at_work.claim(want)
    (job,) = journal.jobs()
    journal.decide(job.idempotency_key, "submitted", "job-9")
    assert journal.jobs_at_work.claim(want).job_id == "job-9"


def test_a_job_that_another_process_has_in_hand_is_not_taken(journal, tmp_path):
    other = Journal(tmp_path / "journal")
    theirs = other.jobs_at_work.claim(wanted())
    other.jobs_at_work.begin(theirs)
    other.jobs_at_work.submitted(theirs, "job-1", None)
    mine = journal.jobs_at_work.claim(wanted())
    assert mine.job_id is None
    assert mine.idempotency_key != theirs.idempotency_key
    with pytest.raises(ValidationError, match="in hand"):
        journal.decide(theirs.idempotency_key, "dropped")
    other.close()


def test_a_further_attempt_in_the_same_process_takes_its_own_job_up_again(journal):
    jobs = journal.jobs_at_work
    first = jobs.claim(wanted())
    jobs.begin(first)
    jobs.submitted(first, "job-1", None)
    jobs.give_back(first, "the connection broke")
    jobs.release(first)
    again = jobs.claim(wanted())
    assert (again.job_id, again.attempts) == ("job-1", 1)


def test_a_closed_job_is_followed_by_one_with_another_key(journal):
    jobs, names = journal.jobs_at_work, []
    for state in ("failed", "done", "done"):
        claim = jobs.claim(wanted())
        jobs.begin(claim)
        names.append(claim.idempotency_key)
        jobs.close(claim, state)
        jobs.release(claim)
    assert len(set(names)) == 3
    assert [str(job.cost) for job in journal.jobs()] == ["0.00 USD", "0.40 USD", "0.40 USD"]


def test_another_machine_names_the_same_job_to_the_provider(journal, tmp_path):
    elsewhere = Journal(tmp_path / "elsewhere")
    names = [j.jobs_at_work.claim(wanted()).idempotency_key for j in (journal, elsewhere)]
    assert names[0] == names[1]
    fresh = [j.jobs_at_work.claim(wanted("cd" * 32, fresh=True)) for j in (journal, elsewhere)]
    assert fresh[0].idempotency_key != fresh[1].idempotency_key
    elsewhere.close()


def test_a_budget_is_never_crossed_by_calls_side_by_side(journal, tmp_path):
    """Eight processes ask for 0.40 each of a budget of 2.00."""
    budget = Money.read("2.00")
    spent, refused = 5, 6  # exit codes

    def ask(number):
        mine = Journal(tmp_path / "journal")
        try:
            want = wanted(f"{number:064x}", film="/film", budget=budget)
            claim = mine.jobs_at_work.claim(want)
            mine.jobs_at_work.begin(claim)
            os._exit(spent)  # still out: counted as in flight
        except BudgetError:
            os._exit(refused)

    context = multiprocessing.get_context("fork")
    children = [context.Process(target=ask, args=(n,)) for n in range(8)]
    for child in children:
        child.start()
    for child in children:
        child.join(5)
    assert sorted(child.exitcode for child in children) == [spent] * 5 + [refused] * 3
    assert [str(m) for m in journal.spent("/film")] == ["2.00 USD"]
    assert journal.spent("/another film") == ()


def test_what_really_was_charged_counts_in_place_of_the_price(journal):
    jobs, budget = journal.jobs_at_work, Money.read("1.00")
    first = jobs.claim(wanted(film="/film", budget=budget))
    jobs.begin(first)
    jobs.submitted(first, "job-1", Money.read("0.90"))
    with pytest.raises(BudgetError, match=r"1\.00 USD 0\.00 USD is spent and 0\.90 USD in flight"):
        jobs.claim(wanted("cd" * 32, film="/film", budget=budget))
    assert jobs.close(first, "done", Money.read("0.50")) == Money.read("0.50")
    jobs.claim(wanted("cd" * 32, film="/film", budget=budget))


def test_a_budget_in_another_currency_is_refused_by_name(journal):
    with pytest.raises(BudgetError, match=r"costs in USD, and the budget is 5\.00 EUR"):
        journal.jobs_at_work.claim(wanted(film="/film", budget=Money.read("5 EUR")))


def test_a_job_whose_result_is_there_is_closed_by_the_next_process(journal, tmp_path):
    killed_after(tmp_path / "journal", ("begin",), ("submitted", "job-7", PRICE))
    journal.settle_collected(lambda job: False)
    assert len(journal.jobs(open_only=True)) == 1
    journal.settle_collected(lambda job: job.key == KEY)
    assert journal.jobs(open_only=True) == []
    assert journal.jobs()[0].cost == PRICE


def test_a_journal_that_cannot_be_written_says_so_before_anything_is_paid(tmp_path):
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(StoreError, match="FILMETO_HOME"):
        Journal(tmp_path / "journal").jobs_at_work.claim(wanted())


def test_a_wrong_name_is_told_with_what_to_do(journal):
    with pytest.raises(ValidationError, match="filmeto runs jobs"):
        journal.decide("nothing", "dropped")
