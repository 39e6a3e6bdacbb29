"""What holds for all tests."""


def pytest_collection_modifyitems(config, items):
    """Leave out long trials unless they are asked for by name, also where `-m` asks for others."""
    if "soak" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]
