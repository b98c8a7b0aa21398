"""Django's settings: takes the environment, gives the site; without any, for this machine alone and all in the home."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from ladle_server import environment, logs
from ladle_server.operations.reach import SHARED

_set = environment.read(os.environ)
if not os.environ.get(SHARED):
    os.environ.pop(SHARED, None)  # prometheus_client, when it is loaded, takes a name that is empty for a folder's
LADLE_HOME, FOLDER = _set.home, _set.folder
"""Runs and snapshots lie in the first, the two databases (where they are files) in the second."""
LADLE_BROKER_URL, LADLE_LEASE, LADLE_SLICE = _set.broker, _set.lease, _set.slice
LADLE_TIME_ZONE = _set.time_zone
LADLE_LOGIN, LADLE_RATE = bool(_set.guarding.why), _set.guarding.rate
"""Whether people log in, and how many requests each client may send."""
LADLE_WAITING = _set.guarding.room
"""How many clients may be kept waiting."""
LADLE_QUOTA = _set.shared
"""The Redis in which all processes count requests together, and the prefix of its keys; None: each for itself."""
LADLE_AUDIT_DAYS = _set.guarding.audit_days


def secret_key(path: Path) -> str:
    """The site's secret, made on the first start and readable by its owner only.

    It is linked into place whole, so that two processes that start together agree on one.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first; its secret is as good
        finally:
            draft.unlink()
    return path.read_text()


# Reading the settings writes nothing.
SECRET_KEY = _set.secret_key or SimpleLazyObject(lambda: secret_key(FOLDER / "secret-key"))
DEBUG = False
ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS = list(_set.listening.names), _set.listening.origins

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ladle_server.access",
    "ladle_server.catalog",
    "ladle_server.api",
    "ladle_server.pages",
    "ladle_server.operations",
]

# Every one of these can run on the event loop: one that could not would hold a thread for each waiting client.
MIDDLEWARE = [
    "ladle_server.operations.watching.watched",
    "ladle_server.packing.packed",
    "ladle_server.middleware.Security",
    "ladle_server.middleware.ContentSecurityPolicy",
    "ladle_server.middleware.optional_slash",
    "ladle_server.middleware.Common",
    "ladle_server.middleware.Csrf",
    "ladle_server.middleware.NoFrames",
    "ladle_server.door.door",
    "django_htmx.middleware.HtmxMiddleware",
    "ladle_server.refusals.NotAllowed",
    "ladle_server.away.DatabaseAway",
]

ROOT_URLCONF = "ladle_server.urls"
ASGI_APPLICATION = "ladle_server.asgi.application"
APPEND_SLASH = False  # a redirect would turn a POST into a GET; `optional_slash` serves both spellings

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {"default": dict(_set.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "ladle_server.static.Versioned"}}

# Django's users without its permissions, whose tables would say a second time who may do what (`access.kinds`).
AUTH_USER_MODEL = "access.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_NAME = "ladle-session"
# A link in a message leads to its page; what changes anything is refused from elsewhere by `door` and by its form.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 365 * 24 * 3600  # said by https alone, as a proxy of LADLE_PROXIES tells
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "ladle-csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

REST_FRAMEWORK = {
    # JSON in, and nothing else: a form or text/plain could be posted here by any page on the web, without a preflight.
    "DEFAULT_PARSER_CLASSES": ["ladle_server.api.formats.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["ladle_server.api.formats.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ladle_server.api.formats.AlwaysJSON",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "ladle_server.api.errors.as_problem",
    "DEFAULT_SCHEMA_CLASS": "ladle_server.api.schema.Schema",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Ladle",
    "DESCRIPTION": "Complete, versioned datasets from rate-limited web APIs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PUBLIC": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ladle_server.api.shapes_of_access.guarded",
        "ladle_server.api.schema.exact",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ColumnTypeEnum": ["text", "integer", "number", "boolean", "date", "timestamp"],
        "EndTypeEnum": "ladle_server.api.shapes_of_webhooks.END_TYPES",
        "DeliveryTypeEnum": "ladle_server.api.shapes_of_webhooks.TYPES",
    },
    "WEBHOOKS": ["ladle_server.api.described.RUN_ENDED"],
}

logs.style(os.environ)  # a wrong word is told as a wrong setting
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": logs.formatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A refusal is an answer, not an event in the life of the server.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},  # a request that was refused: any page on the web can send one
        "uvicorn.error": {"level": "ERROR"},
        "ladle_server": {"level": "INFO"},
    },
}
