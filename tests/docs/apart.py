"""Takes a page and a command, gives why no test types it, or nothing: the one list of what is told and not tried."""

from __future__ import annotations

DOCKER = "needs Docker"
OPEN = "opens the machine to others; tests/server/test_access.py and test_login.py try it"
SERVERS = "needs PostgreSQL, Redis or S3; tests/stack and tests/server --stack try it"
INSTALLS = "installs packages"
LONG = "measures for minutes or hours; tests/test_bench*.py try each in short"
TWO = "needs two runs side by side; tests/cli/test_two_keys.py tries them"
WHOLE = "is the set-up or the gate itself"
TURN = "goes on until it is ended; tests/server/test_serving.py tries it"

APART: dict[str, dict[str, str]] = {
    "README.md": {"make demo": WHOLE},
    "access.md": {
        "export LADLE_ALLOWED_HOSTS": OPEN,
        "export LADLE_SECRET_KEY": OPEN,
        "ladle serve": OPEN,
        'curl -H "Authorization': OPEN,
        "ladle audit": "tells what somebody did over days; tests/server/test_audit.py tries it",
    },
    "backup.md": {
        "cp -p ~/.ladle/secret-key": "is there only where LADLE_SECRET_KEY is not set and something was signed",
        "cp -a /backup/ladle": "writes over a home; tests/test_copying.py opens copies where they lie",
        "ladle doctor": "is about the home that was written over",
        "ladle collect swapi/people --resume": "needs a run under way; tests/test_copying.py tries it",
        "pg_dump": SERVERS,
        "createdb": SERVERS,
        "ladle copy s3:": SERVERS,
        "ladle copy /backup/ladle --home": SERVERS,
    },
    "cluster.md": {
        "pip install": INSTALLS,
        "createuser": SERVERS,
        "export ": SERVERS,
        "ladle doctor": SERVERS,
        "ladle serve": TURN,
        "ladle worker": TURN,
    },
    "compose.md": {
        "docker": DOCKER,
        "cp .env.example": DOCKER,
        "echo ": DOCKER,
        "ssh ": "needs another machine",
        "make stack": "tests/stack/test_make_stack.py tries it",
        ". .stack/settings.sh": SERVERS,
        "ladle doctor": SERVERS,
        "ladle collect": SERVERS,
    },
    "control.md": {"ladle ": "needs a run under way; tests/cli/test_control.py tries all three"},
    "install.md": {
        "uv tool ": INSTALLS,
        "pipx ": INSTALLS,
        "pip ": INSTALLS,
        "ladle demo --once": "tests/cli/test_commands.py tries it",
        "ladle completion": "writes into the home of who runs it; tests/cli/test_completion.py tries it",
    },
    "measure.md": {"make bench": LONG},
    "own-source.md": {"curl 'https://rickandmortyapi": "needs the internet: it shows the API itself"},
    "s3.md": {"pip install": INSTALLS, "export ": SERVERS},
    "postgres-s3.md": {
        "pip install": INSTALLS,
        **dict.fromkeys(("export ", "ladle ", "LADLE_HOME", "cat ", "createuser", "python -m django"), SERVERS),
    },
    "several-machines.md": {"pip install": INSTALLS, "export ": SERVERS, "ladle collect": SERVERS},
    "two-keys.md": dict.fromkeys(("ladle collect", "ladle export", "(cat", "ladle import", "OPENWEATHER_API"), TWO),
    "upgrade.md": {"pip install": INSTALLS, "pipx ": INSTALLS, "git pull": DOCKER, "docker": DOCKER},
    "webhooks.md": {"ladle webhooks test": "needs the internet: it calls example.org"},
    "server.md": {"export LADLE_TOKEN": "nobody logs in here; tests/remote tries tokens"},
}


def reason(page: str, command: str) -> str | None:
    """Why the command is not typed; commands are known by how they begin."""
    return next((why for begins, why in APART.get(page, {}).items() if command.startswith(begins)), None)
