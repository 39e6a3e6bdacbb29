"""What holds for all tests."""

import os
from itertools import groupby

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Without `--dist`, give each worker neighbours, which share what is made for them once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.option.dist == "load" else None


def pytest_collection_modifyitems(config, items):
    """Leave out long trials unless they are asked for by name, also where `-m` asks for others."""
    if "soak" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = _slow_ones_first(items, workers)


def _slow_ones_first(items, workers):
    """Give each worker slow modules to begin with, so that what is left at the end, and is stolen, is quick."""
    slow, quick = [], []
    for item in items:
        (slow if item.get_closest_marker("dvc") or item.get_closest_marker("browser") else quick).append(item)
    shares = [[] for _ in range(workers)]
    modules = {module: list(members) for module, members in groupby(slow, key=lambda item: item.path)}
    for members in sorted(modules.values(), key=lambda members: -len(members)):
        min(shares, key=len).extend(members)
    each = -(-len(items) // workers)  # the scheduler deals out so many
    for share in shares:
        count = max(0, each - len(share))
        share += quick[:count]
        del quick[:count]
    return [item for share in shares for item in share] + quick
