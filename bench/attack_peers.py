"""The servers under attack: how each is configured, and what memory it may take."""

import dataclasses

import peers

LIMIT_BYTES = 2_500_000_000


def limited(peer, command, name):
    """One that takes more memory ends, and not the machine."""

    def within(setup):
        return ["prlimit", f"--data={LIMIT_BYTES}", *command(setup)]

    return dataclasses.replace(peer, command=within, name=name)


def pagepool(name, is_production):
    """The program of that name in `peers.PROGRAMS`, in one of its modes."""
    flags = ["--production"] if is_production else []
    own = peers.OWN[0]
    return limited(own, lambda setup: peers.pagepool(setup, *flags, program=name), name)


def others():
    """Those that are there; the others are named, and how to get them."""
    for peer in peers.OTHERS:
        if peer.name in ("nginx", "Caddy"):
            if peer.find():
                yield limited(peer, peer.command, peer.name)
            else:
                print(f"without {peer.name}, which is not here: {peer.install}")
