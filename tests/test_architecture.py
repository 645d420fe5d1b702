"""The shape of the house: apps point down, floors are kept, pure rooms are pure, files stay small, no circles."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("recipients", "messaging", "campaigns")
MAY_USE = {"recipients": set(), "messaging": set(), "campaigns": {"recipients", "messaging"}}
LONGEST_FILE = 400

PURE = {
    "recipients.phones", "recipients.gestation", "recipients.names", "recipients.sentences",
    "recipients.shifts",
    "recipients.register_import.headings", "recipients.register_import.cells", "recipients.register_import.reader",
    "recipients.register_import.verdicts", "recipients.register_import.endings",
    "recipients.register_import.outcome_words",
    "messaging.statuses", "messaging.storable", "messaging.text.segments", "messaging.text.plain",
    "messaging.text.tidy", "messaging.text.frame", "messaging.text.pattern", "messaging.text.sender",
    "campaigns.schedule.timeline", "campaigns.schedule.sendtime", "campaigns.schedule.caps",
    "campaigns.content.rendering", "campaigns.content.files", "campaigns.content.offsets", "campaigns.content.fields",
    "campaigns.content.clocks", "campaigns.content.regions", "campaigns.content.lint.findings",
    "campaigns.content.lint.form", "campaigns.content.spelled", "campaigns.content.difference",
    "campaigns.content.onphone", "campaigns.content.spreadsheet.layout", "campaigns.content.spreadsheet.read",
    "campaigns.content.lint.wording", "campaigns.content.lint.reading", "campaigns.content.lint.presumption",
    "campaigns.content.lint.discretion", "campaigns.content.lint.windows", "campaigns.content.lint.rhythm",
    "campaigns.content.lint.latecomers", "campaigns.content.lint.run", "campaigns.content.overview",
    "campaigns.content.sources", "campaigns.content.targets", "campaigns.local.catalogue", "campaigns.local.kinds",
    "campaigns.reach.metrics", "campaigns.simulation.invariants",
}  # fmt: skip
PURE_MAY_IMPORT = {"phonenumbers", "gsm0338", "python_calamine"}
EDGE = {"pages", "forms", "api", "admin", "urls", "webhooks", "tasks", "checks", "management", "apps", "templatetags"}
GROUND = {"models", "providers", "migrations"}


def modules() -> list[Path]:
    """Every file of the product's Python, tests and migrations apart."""
    return [p for app in (*APPS, "config") for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def names() -> frozenset[str]:
    return frozenset(name_of(path) for path in modules())


@cache
def imports(path: Path) -> frozenset[str]:
    """The modules that a file imports, wherever in the file (inside functions too)."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in names() else str(node.module)


def floor(module: str) -> int:
    """0 pure, 1 ground, 2 verbs, 3 edge."""
    room = module.split(".")[1] if "." in module else ""
    if module in PURE:
        return 0
    if room in EDGE:
        return 3
    return 1 if room in GROUND or module.endswith((".errors", ".secrets")) else 2


FILES = [pytest.param(path, id=name_of(path)) for path in modules()]


@pytest.mark.parametrize("path", FILES)
def test_apps_point_down(path):
    module = name_of(path)
    app = module.split(".")[0]
    used = {each.split(".")[0] for each in imports(path)} & {*APPS, "config", "tests"}
    if app == "config":
        return
    assert used - {app} <= MAY_USE[app], f"{module} uses {used - {app}}"


@pytest.mark.parametrize("path", FILES)
def test_floors_are_kept(path):
    module = name_of(path)
    if module.split(".")[0] == "config" or module in APPS:
        return
    own = module.split(".")[0]
    for used in imports(path):
        if used.split(".")[0] not in APPS or used not in names():
            continue
        assert floor(used) <= floor(module), f"{module} (floor {floor(module)}) uses {used} (floor {floor(used)})"
        if used.split(".")[0] != own:
            assert floor(used) < 3, f"{module} uses the edge of another app: {used}"
        if floor(module) == 1 and ".providers" in module:
            assert not used.endswith(".models"), f"{module}: adapters do not know the tables"


@pytest.mark.parametrize("module", sorted(PURE))
def test_pure_rooms_are_pure(module):
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    assert path.exists(), f"{module} is listed as pure and does not exist"
    for used in imports(path):
        top = used.split(".")[0]
        if top in APPS:
            assert used in APPS or floor(used) == 0 or used.endswith(("register_import", "messaging.text"))
        else:
            assert top in sys.stdlib_module_names | PURE_MAY_IMPORT, f"{module} uses {top}"
    words = path.read_text()
    for clock in ("datetime.now", "date.today", "timezone.now", "time.time"):
        assert clock not in words, f"{module} reads the clock ({clock})"


@pytest.mark.parametrize("path", FILES)
def test_verbs_take_now_as_an_argument(path):
    module = name_of(path)
    if module.split(".")[0] == "config" or floor(module) == 3:
        return
    words = path.read_text()
    assert "timezone.now(" not in words, f"{module} reads the clock"
    assert "shared_task" not in words, f"{module} is no task"


TESTS = [pytest.param(path, id=f"tests.{path.stem}") for path in sorted((ROOT / "tests").rglob("*.py"))]


@pytest.mark.parametrize("path", [*FILES, *TESTS])
def test_files_stay_small(path):
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST_FILE, f"{path.relative_to(ROOT)} has {lines} lines: which two subjects live there?"


def test_there_is_no_circle_of_files():
    graph = {name_of(path): {used for used in imports(path) if used in names()} for path in modules()}
    done: set[str] = set()

    def walk(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, "circle: " + " -> ".join([*above[above.index(module) :], module])
        if module in done:
            return
        for used in sorted(graph[module] - {module}):
            walk(used, (*above, module))
        done.add(module)

    for module in graph:
        walk(module, ())


def test_no_other_application_folder():
    known = {*APPS, "config", "tests", "docs", "var"}
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert folders <= known, f"unexpected folders: {folders - known}"
