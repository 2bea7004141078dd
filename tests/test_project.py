"""The project's own files: locks, package, installer, and nothing in them that belongs to one machine."""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import assistant

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("build", "run", "test")


def locked(name: str) -> dict[str, str]:
    """Package -> version of one lock."""
    lines = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(re.match(r"([\w.-]+)==(\S+)", line).groups() for line in lines if line[:1].isalnum())  # type: ignore[misc, union-attr]  # a line that does not match fails the test


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_names_versions_and_hashes(name: str) -> None:
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    entry = r"[\w.-]+==\S+( ; [^\\\n]+)? (\\\n    --hash=sha256:[0-9a-f]{64} ?)+\n"
    assert re.fullmatch(f"({entry})+", text)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("build", PROJECT["dependency-groups"]["build"]),
        ("run", PROJECT["project"]["dependencies"]),
        ("test", PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]),
    ],
)
def test_the_lock_satisfies_the_project(lock: str, wanted: list[str]) -> None:
    versions = locked(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_the_tests_run_what_the_app_runs() -> None:
    assert locked("run").items() <= locked("test").items()


def text_files() -> Iterator[Path]:
    """The files of the repository that are text; none of what tools leave in it."""
    ignored = {".git", ".venv", "build", "dist", "__pycache__", ".hypothesis"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored and not name.endswith(("_cache", ".egg-info"))]
        for name in files:
            if Path(name).suffix in {".cfg", ".ini", ".md", ".py", ".sh", ".toml", ".txt", ".yml", ""}:
                yield Path(folder) / name


def test_nothing_names_a_package_registry_or_one_machine() -> None:
    forbidden = re.compile(r"pypi\.or[g]|pythonhosted|--(extra-)?index-url|(?<![\w.])/(roo[t]|wor[k]|hom[e])/\w")
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if forbidden.search(line) and path != Path(__file__)
    ]
    assert not named, "\n".join(named)


def test_the_wheel_carries_the_starter_models(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "parley = assistant.cli:main" in archive.read(entry_points).decode()
    starter = {path.relative_to(ROOT).as_posix() for path in (ROOT / "models/starter").rglob("*") if path.is_file()}
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "assistant").rglob("*.toml")}
    assert len(starter) > 5
    assert starter | data | {"models/catalogue.toml", "ui/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("models/recipes", "tests", "docs"))]


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {assistant.__version__}" in (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("make test")


class Machine:
    """A copy of the installer on a pretended machine: only the commands that a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ("scripts", "locks"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for name in ("awk", "cat", "cut", "dirname", "env", "rm", "sed", "sh", "sha256sum", "tr"):
            (self.bin / name).symlink_to(str(shutil.which(name)))

    def command(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "scripts/install.sh", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian machine with Python, a user without sudo, and everything installed but espeak-ng."""
    machine = Machine(tmp_path)
    machine.command("python3", "exit 0")
    machine.command("id", "echo 1000")
    machine.command("apt-get", "echo apt-get $*")
    machine.command("dpkg-query", '[ "$4" != espeak-ng ] && printf installed')
    return machine


def test_missing_packages_are_named_with_reason_and_command(machine: Machine) -> None:
    result = machine.install()
    assert result.returncode == 1
    assert result.stdout == "Missing system packages:\n  espeak-ng: speaks\n"
    assert "run this as root" in result.stderr
    assert "apt-get update && apt-get install --yes --no-remove --no-install-recommends espeak-ng" in result.stderr


@pytest.mark.parametrize("root", [True, False])
def test_missing_packages_are_installed_as_root_or_with_sudo(machine: Machine, root: bool) -> None:
    machine.command("id", "echo 0") if root else machine.command("sudo", 'echo with sudo: "$@"; "$@"')
    result = machine.install()
    assert "apt-get update\n" in result.stdout
    assert "apt-get install --yes --no-remove --no-install-recommends espeak-ng\n" in result.stdout
    assert ("with sudo: apt-get update" in result.stdout) is not root
    assert "Creating .venv with" in result.stdout


def test_where_there_is_no_apt_the_packages_are_only_named(machine: Machine) -> None:
    (machine.bin / "dpkg-query").unlink()
    result = machine.install("test")
    assert "This is not Debian" in result.stdout
    assert "  portaudio19-dev: records and plays sound\n" in result.stdout
    assert "  xvfb: shows the window to the tests\n" in result.stdout
    assert "Creating .venv with" in result.stdout


def test_without_a_usable_python_it_says_which_is_needed(machine: Machine) -> None:
    machine.command("dpkg-query", "printf installed")
    machine.command("python3", "exit 1")
    result = machine.install()
    assert result.returncode == 1
    assert (
        result.stderr == "parley: Parley needs Python 3.11, 3.12 or 3.13, and found none: install one and try again.\n"
    )


def test_a_finished_installation_is_left_alone_until_something_changes(machine: Machine) -> None:
    key = 'cd "$1"; { pwd; cat pyproject.toml locks/*.txt scripts/install.sh; } | sha256sum'
    stamp = subprocess.run(["sh", "-c", key, "-", machine.folder], capture_output=True, text=True, check=True).stdout
    (machine.folder / ".venv").mkdir()
    (machine.folder / ".venv" / "installed-test").write_text(stamp)
    for profile in ("run", "test"):
        result = machine.install(profile)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    (machine.folder / "locks" / "run.txt").write_text("")
    assert "Missing system packages" in machine.install().stdout
