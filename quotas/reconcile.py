"""Proof that the counters are what the ledger says, the ledger what the holds say, and open holds what work says.

Each question is one statement that returns only differences; all of them look at one snapshot.
Rule source: quotas, "Holds".
"""

from typing import Final

from msgspec import Struct

from quotas.sql import Connection


class Difference(Struct, frozen=True, kw_only=True):
    """Two accounts of one thing that should be equal. `what` names the thing, `of` which one it is."""

    what: str
    center_id: str
    env: str
    of: str
    left: str
    right: str


class Reconciliation(Struct, frozen=True, kw_only=True):
    """What was compared (how many of each) and every difference."""

    counters: int
    holds: int
    lines: int
    differences: tuple[Difference, ...]


_COUNTERS_AND_LEDGER: Final = """
select 'counter and ledger' as what, center_id, env, concat_ws(' ', meter, 'from', period_start) as of,
       concat_ws(' ', 'counter: settled', c.settled, 'held', c.held, 'granted', c.granted) as left,
       concat_ws(' ', 'ledger: settled', l.settled, 'held', l.held, 'granted', l.granted) as right
  from quota_counter c
  full join (select center_id, env, meter, period_start, sum(settled) as settled, sum(held) as held, sum(granted) as granted
               from quota_ledger group by center_id, env, meter, period_start) l
       using (center_id, env, meter, period_start)
 where (coalesce(c.settled, 0), coalesce(c.held, 0), coalesce(c.granted, 0))
       is distinct from (coalesce(l.settled, 0), coalesce(l.held, 0), coalesce(l.granted, 0))
"""

_COUNTERS_AND_HOLDS: Final = """
select 'counter and holds' as what, center_id, env, concat_ws(' ', meter, 'from', period_start) as of,
       concat_ws(' ', 'counter: settled', c.settled, 'held', c.held) as left,
       concat_ws(' ', 'holds: settled', h.settled, 'held', h.held) as right
  from quota_counter c
  full join (select center_id, env, meter, period_start, sum(settled_units - refunded_units) as settled,
                    coalesce(sum(units) filter (where state = 'HELD'), 0) as held
               from quota_hold group by center_id, env, meter, period_start) h
       using (center_id, env, meter, period_start)
 where (coalesce(c.settled, 0), coalesce(c.held, 0)) is distinct from (coalesce(h.settled, 0), coalesce(h.held, 0))
"""

_HOLDS_AND_LEDGER: Final = """
select 'hold and ledger' as what, coalesce(h.center_id, l.center_id) as center_id, coalesce(h.env, l.env) as env,
       hold_id as of,
       concat_ws(' ', 'hold:', h.state, 'settled', h.settled_units - h.refunded_units, 'held', h.held) as left,
       concat_ws(' ', 'ledger: settled', l.settled, 'held', l.held) as right
  from (select *, id as hold_id, case state when 'HELD' then units else 0 end as held from quota_hold) h
  full join (select hold_id, min(center_id) as center_id, min(env) as env, sum(settled) as settled, sum(held) as held
               from quota_ledger where hold_id is not null group by hold_id) l
       using (hold_id)
 where (h.settled_units - h.refunded_units, h.held) is distinct from (l.settled, l.held)
"""

_LINEAGES_AND_HOLDS: Final = """
select 'artifact cap and holds' as what, center_id, env, lineage_id as of,
       concat_ws(' ', 'cap: settled', n.settled, 'held', n.held) as left,
       concat_ws(' ', 'holds: settled', h.settled, 'held', h.held) as right
  from quota_lineage n
  full join (select center_id, env, lineage_id, sum(settled_units - refunded_units) as settled,
                    coalesce(sum(units) filter (where state = 'HELD'), 0) as held
               from quota_hold where lineage_id is not null group by center_id, env, lineage_id) h
       using (center_id, env, lineage_id)
 where (coalesce(n.settled, 0), coalesce(n.held, 0)) is distinct from (coalesce(h.settled, 0), coalesce(h.held, 0))
"""

_PERIODS: Final = """
select 'periods that overlap' as what, center_id, '-' as env, concat_ws(' ', 'period from', start_at) as of,
       concat_ws(' ', 'starts', start_at) as left, concat_ws(' ', 'the one before ends', before) as right
  from (select *, lag(end_at) over (partition by center_id order by start_at) as before from quota_period) p
 where before > start_at
"""

_OPEN_HOLDS_AND_WORK: Final = """
select 'open hold and work' as what, coalesce(h.center_id, w.center_id) as center_id, coalesce(h.env, w.env) as env,
       hold_id as of,
       coalesce('held for ' || h.owner_id, 'no open hold') as left,
       coalesce('open work ' || w.owner_id, 'no open work') as right
  from (select *, id as hold_id from quota_hold where state = 'HELD') h
  full join open_work w using (hold_id)
 where h.owner_id is distinct from w.owner_id
"""

_RUNNING_AND_WORK: Final = """
select 'running and work' as what, center_id, env, 'generations' as of,
       concat_ws(' ', 'counter: running', k.running) as left, concat_ws(' ', 'work: running', w.running) as right
  from center_counter k
  full join (select center_id, env, count(*) as running from open_work where running group by center_id, env) w
       using (center_id, env)
 where coalesce(k.running, 0) <> coalesce(w.running, 0)
"""

_UNITS: Final = (_COUNTERS_AND_LEDGER, _COUNTERS_AND_HOLDS, _HOLDS_AND_LEDGER, _LINEAGES_AND_HOLDS, _PERIODS)
_WORK: Final = (_OPEN_HOLDS_AND_WORK, _RUNNING_AND_WORK)


async def reconcile(connection: Connection, *, with_work: bool = True) -> Reconciliation:
    """Compare counters, ledger, holds and (`with_work`) the gateway's open work; writes nothing, blocks nobody.

    Must not be called within a transaction: it opens its own, so that a system under load is seen at one moment.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local statement_timeout = 0")  # years of lines take longer than any request
        differences = [
            Difference(**row)
            for question in (*_UNITS, *(_WORK if with_work else ()))
            for row in await connection.fetch(question)
        ]
        totals = await connection.fetchrow(
            "select (select count(*) from quota_counter) as counters, (select count(*) from quota_hold) as holds,"
            " (select count(*) from quota_ledger) as lines"
        )
    assert totals is not None  # ruff: ignore[assert] - a select of three counts is one row
    return Reconciliation(**totals, differences=tuple(differences))
