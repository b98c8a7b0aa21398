"""What each route asks for: takes a route's name and a method, gives the action, and how the audit log tells of it.

One table for the whole site, so that it can be read from top to bottom. A route that is not in it is for staff alone:
one that was forgotten is a door that is shut (and a test that fails).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import Resolver404, ResolverMatch, resolve

from ladle_server.access.kinds import Action
from ladle_server.remembered import by_path

ITSELF = "told by the view"
"""In place of a deed: the view tells the audit log itself, since it knows more than its address does."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_READ = """
    api-runs api-run api-run-requests api-run-events api-sources api-source api-versions api-version api-plan
    api-schedules api-schedule
    api-snapshots api-snapshot api-rows api-row api-counts api-chart api-profile api-history api-diff
    api-download api-latest api-series api-schema api-docs
    collection-requests collection-request collection-request-progress
    pages:index pages:source pages:dataset pages:dataset-data pages:runs pages:now pages:run pages:run-live
    pages:schedules pages:schedule pages:snapshots pages:snapshot pages:snapshot-data pages:columns pages:row
    pages:row-data pages:history pages:history-data pages:counts pages:counts-data pages:chart pages:chart-data
    pages:map pages:map-data pages:diff pages:diff-data pages:sql pages:sql-data
"""
"""Looking: what a GET does."""


@dataclass(frozen=True, slots=True)
class Asks:
    """An action, and how the audit log tells of it."""

    action: Action
    deed: str = ""
    """`start a run`; nothing for what changes nothing."""


ROUTES: Mapping[str, Asks] = {
    **dict.fromkeys("static healthz readyz metrics".split(), Asks(Action.OPEN)),
    **dict.fromkeys(_READ.split(), Asks(Action.READ)),
    "api-sql POST": Asks(Action.READ),
    "api-question DELETE": Asks(Action.READ),  # whoever stops one may ask it again
    "pages:stop POST": Asks(Action.READ),
    "collection-requests POST": Asks(Action.COLLECT, ITSELF),
    "api-preview": Asks(Action.COLLECT),  # it spends a quota
    "api-runs POST": Asks(Action.COLLECT, "start a run"),
    "api-run-pause": Asks(Action.COLLECT, "pause a run"),
    "api-run-cancel": Asks(Action.COLLECT, "cancel a run"),
    "api-run-resume": Asks(Action.COLLECT, "resume a run"),
    "api-run-retry": Asks(Action.COLLECT, "retry a run"),
    "pages:runs POST": Asks(Action.COLLECT, "start a run"),
    "pages:run-pause": Asks(Action.COLLECT, "pause a run"),
    "pages:run-cancel": Asks(Action.COLLECT, "cancel a run"),
    "pages:run-resume": Asks(Action.COLLECT, "resume a run"),
    "pages:retry": Asks(Action.COLLECT, "retry a run"),
    "api-infer": Asks(Action.DEFINE, "infer a source"),
    "api-check": Asks(Action.DEFINE),
    "api-preview-definition": Asks(Action.DEFINE, "preview a definition"),
    "api-sources POST": Asks(Action.DEFINE, "save a source"),
    "api-source DELETE": Asks(Action.DEFINE, "remove a source"),
    "api-schedules POST": Asks(Action.DEFINE, "add a schedule"),
    "api-schedule PATCH": Asks(Action.DEFINE, "change a schedule"),
    "api-schedule DELETE": Asks(Action.DEFINE, "remove a schedule"),
    # Reading them too: addresses of webhooks are secrets of others.
    "api-webhooks": Asks(Action.DEFINE),
    "api-webhooks POST": Asks(Action.DEFINE, "add a webhook"),
    "api-webhook": Asks(Action.DEFINE),
    "api-webhook PATCH": Asks(Action.DEFINE, "change a webhook"),
    "api-webhook DELETE": Asks(Action.DEFINE, "remove a webhook"),
    "api-webhook-test": Asks(Action.DEFINE, "test a webhook"),
    "api-deliveries": Asks(Action.DEFINE),
    "api-delivery-again": Asks(Action.DEFINE, "send a delivery again"),
    "pages:webhooks": Asks(Action.DEFINE),
    "pages:webhooks POST": Asks(Action.DEFINE, ITSELF),
    "pages:webhook": Asks(Action.DEFINE),
    "pages:webhook-test": Asks(Action.DEFINE, "test a webhook"),
    "pages:webhook-disable": Asks(Action.DEFINE, "disable a webhook"),
    "pages:webhook-enable": Asks(Action.DEFINE, "enable a webhook"),
    "pages:webhook-remove": Asks(Action.DEFINE),
    "pages:webhook-remove POST": Asks(Action.DEFINE, "remove a webhook"),
    "pages:delivery-again": Asks(Action.DEFINE, "send a delivery again"),
    "pages:new-source": Asks(Action.DEFINE, "save a source"),
    "pages:edit-source": Asks(Action.DEFINE, "save a source"),
    "pages:remove-source": Asks(Action.DEFINE, "remove a source"),
    "pages:schedules POST": Asks(Action.DEFINE, "add a schedule"),
    "pages:schedule POST": Asks(Action.DEFINE, "change a schedule"),
    "pages:schedule-pause": Asks(Action.DEFINE, "pause a schedule"),
    "pages:schedule-resume": Asks(Action.DEFINE, "resume a schedule"),
    "pages:schedule-remove": Asks(Action.DEFINE, "remove a schedule"),
    "api-audit": Asks(Action.AUDIT),
    "pages:audit": Asks(Action.AUDIT),
    "pages:login": Asks(Action.OPEN),
    "pages:login POST": Asks(Action.OPEN, ITSELF),
    "pages:logout": Asks(Action.OWN, ITSELF),
    "pages:account": Asks(Action.OWN, ITSELF),
    "pages:account-password": Asks(Action.OWN, ITSELF),
    "pages:account-token": Asks(Action.OWN, ITSELF),
    "pages:people": Asks(Action.MANAGE, ITSELF),
    "pages:person": Asks(Action.MANAGE, ITSELF),
    "pages:person-token": Asks(Action.MANAGE, ITSELF),
}
"""By the route's name, and the method where it asks for something else than the others."""
_FORGOTTEN = Asks(Action.MANAGE)


def asked(match: ResolverMatch | None, method: str | None) -> Asks:
    """What a request asks for. What leads nowhere is as good as looked for.

    A method that may change something is never covered by what is said of looking.
    """
    if match is None:
        return Asks(Action.READ)
    named = ROUTES.get(f"{match.view_name} {method}")
    if named is not None:
        return named
    others = ROUTES.get(match.view_name, _FORGOTTEN)
    return others if method in SAFE or others.action not in (Action.OPEN, Action.READ) else _FORGOTTEN


@by_path
def resolved(path: str) -> ResolverMatch | None:
    """The route of a path; None where there is none."""
    try:
        return resolve(path)
    except Resolver404:
        return None
