"""The soak: all attacks at once and for long, on one server that is watched.

Its rounds have three phases: all attacks; those that nginx has features for; and these
on nginx. So the small page is compared under the same attack.
"""

import collections
import contextlib
import dataclasses
import datetime
import os
import statistics
import time

import attack_peers
import proc
from attack_cases import ATTACKS
from attack_measure import PROBE, Clients, quantile, target_of
from attack_report import cell, noise
from live_report import said
from report import row
from report import run as output_of

SAMPLE_SECONDS = 10
# Of one round. A soak that is shorter has one round, and each phase its share of that.
ALL, SHARED, NGINX = "all", "shared", "nginx"
PHASES = {ALL: 180, SHARED: 60, NGINX: 60}
ROUND_SECONDS = sum(PHASES.values())
# Memory is flat if it has not grown by more than this, of its median or in bytes, from
# when a part of the time has passed in which the server takes what it needs.
GROWTH_SHARE, GROWTH_MB, WARM_UP_SHARE = 0.05, 8, 0.2


@dataclasses.dataclass
class Sample:
    """What has come in ten seconds."""

    phase: str
    # Minutes from the start of the soak.
    at: float
    memory_mb: float
    latencies: list
    # Of all clients, answers of 500 and above, by path and status.
    failures: collections.Counter
    # Requests for the small page that had no answer.
    lost: int
    worst: dict


def run(options, server):
    """The report."""
    mode, load = "production" if options.production else "development", os.getloadavg()[0]
    attacked = server(attack_peers.pagepool("after", options.production))
    nginx = [server(peer) for peer in attack_peers.others() if peer.name == "nginx"]
    samples, began = [], time.monotonic()
    with contextlib.ExitStack() as stack:
        for each in [attacked, *nginx]:
            stack.enter_context(each.running())
        for phase, seconds in phases(options.soak * 60):
            for chosen in nginx if phase == NGINX else [attacked]:
                attacks = [one for one in options.attacks if belongs(one, phase, options)]
                for sample in watched(chosen, attacks, phase, seconds, began):
                    samples.append(sample)
                    print(line(sample), flush=True)
            if attacked.process.poll() is not None:
                break
        has_ended = attacked.process.poll() is not None
    verdicts = table_of_verdicts(samples, has_ended)
    print(verdicts)
    return document(options, mode, load, samples, verdicts)


def phases(seconds):
    rounds = max(round(seconds / ROUND_SECONDS), 1)
    scale = seconds / (rounds * ROUND_SECONDS)
    for _ in range(rounds):
        for phase, share in PHASES.items():
            yield phase, share * scale


def belongs(attack, phase, options):
    if not attack.in_soak or (options.production and not attack.is_production):
        return False
    return phase == ALL or "nginx" in attack.others


def watched(server, attacks, phase, seconds, began):
    """A sample for each ten seconds, and one of the rest. Ends with the server."""
    gathered, last = new_sample(phase), time.monotonic()
    with Clients(target_of(server)) as clients:
        for attack in attacks:
            clients.start(attack.key, attack.in_soak, seconds)
        clients.start_probe(seconds)
        for report in clients.tallies():
            if report:
                add(gathered, *report)
            if time.monotonic() - last >= SAMPLE_SECONDS:
                yield finished(gathered, server, began)
                gathered, last = new_sample(phase), time.monotonic()
            if server.process.poll() is not None:
                return
    if gathered.latencies:
        yield finished(gathered, server, began)


def new_sample(phase):
    return Sample(phase, 0, 0, [], collections.Counter(), 0, {})


def add(sample, name, tally):
    if name == PROBE:
        sample.latencies += tally.latencies
        sample.lost += tally.failed
    else:
        sample.worst |= tally.worst
    errors = {asked: count for asked, count in tally.statuses.items() if asked[1] >= 500}
    sample.failures.update(errors)


def finished(sample, server, began):
    sample.at = (time.monotonic() - began) / 60
    sample.memory_mb = proc.memory_bytes(server.process.pid) / 2**20
    return sample


def line(sample):
    errors = ", ".join(f"{path} {code}: {n}" for (path, code), n in sample.failures.items())
    return (
        f"{sample.at:5.1f} min  {sample.phase:7}  {sample.memory_mb:7.1f} MiB  "
        f"p99 {p99(p99_of([sample]))}  lost {sample.lost}  {sample.worst or ''}  {errors}"
    )


def p99(milliseconds):
    return cell("p99_ms", milliseconds)


def table_of_verdicts(samples, has_ended):
    lines = [row(["", "figure", ""]), "|---|---|---|"]
    found = (
        [("the server runs to the end", "it has ended", False)] if has_ended else verdicts(samples)
    )
    lines += [row([goal, figure, said(is_met)]) for goal, figure, is_met in found]
    return "\n".join(lines) + "\n"


def verdicts(samples):
    own = [sample for sample in samples if sample.phase != NGINX]
    yield memory(own)
    errors = sum((sample.failures for sample in own), collections.Counter())
    meant = {path for attack in ATTACKS for path in attack.meant}
    wrong = {f"{path} {code}": n for (path, code), n in errors.items() if path not in meant}
    listed = ", ".join(f"`{what}` {n}" for what, n in wrong.items())
    yield "no 5xx but those meant", listed or f"{errors.total():,}, all meant", not wrong
    lost = sum(sample.lost for sample in own)
    yield "each request for the small page is answered", f"{lost} are not", not lost
    ours, theirs, under_all = (p99_in(samples, phase) for phase in [SHARED, NGINX, ALL])
    figure = f"{p99(ours)}; nginx {p99(theirs)}; under all attacks {p99(under_all)}"
    yield "p99 of the small page at most nginx's under the same attack", figure, ours <= theirs


def memory(samples):
    warm = samples[int(len(samples) * WARM_UP_SHARE) :]
    times, sizes = [one.at for one in warm], [one.memory_mb for one in warm]
    slope = statistics.linear_regression(times, sizes).slope if len(warm) > 1 else 0
    grown = slope * (times[-1] - times[0])
    median = statistics.median(sizes)
    limit = max(median * GROWTH_SHARE, GROWTH_MB)
    figure = f"median {median:.0f} MiB, at most {max(sizes):.0f}, {slope:+.2f} MiB a minute"
    return f"memory grows by at most {limit:.0f} MiB", figure, grown <= limit


def p99_in(samples, phase):
    return p99_of([sample for sample in samples if sample.phase == phase])


def p99_of(samples):
    """Over all of the time."""
    return quantile([time for sample in samples for time in sample.latencies], 0.99) * 1000


def by_minute(samples):
    lines = [row(["minute", "attacks", "memory", "p99 of the small page", "answers of 5xx"])]
    lines.append("|---:|---|---:|---:|---:|")
    for minute, phase in sorted({(int(sample.at), sample.phase) for sample in samples}):
        taken = [one for one in samples if (int(one.at), one.phase) == (minute, phase)]
        size = max(one.memory_mb for one in taken)
        errors = sum(one.failures.total() for one in taken)
        lines.append(row([str(minute), phase, f"{size:.1f} MiB", p99(p99_of(taken)), f"{errors}"]))
    return "\n".join(lines) + "\n"


def document(options, mode, load, samples, verdicts):
    attacks = ", ".join(one.key for one in options.attacks if belongs(one, ALL, options))
    commit = "as given" if options.program else output_of("git", "describe", "--always", "--dirty")
    return f"""# Soak

Made by `python3 bench/attack.py --soak {options.soak:g}` on {datetime.date.today()}, in {mode}.

- {proc.machine()}; {noise(load)}
- pagepool {commit}
- All attacks at once: {attacks}
- Shared: those of them that nginx has features for; the same on nginx

Attackers are bound to one processor and have a fixed rate; the server has both. p99 is of
a client that asks for the small page 100 times a second, from when each was due.

{verdicts}
{by_minute(samples)}"""
