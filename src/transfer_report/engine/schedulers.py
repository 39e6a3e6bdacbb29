"""Where Dask's workers come from: an address, this machine, or a batch system."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transfer_report.errors import UserError, did_you_mean

BATCH_SYSTEMS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster", "sge": "SGECluster"}
INSTALL = "pip install --no-deps --requirement requirements/cluster.txt"
SCHEDULER_SECONDS = 20


@contextmanager
def client_of_address(address: str) -> Iterator[Any]:
    """A client of the scheduler at an address such as `tcp://head:8786`.

    Raises:
        UserError: no scheduler answers there.
    """
    distributed = _library("distributed")
    try:
        _check(address)
        client = distributed.Client(address, timeout=SCHEDULER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(
            f"--scheduler {address}: no scheduler answers ({error}); `dask scheduler` starts one and prints its address"
        ) from None
    with client:
        yield client


@contextmanager
def client_of_cluster(kind: str, workers: int) -> Iterator[Any]:
    """A client of workers that are started for this run, and end with it.

    Args:
        kind: `local`, or a batch system, which dask-jobqueue's own settings describe (~/.config/dask/jobqueue.yaml).
        workers: how many.

    Raises:
        UserError: no such kind, or its settings lack something.
    """
    distributed = _library("distributed")
    if kind == "local":
        cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    elif kind in BATCH_SYSTEMS:
        make = getattr(_library("dask_jobqueue"), BATCH_SYSTEMS[kind])
        try:
            cluster = make(scheduler_options={"dashboard_address": None})
        except (ValueError, TypeError) as error:
            why = " ".join(str(error).split())
            raise UserError(
                f"--cluster {kind}: {why}; ~/.config/dask/jobqueue.yaml says how a job is asked for "
                "(https://jobqueue.dask.org)"
            ) from error
        cluster.scale(jobs=workers)
    else:
        raise UserError(f"--cluster {kind}: {did_you_mean(kind, ['local', *BATCH_SYSTEMS])}")
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        yield client


def _check(address: str) -> None:
    """A ValueError for what is no address: a client of it would wait for long, and be heard of even after it ended."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    scheme, place = parse_address(address)
    get_backend(scheme)
    parse_host_port(place)


def _library(name: str) -> Any:
    try:
        return __import__(name)
    except ModuleNotFoundError as error:
        raise UserError(f"several machines need {error.name}, which is not installed: {INSTALL}") from None
