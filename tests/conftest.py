"""What every test shares: nothing may touch the user's own settings, data or logs."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Send all of Parley's files to a temporary folder and forget the user's PARLEY_* variables.

    The cache folder of the desktop stays: matplotlib keeps its list of fonts there, which is slow to make again.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PARLEY_")]:
            patch.delenv(name)
        patch.setenv("PARLEY_HOME", str(home / "parley"))
        for name in ("CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        patch.setenv("OMP_WAIT_POLICY", "PASSIVE")  # OpenMP would spin on a busy machine
        yield
