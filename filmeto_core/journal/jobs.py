"""Jobs at providers: on disk before they are sent, handed back after a crash, never sent twice.

    begun      the plugin is about to get, or has, the call: the provider may have taken the job
    submitted  the provider's id is known: whoever makes this call next collects that job
    unknown    it was begun, its process is gone, and the provider takes no key: nobody can tell
    done, failed, dropped: closed; the next call of this key is a new job

Every write here is on disk when it returns. What a run may spend is counted in the same
transaction that reserves a job's price, so that calls side by side never cross a budget.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from filmeto_core.errors import BudgetError, SubmissionUnknown
from filmeto_core.journal.rows import money
from filmeto_core.money import Money

KEY_DIGITS = 40  # of the call's key in an idempotency key; providers take 64 characters or more

Write = Callable[[Callable[[sqlite3.Connection], object]], object]


@dataclass(frozen=True)
class Wanted:
    """A call at a provider that is about to be made.

    Args:
        key: Of the call.
        tool, plugin: Whose call it is.
        price: What it will cost, None where nobody can say.
        takes_key: Whether the provider takes an idempotency key.
        fresh: Another result is wanted than any that was made before.
        run_id, film, shot: Where it belongs.
        budget: The most that the film may cost in all.
    """

    key: str
    tool: str
    plugin: str
    price: Money | None
    takes_key: bool
    fresh: bool = False
    run_id: str | None = None
    film: str | None = None
    shot: str | None = None
    budget: Money | None = None


@dataclass(frozen=True)
class Claim:
    """A job that this process, and no other, is about to send or to collect."""

    wanted: Wanted
    idempotency_key: str
    job_id: str | None
    attempts: int


class Jobs:
    """The jobs of one journal.

    Args:
        write: Runs a function in one transaction that is on disk when it returns.
        alive: Whether the process of that name still lives.
        mine: This process's name.
    """

    def __init__(self, write: Write, alive: Callable[[str], bool], mine: Callable[[], str]) -> None:
        self._write, self._alive, self._mine = write, alive, mine
        self._lock = threading.Lock()
        self._active: set[str] = set()  # those of this process whose calls run now

    def claim(self, wanted: Wanted) -> Claim:
        """Take over the job that is out for this call, or reserve a new one.

        Raises:
            SubmissionUnknown: One may be out, and nobody can tell: the user decides.
            BudgetError: A new one would cost more than the budget has left.
            StoreError: The journal cannot be written.
        """
        with self._lock:
            claim = self._write(lambda connection: self._claim(connection, wanted))
            if isinstance(claim, Exception):  # raised here: what it found out stays written
                raise claim
            self._active.add(claim.idempotency_key)
            return claim

    def begin(self, claim: Claim) -> None:
        """The plugin gets the call now. From here on the provider may have the job."""
        self._set_open(
            claim,
            "attempts = attempts + 1,"
            " state = CASE state WHEN 'submitted' THEN 'submitted' ELSE 'begun' END",
            (),
        )

    def submitted(self, claim: Claim, job_id: str, cost: Money | None) -> None:
        """The provider took it: its id, and what it costs if that was said."""
        micros, currency = (cost.micros, cost.currency) if cost else (None, None)
        self._set_open(
            claim,
            "state = 'submitted', job_id = ?, submitted_at = ?, error = NULL,"
            " cost_micros = COALESCE(?, cost_micros), currency = COALESCE(?, currency)",
            (job_id, time.time(), micros, currency),
        )

    def close(
        self, claim: Claim, state: str, cost: Money | None = None, error: str | None = None
    ) -> Money | None:
        """It is "done" or "failed"; what it cost: as told, else its price unless it failed."""
        micros, currency = (cost.micros, cost.currency) if cost else (None, None)
        nothing = state == "failed" and cost is None

        def write(connection: sqlite3.Connection) -> Money | None:
            connection.execute(
                "UPDATE jobs SET state = ?, ended_at = ?, error = ?, currency = COALESCE(?, currency),"
                " cost_micros = COALESCE(?, cost_micros, CASE ? WHEN 1 THEN 0 ELSE price_micros END)"
                " WHERE idempotency_key = ?",
                (state, time.time(), error, currency, micros, nothing, claim.idempotency_key),
            )
            row = connection.execute(
                "SELECT cost_micros, currency FROM jobs WHERE idempotency_key = ?",
                (claim.idempotency_key,),
            ).fetchone()
            return money(row["cost_micros"], row["currency"]) if row else None

        return self._write(write)

    def pass_on(self, key: str, why: str, unsent: bool) -> bool:
        """Drop a call's job that no provider has, since another plugin makes the call.

        Args:
            key: The call's.
            why: What its plugin said.
            unsent: Whether a job that was begun, and that nobody spoke of since, was not sent.

        Returns:
            Whether nothing of the call is out: no job that was submitted, or may have been.
        """
        with self._lock:
            return self._write(lambda connection: self._pass_on(connection, key, why, unsent))

    def _pass_on(self, connection: sqlite3.Connection, key: str, why: str, unsent: bool) -> bool:
        rows = connection.execute(
            "SELECT idempotency_key, state, owner FROM jobs WHERE key = ? AND attempts > 0"
            " AND state IN ('submitted', 'begun', 'unknown')",
            (key,),
        ).fetchall()
        if rows and not unsent:
            return False
        if any(row["state"] != "begun" or self._is_busy(row) for row in rows):
            return False
        connection.executemany(
            "UPDATE jobs SET state = 'dropped', ended_at = ?, error = ? WHERE idempotency_key = ?",
            [(time.time(), why, row["idempotency_key"]) for row in rows],
        )
        return True

    def was_let_go(self, key: str, why: str) -> bool:
        """Whether the user has dropped a job of this call that was in doubt for this, and never begun."""
        sql = (
            "SELECT 1 FROM jobs WHERE key = ? AND state = 'dropped' AND attempts = 0 AND error = ?"
        )
        return bool(self._write(lambda c: c.execute(sql, (key, why)).fetchone() is not None))

    def give_back(self, claim: Claim, error: str | None = None) -> None:
        """This attempt is over; the job stays out, for the next one. One never begun is forgotten."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM jobs WHERE idempotency_key = ? AND state = 'begun' AND attempts = 0",
                (claim.idempotency_key,),
            )
            connection.execute(
                "UPDATE jobs SET error = ? WHERE idempotency_key = ?",
                (error, claim.idempotency_key),
            )

        self._write(write)

    def doubt(self, claim: Claim, why: str) -> SubmissionUnknown:
        """Nobody can tell whether it is out; the error that says so."""
        self._set_open(claim, "state = 'unknown', error = ?", (why,))
        return _unknown(claim.wanted, claim.idempotency_key, why)

    def release(self, claim: Claim) -> None:
        """No call of this process works on it any more. Always the last."""
        with self._lock:
            self._active.discard(claim.idempotency_key)

    def _set_open(self, claim: Claim, what: str, values: tuple) -> None:
        """One that is closed stays so: a plugin's word may come after its call's end."""
        sql = f"UPDATE jobs SET {what} WHERE idempotency_key = ?"
        sql += " AND state IN ('begun', 'submitted', 'unknown')"
        self._write(lambda connection: connection.execute(sql, (*values, claim.idempotency_key)))

    def _claim(
        self, connection: sqlite3.Connection, wanted: Wanted
    ) -> Claim | SubmissionUnknown | BudgetError:
        rows = connection.execute(
            "SELECT * FROM jobs WHERE key = ? AND state IN ('submitted', 'begun', 'unknown')"
            " ORDER BY state = 'submitted' DESC, begun_at",
            (wanted.key,),
        ).fetchall()
        for row in rows:
            if self._is_busy(row):
                continue
            name = row["idempotency_key"]
            if row["state"] == "begun" and row["attempts"] == 0:  # it never was
                connection.execute("DELETE FROM jobs WHERE idempotency_key = ?", (name,))
                continue
            if row["state"] != "submitted" and not wanted.takes_key:
                why = row["error"] or "the call was killed before it could tell"
                connection.execute(
                    "UPDATE jobs SET state = 'unknown', error = ? WHERE idempotency_key = ?",
                    (why, name),
                )
                return _unknown(wanted, name, why)
            connection.execute(
                "UPDATE jobs SET owner = ?, run_id = COALESCE(?, run_id),"
                " state = CASE state WHEN 'unknown' THEN 'begun' ELSE state END"
                " WHERE idempotency_key = ?",
                (self._mine(), wanted.run_id, name),
            )
            return Claim(wanted, name, row["job_id"], row["attempts"])
        return self._new(connection, wanted)

    def _is_busy(self, row: sqlite3.Row) -> bool:
        if row["owner"] == self._mine():
            return row["idempotency_key"] in self._active
        return row["state"] != "unknown" and self._alive(row["owner"])

    def _forget_never_begun(self, connection: sqlite3.Connection, film: str | None) -> None:
        """What dead processes had reserved and never sent holds no money."""
        for row in connection.execute(
            "SELECT idempotency_key, owner FROM jobs"
            " WHERE film IS ? AND state = 'begun' AND attempts = 0",
            (film,),
        ).fetchall():
            if not self._alive(row["owner"]):
                sql = "DELETE FROM jobs WHERE idempotency_key = ?"
                connection.execute(sql, (row["idempotency_key"],))

    def _new(self, connection: sqlite3.Connection, wanted: Wanted) -> Claim | BudgetError:
        self._forget_never_begun(connection, wanted.film)
        crossed = _over_budget(connection, wanted)
        if crossed is not None:
            return crossed
        made = connection.execute(
            "SELECT COUNT(*) FROM jobs WHERE key = ?", (wanted.key,)
        ).fetchone()[0]
        # Told from the key alone where it can be: another machine, or one whose journal was lost,
        # then names the same job to the provider.
        name = f"{wanted.key[:KEY_DIGITS]}-{uuid.uuid4().hex[:12] if wanted.fresh else made}"
        while _is_taken(connection, name):
            made += 1
            name = f"{wanted.key[:KEY_DIGITS]}-{made}"
        price = wanted.price
        connection.execute(
            "INSERT INTO jobs (idempotency_key, key, run_id, film, shot, tool, plugin, price_micros,"
            " currency, state, owner, attempts, begun_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'begun', ?, 0, ?)",
            (
                name,
                wanted.key,
                wanted.run_id,
                wanted.film,
                wanted.shot,
                wanted.tool,
                wanted.plugin,
                price.micros if price else None,
                price.currency if price else None,
                self._mine(),
                time.time(),
            ),
        )
        return Claim(wanted, name, None, 0)


def _is_taken(connection: sqlite3.Connection, name: str) -> bool:
    sql = "SELECT 1 FROM jobs WHERE idempotency_key = ?"
    return connection.execute(sql, (name,)).fetchone() is not None


def _unknown(wanted: Wanted, name: str, why: str) -> SubmissionUnknown:
    return SubmissionUnknown(
        f"nobody can tell whether its provider took the job {name}: {why.rstrip('.')}.",
        hint="It is not sent again by itself, since that could cost twice. Look at the provider: "
        f"if the job is there, `filmeto runs resume {name} ITS-ID` has it collected; if not, "
        f"`filmeto runs retry {name}` has it sent anew. Then run the same command again.",
        job=name,
        plugin=wanted.plugin,
        tool=wanted.tool,
        shot=wanted.shot,
    )


def _over_budget(connection: sqlite3.Connection, wanted: Wanted) -> BudgetError | None:
    budget, price = wanted.budget, wanted.price
    if budget is None:
        return None
    details = {"budget": str(budget), "price": str(price) if price else None}
    if price is None or price.currency != budget.currency:
        told = f"costs in {price.currency}" if price else "does not say what a call costs"
        return BudgetError(
            f"{wanted.plugin} {told}, and the budget is {budget}: it cannot be held.",
            hint="Give `pricing` in its plugin.yaml, in the budget's currency, or leave --budget out.",
            **details,
        )
    spent, out = spent_micros(connection, wanted.film, budget.currency)
    if spent + out + price.micros <= budget.micros:
        return None
    spent_money, out_money = (money(m, budget.currency) for m in (spent, out))
    return BudgetError(
        f"this call costs {price}, and of the budget of {budget} {spent_money} is spent"
        f"{f' and {out_money} in flight' if out else ''}.",
        hint="Raise --budget; what is done is kept.",
        spent=str(spent_money),
        in_flight=str(out_money),
        **details,
    )


def spent_micros(
    connection: sqlite3.Connection, film: str | None, currency: str
) -> tuple[int, int]:
    """What the film's closed jobs cost, and what its open ones will."""
    sums = {"closed": 0, "open": 0}
    for row in connection.execute(
        "SELECT state IN ('begun', 'submitted', 'unknown') AS open,"
        " SUM(COALESCE(cost_micros, price_micros, 0)) AS micros"
        " FROM jobs WHERE film IS ? AND currency = ? AND state != 'dropped' GROUP BY open",
        (film, currency),
    ):
        sums["open" if row["open"] else "closed"] = row["micros"] or 0
    return sums["closed"], sums["open"]
