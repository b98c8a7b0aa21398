"""The site's addresses: takes none, gives the seeds' routes, the API under /api/ and the pages at the root."""

from __future__ import annotations

from django.urls import include, path

from ladle_server import static
from ladle_server.api import collection_requests
from ladle_server.operations import views
from ladle_server.refusals import bad_request, not_found, server_error

urlpatterns = [
    path("collection-request", collection_requests.collection, name="collection-requests"),
    path(
        "collection-request/<str:number>",
        collection_requests.one,
        name="collection-request",
    ),
    path(
        "collection-request/<str:number>/progress",
        collection_requests.progress,
        name="collection-request-progress",
    ),
    path("api/", include("ladle_server.api.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("static/<path:name>", static.serve, name="static"),
    path("", include("ladle_server.pages.urls")),
]

handler400 = bad_request
handler404 = not_found
handler500 = server_error
