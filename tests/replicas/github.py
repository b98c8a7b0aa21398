"""GitHub's issues of a repository: a bare array, and a `Link` header that leads on.

Traps: after page 1 the path is `/repositories/ID/issues`; the last page has no `next`; pull requests are among the
issues, and only they have a `pull_request`; a limit is a 403 with `X-RateLimit-Remaining: 0`; nobody is answered
without a User-Agent; a token is optional, but a wrong one is a 401.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random
from urllib.parse import urlencode

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, bearer, below, numbers, pairs_of, sliced

ORIGIN, BASE, ID = "https://api.github.com", "/", 76954504
REPO = "kitchen/ladle"
DOCS = "https://docs.github.com/rest"
ANONYMOUS, KNOWN = (60, 3600.0), (5000, 3600.0)
START = datetime(2024, 2, 27, 8, 0, tzinfo=UTC)
PEOPLE = ("octocat", "zoë-k", "maria-gómez", "李雷", "dependabot[bot]")
WORDS = (
    "Naïve quota counts twice",
    "Unicode (ß, 漢字, 🥄) is lost",
    "`next` is followed\tin a circle",
    "Café menu: 5 < 7",
)
LABELS = {"bug": "d73a4a", "good first issue": "7057ff", "wontfix": "ffffff"}


def model(*, token: str | None = None, limit: tuple[int, float] | None = None, total: int = 237) -> Model:
    """`total` issues and pull requests, newest first. `token`: the only good one; anonymous callers are served too."""
    random = Random("github")
    issues = [_issue(number, random) for number in range(total, 0, -1)]

    def reply(request: Request) -> Answer:
        if not request.headers.get("User-Agent"):
            return as_json({"message": "Request forbidden by administrative rules."}, status=403)
        if token is not None and bearer(request) not in ("", token):
            return _refused("Bad credentials", status=401)
        path = below(request, BASE)
        if path in (f"repos/{REPO}/issues", f"repositories/{ID}/issues"):
            return _page(request, issues)
        if found := re.fullmatch(rf"(?:repos/{REPO}|repositories/{ID})/issues/([0-9]+)", path):
            one = [issue for issue in issues if issue["number"] == int(found[1])]
            return as_json(one[0]) if one else _refused("Not Found", status=404)
        return _refused("Not Found", status=404)

    return Model(
        origin=ORIGIN,
        base=BASE,
        first=f"repos/{REPO}/issues?state=all",
        collections={"issues": issues},
        answer=reply,
        limits=[limit or (ANONYMOUS if token is None else KNOWN)],
        refuse=lambda request, wait: _refused(
            "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher "
            "rate limit. Check out the documentation for more details.)",
            status=403,
        ),
        headers=_headers,
    )


def _headers(facts: Mapping[str, int]) -> dict[str, str]:
    told = {
        "Limit": facts["limit"],
        "Remaining": facts["left"],
        "Reset": facts["reset"],
        "Used": facts["limit"] - facts["left"],
        "Resource": "core",
    }
    return {
        "X-GitHub-Media-Type": "github.v3; format=json",
        **{f"X-RateLimit-{name}": str(value) for name, value in told.items()},
    }


def _refused(message: str, *, status: int) -> Answer:
    return as_json({"message": message, "documentation_url": DOCS, "status": str(status)}, status=status)


def _page(request: Request, issues: list[Record]) -> Answer:
    state = request.query.get("state", "open")
    found = [issue for issue in issues if state in ("all", issue["state"])]
    if request.query.get("direction") == "asc":
        found.reverse()
    page, size = numbers(request, "page", "per_page", page=1, per_page=30)
    page, size = max(1, page or 1), min(100, max(1, size or 30))
    last = max(1, ceil(len(found) / size))
    leads = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    kept = {
        name: to for name, to in leads.items() if (1 <= to < page if name in ("prev", "first") else page < to <= last)
    }
    links = ", ".join(f'<{_address(request, to)}>; rel="{name}"' for name, to in kept.items())
    return as_json(sliced(found, (page - 1) * size, size), **({"Link": links} if links else {}))


def _address(request: Request, page: int) -> str:
    others = [(name, value) for name, value in pairs_of(request) if name != "page"]
    return f"{ORIGIN}/repositories/{ID}/issues?{urlencode([*others, ('page', str(page))])}"


def _time(hours: float) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user(name: str) -> Record:
    number = 583_000 + PEOPLE.index(name)
    kind = "Bot" if name.endswith("[bot]") else "User"
    return {
        "login": name,
        "id": number,
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}",
        "type": kind,
    }


def _label(name: str) -> Record:
    return {
        "id": 208045946 + len(name),
        "name": name,
        "color": LABELS[name],
        "default": name == "bug",
        "description": None,
    }


def _issue(number: int, random: Random) -> Record:
    address = f"{ORIGIN}/repos/{REPO}/issues/{number}"
    closed = random.random() < 0.6
    opened = number * 7.25
    issue: Record = {
        "url": address,
        "repository_url": f"{ORIGIN}/repos/{REPO}",
        "comments_url": f"{address}/comments",
        "html_url": f"https://github.com/{REPO}/issues/{number}",
        "id": 2_155_000_000 + number * 31,
        "node_id": f"I_kwDOBJY{number:05d}",
        "number": number,
        "title": f"{random.choice(WORDS)} ({number})",
        "user": _user(random.choice(PEOPLE)),
        "labels": [_label(name) for name in random.sample(list(LABELS), k=random.choice((0, 0, 1, 2)))],
        "state": "closed" if closed else "open",
        "locked": number % 40 == 0,
        "assignee": _user(random.choice(PEOPLE[:4])) if random.random() < 0.3 else None,
        "milestone": {"number": 1, "title": "1.0 – über alles", "due_on": None} if number % 9 == 0 else None,
        "comments": random.choice((0, 0, 1, 5, 28)),
        "created_at": _time(opened),
        "updated_at": _time(opened + 30),
        "closed_at": _time(opened + 29.5) if closed else None,
        "author_association": random.choice(("NONE", "MEMBER", "CONTRIBUTOR")),
        "body": None if number % 6 == 0 else f'Steps:\r\n1. `ladle collect`\r\n2. wait, then "…" — #{number}',
        "reactions": {"url": f"{address}/reactions", "total_count": number % 3, "+1": number % 3, "-1": 0},
        "performed_via_github_app": None,
        "state_reason": "completed" if closed else None,
    }
    if number % 3 == 0:
        pull = f"{ORIGIN}/repos/{REPO}/pulls/{number}"
        issue |= {"draft": number % 12 == 0, "pull_request": {"url": pull, "merged_at": issue["closed_at"]}}
    return issue
