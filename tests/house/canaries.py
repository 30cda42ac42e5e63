"""For each fence of the house a tree with one thing wrong that must be reported, and trees with nothing wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.house import docstrings, events, lists, locks, purity, sizes, words

Checker = Callable[[Path], list[str]]


@dataclass(frozen=True, slots=True)
class Canary:
    """A tree with one thing wrong, and where the finding must say it is; an empty place: nothing is wrong here."""

    checker: Checker
    place: str
    files: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.checker.__name__} {self.place or 'lets pass ' + next(iter(self.files))}"


FORTY: Final = "\n".join("    pass" for _ in range(40))
PROMISE: Final = (
    '"""Gate: opens.\n\nHears:   knocks.\nDecides: who comes in.\nSays:    opened.\nNever:   sleeps.\n"""\n'
)
EVENT: Final = "class Opened(Message):\n    {}TYPE: ClassVar = 'gate.opened.v1'\n"
VARIANT: Final = "from services.gate.domain.tactic import Tactic\n{} = Tactic()\n"
LIST: Final = "from services.gate.tactics.search import SEARCH\nALL = (SEARCH,)\n"
PROJECT: Final = (
    '[project]\ndependencies = [\n    "click>=8",{}\n]\n[project.optional-dependencies]\ntest = []\nbuild = []\n'
)
PIN: Final = "click=={} \\\n    --hash=sha256:00\n"


def locked(version: str, reason: str = "", pin: str = PIN) -> dict[str, str]:
    """A project with one dependency, locked at this version to run and as it should be to test."""
    return {
        "pyproject.toml": PROJECT.format(reason),
        "requirements.lock": pin.format(version),
        "requirements-test.lock": PIN.format("8.1"),
    }


CANARIES: Final = (
    Canary(docstrings.event_docstrings, "schemas/gate.py:1", {"schemas/gate.py": EVENT.format("")}),
    Canary(docstrings.event_docstrings, "", {"schemas/gate.py": EVENT.format('"""Open."""\n    ')}),
    Canary(docstrings.module_docstrings, "infra/gate.py:1", {"infra/gate.py": "import re\n"}),
    Canary(docstrings.module_docstrings, "infra/gate.py:1", {"infra/gate.py": '"""' + "A line.\n" * 6 + '"""\n'}),
    Canary(docstrings.module_docstrings, "", {"infra/__init__.py": ""}),
    Canary(
        docstrings.service_docstrings, "services/gate/__init__.py:1", {"services/gate/__init__.py": '"""A gate."""\n'}
    ),
    Canary(
        docstrings.service_docstrings, "services/gate/__init__.py:1", {"services/gate/service.py": '"""A gate."""\n'}
    ),
    Canary(docstrings.service_docstrings, "", {"services/gate/__init__.py": PROMISE}),
    Canary(events.examples, "schemas/gate.py:1", {"schemas/gate.py": EVENT.format("")}),
    Canary(
        events.examples,
        "schemas/gate.py:2",
        {"schemas/gate.py": "class Knock(Message): pass\n" + EVENT.format("").replace("Message", "Knock")},
    ),
    Canary(events.examples, f"{events.EXAMPLES}/gate.shut.v1.json:1", {f"{events.EXAMPLES}/gate.shut.v1.json": "{}"}),
    Canary(events.examples, "", {f"{events.EXAMPLES}/gate.opened.v1.json": "{}", "schemas/gate.py": EVENT.format("")}),
    Canary(lists.unlisted_decisions, "docs/adr/README.md:1", {"docs/adr/0001-gates.md": "# Gates open outwards\n"}),
    Canary(
        lists.unlisted_decisions,
        "docs/adr/0001-gates.md:1",
        {"docs/adr/README.md": "(0001-gates.md)", "docs/adr/0001-gates.md": "# Gates open outwards\n"},
    ),
    Canary(lists.unlisted_decisions, "docs/adr/README.md:1", {"docs/adr/README.md": "[Gates open](0001-gates.md)"}),
    Canary(
        lists.unlisted_variants,
        "services/gate/tactics/__init__.py:1",
        {"services/gate/tactics/__init__.py": '"""Tactics."""\n'},
    ),
    Canary(
        lists.unlisted_variants,
        "services/gate/tactics/knock.py:1",
        {
            "services/gate/tactics/__init__.py": LIST,
            "services/gate/tactics/search.py": VARIANT.format("SEARCH"),
            "services/gate/tactics/knock.py": VARIANT.format("KNOCK"),
        },
    ),
    Canary(
        lists.unlisted_variants,
        "services/gate/tactics/search.py:4",
        {
            "services/gate/tactics/__init__.py": LIST,
            "services/gate/tactics/search.py": VARIANT.format("SEARCH") + "# and\nSECOND = Tactic()\n",
        },
    ),
    Canary(
        lists.unlisted_variants,
        "",
        {"services/gate/tactics/__init__.py": LIST, "services/gate/tactics/search.py": VARIANT.format("SEARCH")},
    ),
    Canary(locks.loose_locks, "requirements.lock:1", locked("7.9")),
    Canary(locks.loose_locks, "requirements.lock:1", locked("8.1", pin="click=={}\n")),
    Canary(locks.loose_locks, "", locked("8.1")),
    Canary(locks.unexplained_dependencies, "pyproject.toml:3", locked("8.1")),
    Canary(locks.unexplained_dependencies, "", locked("8.1", reason="  # the command line")),
    Canary(purity.called_defaults, "infra/gate.py:1", {"infra/gate.py": "def opened(at=now()): ...\n"}),
    Canary(purity.called_defaults, "demo/gate.py:1", {"demo/gate.py": "async def opened(*, at=(1, now())): ...\n"}),
    Canary(
        purity.impure_calls,
        "services/gate/domain/gate.py:1",
        {"services/gate/domain/gate.py": "async def opened(): ...\n"},
    ),
    Canary(
        purity.impure_calls, "services/gate/reactions.py:1", {"services/gate/reactions.py": "at = datetime.now(UTC)\n"}
    ),
    Canary(purity.impure_calls, "services/gate/access.py:1", {"services/gate/access.py": "print('opened')\n"}),
    Canary(purity.impure_calls, "schemas/gate.py:1", {"schemas/gate.py": "text = open('gate').read()\n"}),
    Canary(purity.impure_calls, "infra/decider.py:1", {"infra/decider.py": "key = uuid4()\n"}),
    Canary(
        purity.impure_calls,
        "",
        {"services/gate/domain/gate.py": "gate.open(command.now)\n", "infra/gate.py": "open('gate')\n"},
    ),
    Canary(
        purity.impure_imports, "services/gate/domain/gate.py:1", {"services/gate/domain/gate.py": "import asyncio\n"}
    ),
    Canary(
        purity.impure_imports,
        "services/gate/domain/gate.py:2",
        {"services/gate/domain/gate.py": "def late():\n    from infra.host import Host\n"},
    ),
    Canary(
        purity.impure_imports,
        "services/gate/reactions.py:1",
        {"services/gate/reactions.py": "from services.gate.api import routes\n"},
    ),
    Canary(
        purity.impure_imports,
        "services/gate/access.py:1",
        {"services/gate/access.py": "from services.fence.domain import fence\n"},
    ),
    Canary(purity.impure_imports, "schemas/gate.py:1", {"schemas/gate.py": "from infra.decider import fold\n"}),
    Canary(
        purity.impure_imports,
        "",
        {"services/gate/reactions.py": "from services.gate.domain import gate\nfrom schemas import ids\n"},
    ),
    Canary(
        purity.thawed_shapes,
        "services/gate/domain/gate.py:2",
        {"services/gate/domain/gate.py": "@dataclass\nclass Open: ...\n"},
    ),
    Canary(
        purity.thawed_shapes,
        "services/gate/access.py:2",
        {"services/gate/access.py": "@dataclass(slots=True)\nclass Open: ...\n"},
    ),
    Canary(
        purity.thawed_shapes,
        "schemas/gate.py:1",
        {"schemas/gate.py": "class Open(msgspec.Struct, kw_only=True): ...\n"},
    ),
    Canary(
        purity.thawed_shapes,
        "",
        {"schemas/gate.py": "class Open(Struct, frozen=True): ...\n", "infra/gate.py": "@dataclass\nclass Open: ...\n"},
    ),
    Canary(sizes.long_files, "demo/gate.py:401", {"demo/gate.py": "\n" * 401}),
    Canary(sizes.long_files, "", {"demo/gate.py": "\n" * 400}),
    Canary(sizes.long_functions, "tests/gate.py:1", {"tests/gate.py": f"def opened():\n{FORTY}\n{FORTY}\n"}),
    Canary(sizes.long_functions, "", {"tests/gate.py": f'def opened():\n    """Open.\n{FORTY}\n    """\n{FORTY}\n'}),
    Canary(words.banned_names, "infra/gate_utils.py:1", {"infra/gate_utils.py": ""}),
    Canary(words.banned_names, "services/gate/common/gate.py:1", {"services/gate/common/gate.py": ""}),
    Canary(words.banned_names, "infra/gate.py:1", {"infra/gate.py": "class GateManager: ...\n"}),
    Canary(words.banned_names, "infra/gate.py:1", {"infra/gate.py": "class GateService: ...\n"}),
    Canary(
        words.banned_names,
        "",
        {"services/gate/domain/case_manager.py": "class CaseManager: ...\n", "services/gate/service.py": ""},
    ),
    Canary(words.machine_paths, "docs/gate.md:1", {"docs/gate.md": "see /wo" + "rk/gate"}),
    Canary(words.machine_paths, "Makefile:1", {"Makefile": "gate:; cat ../sha" + "red/gate"}),
    Canary(words.machine_paths, "", {"docs/gate.md": "GET /gates/work and /worklist"}),
    Canary(
        words.registry_hosts,
        "Makefile:1",
        {"Makefile": "gate:; pip install --index-" + "url https:" + "//gate.example.org"},
    ),
    Canary(words.registry_hosts, "", {"Makefile": "gate:; curl http:" + "//127.0.0.1:8000"}),
    Canary(words.unfinished_marks, ".ci/run:1", {".ci/run": "# TO" + "DO: a gate"}),
)
