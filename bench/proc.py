"""What Linux says of a process and all processes below it."""

import os
import pathlib

PROC = pathlib.Path("/proc")


def tree(pid):
    """The process and its descendants, as far as they still run."""
    pids = [pid]
    for parent in pids:
        for children in read_all(PROC / str(parent) / "task", "*/children"):
            pids += map(int, children.split())
    return pids


def cpu_seconds(pid):
    """User and system time of all threads. The scheduler counts it in nanoseconds,
    where `stat` has ticks of 10 ms. Threads that have ended are not in it: the
    servers here keep theirs."""
    nanoseconds = 0
    for process in tree(pid):
        for schedstat in read_all(PROC / str(process) / "task", "*/schedstat"):
            nanoseconds += int(schedstat.split()[0])
    return nanoseconds / 1e9


def busy_seconds():
    """The time in which the processors of the machine did anything, for whomever: what the
    system does for a connection outside of any process, and what the client does, is in it."""
    words = (PROC / "stat").read_text().split("\n", 1)[0].split()
    user, nice, system, _idle, _iowait, irq, softirq = map(int, words[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def count_calls(pid, out):
    """A command that runs another to its end, and writes to `out` how many system calls
    the process and its descendants have made meanwhile."""
    pids = ",".join(map(str, tree(pid)))
    return ["perf", "stat", "-x,", "-o", str(out), "-e", "raw_syscalls:sys_enter", "-p", pids, "--"]


def counted(out):
    line = next(line for line in out.read_text().splitlines() if "sys_enter" in line)
    return int(line.split(",")[0])


def memory_bytes(pid):
    """Memory in use, pages that several processes share counted once in all."""
    total = 0
    for process in tree(pid):
        for rollup in read_all(PROC / str(process), "smaps_rollup"):
            lines = [line.split() for line in rollup.splitlines()]
            total += sum(int(words[1]) * 1024 for words in lines if words[0] == "Pss:")
    return total


def read_all(folder, pattern):
    """The files that match. One whose process has just ended is left out."""
    for path in folder.glob(pattern):
        try:
            yield path.read_text()
        except OSError:
            pass


def machine():
    """Processor, memory and kernel, in a line."""
    cpus = (PROC / "cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in cpus if "model name" in line), "?")
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    kernel = os.uname()
    return (
        f"{model}, {os.cpu_count()} processors, {gigabytes:.0f} GiB, "
        f"{kernel.sysname} {kernel.release} {kernel.machine}"
    )
