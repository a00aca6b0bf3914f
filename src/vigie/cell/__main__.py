"""``python -I -m vigie.cell --control FD``: what the house starts. Not for people."""

from __future__ import annotations

import argparse
import pathlib
import socket

from vigie.cell import registry, zygote


def main() -> None:
    """Be a zygote on the socket that was handed over."""
    arguments = argparse.ArgumentParser(prog="vigie.cell", description=__doc__)
    arguments.add_argument("--control", type=int, required=True, metavar="FD")
    arguments.add_argument("--jobs", type=pathlib.Path, help="a folder of other jobs, for tests of the sandbox")
    arguments.add_argument(
        "--without",
        action="append",
        default=[],
        choices=["namespaces", "landlock", "seccomp"],
        help="leave a layer out, as on a kernel that lacks it",
    )
    arguments.add_argument("--only", help="name of the one job that is wanted: less to load, less to fork")
    given = arguments.parse_args()
    jobs = registry.from_folder(given.jobs) if given.jobs else registry.product(given.only)
    with socket.socket(fileno=given.control) as control:
        control.set_inheritable(False)
        zygote.serve(control, jobs, frozenset(given.without))


main()
