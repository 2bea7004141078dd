"""The rules of the repository, read off the source: layers, homes of libraries, and habits that no linter knows."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    ("assistant.core",),
    (
        "assistant.errors",
        "assistant.gguf",
        "assistant.paths",
        "assistant.phrases",
        "assistant.probe",
        "assistant.settings",
        "assistant.settings_file",
        "assistant.store",
        "models",
    ),
    ("assistant.audio",),
    ("assistant.engines", "assistant.tools"),
    ("assistant.library",),
    ("assistant.session", "assistant.soundcheck"),
    ("ui",),
)
"""Each layer imports only itself and the ones before it. What is not listed may import everything."""

NOT_FOR_UI = ("assistant.audio", "assistant.engines")

PURE = set(
    "abc bisect collections dataclasses difflib enum functools heapq itertools json math operator re string types "
    "typing unicodedata".split()
)
"""The part of the standard library that the core may use: nothing with a clock, a thread, a log or I/O."""

HOMES = {
    "PySide6": ("ui/*",),
    "vosk": ("assistant/engines/stt_vosk*.py",),
    "llama_cpp": ("assistant/engines/llm_llama*.py",),
    "pyttsx3": ("assistant/engines/tts_pyttsx3*.py", "assistant/probe.py"),
    "pyaudio": ("assistant/audio/*", "assistant/probe.py"),
    "livekit": ("assistant/audio/echo*.py", "assistant/probe.py"),
    **dict.fromkeys(
        "aiohttp ftplib http httpx huggingface_hub imaplib poplib requests smtplib socket socketserver ssl urllib "
        "urllib3 websockets xmlrpc".split(),
        ("assistant/download.py",),
    ),
}
"""Libraries and the only files that import them."""

TOOLS_MAY_USE = ("assistant.core", "assistant.errors", "assistant.tools")
TOOLS_NEVER = set(
    "asyncio builtins code codeop ctypes ftplib glob http importlib io mmap multiprocessing os pathlib pickle runpy "
    "shelve shutil signal socket sqlite3 subprocess sys tempfile urllib webbrowser".split()
)
RUNS_OR_OPENS = {"__import__", "compile", "eval", "exec", "input", "open"}

LONGEST_FILE = 300
LONGEST_FUNCTION = 50


@dataclass(frozen=True)
class Source:
    """One Python file: its path in the repository and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def comments(self) -> Iterator[tuple[int, str]]:
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def layer(name: str) -> int:
    return next((number for number, packages in enumerate(LAYERS) if within(name, packages)), len(LAYERS))


def module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def layering(source: Source) -> Iterator[str]:
    own = module(source.path)
    for line, name in source.imports():
        ours = name.startswith(("assistant.", "ui.", "models."))
        if ours and layer(name) > layer(own) and name != "assistant.__version__":
            yield f"{line}: {own} imports {name}, which stands above it"
        if within(own, ("ui",)) and within(name, NOT_FOR_UI):
            yield f"{line}: the window imports {name}; it sees snapshots only"


def purity(source: Source) -> Iterator[str]:
    if not within(module(source.path), ("assistant.core",)):
        return
    for line, name in source.imports():
        if name.split(".")[0] not in PURE and not within(name, ("assistant.core",)):
            yield f"{line}: the core imports {name}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "input"):
            yield f"{node.lineno}: the core calls {node.func.id}"


def harmless_tools(source: Source) -> Iterator[str]:
    """A tool runs no code, touches no file and no network, and knows nothing of engines or sessions."""
    if not within(module(source.path), ("assistant.tools",)):
        return
    for line, name in source.imports():
        if name.split(".")[0] in TOOLS_NEVER:
            yield f"{line}: a tool imports {name}"
        if name.startswith(("assistant.", "ui.", "models.")) and not within(name, TOOLS_MAY_USE):
            yield f"{line}: a tool imports {name}; it may know the core only"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUNS_OR_OPENS:
            yield f"{node.lineno}: a tool calls {node.func.id}"


def homes(source: Source) -> Iterator[str]:
    for line, name in source.imports():
        allowed = HOMES.get(name.split(".")[0])
        if allowed and not any(fnmatch(source.path, pattern) for pattern in allowed):
            yield f"{line}: {name} is imported outside {' and '.join(allowed)}"


def no_print(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{node.lineno}: print"


def length(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{lines} lines; at most {LONGEST_FILE}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.lineno}: {node.name} has {lines} lines; at most {LONGEST_FUNCTION}"


def reasoned_catch_all(source: Source) -> Iterator[str]:
    reasons = {line for line, comment in source.comments() if len(comment.split()) > 3}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
        if broad and not {node.lineno, node.lineno - 1} & reasons:
            yield f"{node.lineno}: a catch-all without a reason beside it"


def reasoned_suppression(source: Source) -> Iterator[str]:
    mark = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|mypy:)(:\s*[A-Z0-9, ]+|\[[\w, -]+\])?")
    for line, comment in source.comments():
        if mark.match(comment) and len(re.findall(r"\w+", mark.sub("", comment))) < 2:
            yield f"{line}: {comment!r} without a reason behind it"


def quiet_import(source: Source) -> Iterator[str]:
    """The top level of a module only defines: no work, no files, no environment."""
    defines = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    busy = {"getenv", "listdir", "load_settings", "mkdir", "open", "Popen", "read_bytes", "read_text", "run", "start"}
    for node in source.tree.body:
        if isinstance(node, defines) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        if isinstance(node, ast.If) and re.fullmatch(r"TYPE_CHECKING|__name__ == '__main__'", ast.unparse(node.test)):
            continue
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            yield f"{node.lineno}: the module does something when it is imported"
            continue
        names = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node)}
        if names & (busy | {"environ"}):
            yield f"{node.lineno}: the module reads the outside world when it is imported"


Rule = Callable[[Source], Iterator[str]]
PRODUCT = ("assistant/**/*.py", "ui/**/*.py", "models/*.py")
ALL = (*PRODUCT, "models/recipes/**/*.py", "tests/**/*.py")
RULES: dict[Rule, tuple[str, ...]] = {
    layering: PRODUCT,
    purity: PRODUCT,
    harmless_tools: PRODUCT,
    homes: PRODUCT,
    no_print: PRODUCT,
    length: ALL,
    reasoned_catch_all: ALL,
    reasoned_suppression: ALL,
    quiet_import: PRODUCT,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps(rule: Rule) -> None:
    paths = sorted({path for pattern in RULES[rule] for path in ROOT.glob(pattern)})
    assert len(paths) > 10
    broken = [
        f"{path.relative_to(ROOT)}:{problem}"
        for path in paths
        for problem in rule(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
    ]
    assert not broken, "\n".join(broken)


BAD = [
    (layering, "assistant/core/x.py", "from assistant.audio.vad import Vad"),
    (layering, "assistant/audio/x.py", "import assistant.session.snapshot"),
    (layering, "assistant/session/x.py", "from assistant import cli"),
    (layering, "assistant/session/x.py", "def f():\n    import ui.window"),
    (layering, "ui/x.py", "from assistant.engines.voice import Pyttsx3Voice"),
    (purity, "assistant/core/x.py", "import time"),
    (purity, "assistant/core/x.py", "from logging import getLogger"),
    (purity, "assistant/core/x.py", "from assistant.settings import Settings"),
    (purity, "assistant/core/x.py", "def f():\n    return open('x')"),
    (harmless_tools, "assistant/tools/x.py", "import subprocess"),
    (harmless_tools, "assistant/tools/x.py", "from pathlib import Path"),
    (harmless_tools, "assistant/tools/x.py", "from assistant.settings import Settings"),
    (harmless_tools, "assistant/tools/x.py", "from assistant.engines.protocols import Mind"),
    (harmless_tools, "assistant/tools/x.py", "def f(text):\n    return eval(text)"),
    (homes, "assistant/session/x.py", "from PySide6.QtCore import QTimer"),
    (homes, "assistant/engines/voice.py", "import vosk"),
    (homes, "assistant/session/x.py", "import llama_cpp"),
    (homes, "assistant/library.py", "import urllib.request"),
    (no_print, "assistant/x.py", "print('hello')"),
    (length, "tests/x.py", "\n" * 301),
    (length, "tests/x.py", "def f():\n" + "    pass\n" * 50),
    (reasoned_catch_all, "assistant/x.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (reasoned_catch_all, "assistant/x.py", "try:\n    f()\nexcept:  # oops\n    pass"),
    (reasoned_suppression, "ui/x.py", "import os  # noqa: F401"),
    (reasoned_suppression, "ui/x.py", "x = 1  # type: ignore[assignment]"),
    (reasoned_suppression, "ui/x.py", "x = 1  # type: ignore[assignment]  # noqa: E501"),
    (quiet_import, "assistant/x.py", "import os\nos.chdir('/')"),
    (quiet_import, "assistant/x.py", "for x in range(3):\n    pass"),
    (quiet_import, "assistant/x.py", "from pathlib import Path\nTEXT = Path('x').read_text()"),
    (quiet_import, "assistant/x.py", "import os\nHOME = os.environ['HOME']"),
]

GOOD = [
    (layering, "assistant/cli.py", "from ui.window import Window\nfrom assistant.core.events import Word"),
    (purity, "assistant/core/x.py", "import re\nfrom assistant.core.events import Word"),
    (harmless_tools, "assistant/tools/x.py", "import re\nfrom assistant.core.tool_calls import ToolCall"),
    (homes, "assistant/engines/stt_vosk.py", "import vosk"),
    (reasoned_catch_all, "assistant/x.py", "try:\n    f()\nexcept Exception as e:  # the worker's boundary\n    pass"),
    (reasoned_suppression, "ui/x.py", "import os  # noqa: F401 - tests look it up here"),
    (reasoned_suppression, "ui/x.py", "x = 1  # type: ignore[assignment]  # Qt's stub is wrong"),
    (
        quiet_import,
        "assistant/x.py",
        '"""Doc."""\nimport re\nX = re.compile("a")\nif __name__ == "__main__":\n    main()',
    ),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_breach_is_noticed(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text + "\n")))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text + "\n"))) == []


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES)
