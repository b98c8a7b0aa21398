"""Authentication as a document describes it: takes its security schemes, gives where the credential goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ladle.sources.infer.names import env_name
from ladle.sources.source import Auth


def auth_of(document: Mapping[str, Any], source: str) -> tuple[Auth | None, str]:
    """The first scheme that is asked for and that Ladle knows, or words about those that it doesn't."""
    schemes = _schemes(document)
    wanted = [name for name in _wanted(document) if name in schemes]
    for name in wanted:
        if (auth := _auth(schemes[name], source)) is not None:
            return auth, ""
    if wanted:
        kinds = ", ".join(str(schemes[name].get("type")) for name in wanted)
        return None, f"The API wants authentication of a kind that Ladle doesn't know ({kinds}): see `auth`."
    return None, ""


def _schemes(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    components = document.get("components")
    found = (
        components.get("securitySchemes") if isinstance(components, Mapping) else document.get("securityDefinitions")
    )
    return {str(k): v for k, v in found.items() if isinstance(v, Mapping)} if isinstance(found, Mapping) else {}


def _wanted(document: Mapping[str, Any]) -> list[str]:
    """Names of schemes, those of the whole document first, then of its GETs; none where it may be left out."""
    everywhere = document.get("security")
    asked = [*(everywhere if isinstance(everywhere, list) else [])]
    for item in document["paths"].values():
        operation = item.get("get") if isinstance(item, Mapping) else None
        own = operation.get("security") if isinstance(operation, Mapping) else None
        asked += own if isinstance(own, list) and everywhere is None else []
    if {} in asked:
        return []
    return list(dict.fromkeys(str(name) for each in asked if isinstance(each, Mapping) for name in each))


def _auth(scheme: Mapping[str, Any], source: str) -> Auth | None:
    kind, how = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "basic" or (kind == "http" and how == "basic"):
        return Auth(place="basic", name="Authorization", env=env_name(source, "user_and_password"))
    if kind == "http" and how == "bearer":
        return Auth(place="bearer", name="Authorization", env=env_name(source, "token"))
    name = scheme.get("name")
    if kind == "apiKey" and isinstance(name, str) and scheme.get("in") in ("query", "header") and _is_name(name):
        return Auth(place="query" if scheme["in"] == "query" else "header", name=name, env=env_name(source, "key"))
    return _oauth2(scheme, source) if kind == "oauth2" else None


def _oauth2(scheme: Mapping[str, Any], source: str) -> Auth | None:
    """Client credentials; other flows need a person at a browser, after which there is a token to bear."""
    flows = scheme.get("flows")
    flow = flows.get("clientCredentials") if isinstance(flows, Mapping) else scheme
    if isinstance(flow, Mapping) and (flow is not scheme or scheme.get("flow") == "application"):
        address, scopes = flow.get("tokenUrl"), flow.get("scopes")
        if isinstance(address, str) and address.startswith("https://"):
            scope = " ".join(map(str, scopes)) if isinstance(scopes, Mapping) and len(scopes) <= 3 else ""
            ids = (env_name(source, "client_secret"), env_name(source, "client_id"))
            return Auth(place="oauth2", name="Authorization", env=ids[0], id_env=ids[1], token_url=address, scope=scope)
    return Auth(place="bearer", name="Authorization", env=env_name(source, "token"))


def _is_name(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_.-]+", name))
