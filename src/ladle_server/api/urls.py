"""Addresses below /api/: takes none, gives version 1 of the API, its description and the Swagger UI."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from ladle_server.api import (
    audit,
    charts,
    diff,
    downloads,
    events,
    own,
    questions,
    retrying,
    runs,
    schedules,
    snapshots,
    sources,
    sql,
    webhooks,
)

SNAPSHOT = "v1/snapshots/<str:snapshot>"

urlpatterns = [
    path("v1/sources", sources.Sources.as_view(), name="api-sources"),
    path("v1/sources/infer", own.InferDefinition.as_view(), name="api-infer"),
    path("v1/sources/check", own.CheckDefinition.as_view(), name="api-check"),
    path("v1/sources/preview", own.PreviewDefinition.as_view(), name="api-preview-definition"),
    path("v1/sources/<str:source>", sources.OneSource.as_view(), name="api-source"),
    path("v1/sources/<str:source>/versions", sources.Versions.as_view(), name="api-versions"),
    path("v1/sources/<str:source>/versions/<str:version>", sources.OneVersion.as_view(), name="api-version"),
    path(
        "v1/sources/<str:source>/datasets/<str:dataset>/plan",
        sources.PlanOfDataset.as_view(),
        name="api-plan",
    ),
    path(
        "v1/sources/<str:source>/datasets/<str:dataset>/preview",
        own.PreviewOfDataset.as_view(),
        name="api-preview",
    ),
    path("v1/runs", runs.Runs.as_view(), name="api-runs"),
    path("v1/runs/<str:run>", runs.OneRun.as_view(), name="api-run"),
    path(
        "v1/runs/<str:run>/requests",
        runs.RequestsOfRun.as_view(),
        name="api-run-requests",
    ),
    path("v1/runs/<str:run>/events", events.events, name="api-run-events"),
    path("v1/runs/<str:run>/pause", runs.PauseRun.as_view(), name="api-run-pause"),
    path("v1/runs/<str:run>/cancel", runs.CancelRun.as_view(), name="api-run-cancel"),
    path("v1/runs/<str:run>/resume", runs.ResumeRun.as_view(), name="api-run-resume"),
    path("v1/runs/<str:run>/retry", retrying.RetryOfRun.as_view(), name="api-run-retry"),
    path("v1/schedules", schedules.Schedules.as_view(), name="api-schedules"),
    path("v1/schedules/<str:schedule>", schedules.OneSchedule.as_view(), name="api-schedule"),
    path("v1/webhooks", webhooks.Webhooks.as_view(), name="api-webhooks"),
    path("v1/webhooks/<str:webhook>", webhooks.OneWebhook.as_view(), name="api-webhook"),
    path("v1/webhooks/<str:webhook>/test", webhooks.TestOfWebhook.as_view(), name="api-webhook-test"),
    path("v1/webhooks/<str:webhook>/deliveries", webhooks.DeliveriesOfWebhook.as_view(), name="api-deliveries"),
    path(
        "v1/webhooks/<str:webhook>/deliveries/<str:delivery>/again",
        webhooks.DeliveryAgain.as_view(),
        name="api-delivery-again",
    ),
    path("v1/snapshots", snapshots.Snapshots.as_view(), name="api-snapshots"),
    path(SNAPSHOT, snapshots.OneSnapshot.as_view(), name="api-snapshot"),
    path(f"{SNAPSHOT}/rows", snapshots.Rows.as_view(), name="api-rows"),
    path(f"{SNAPSHOT}/rows/<str:number>", snapshots.OneRow.as_view(), name="api-row"),
    path(f"{SNAPSHOT}/counts", snapshots.CountsOfSnapshot.as_view(), name="api-counts"),
    path(f"{SNAPSHOT}/chart", charts.ChartOfSnapshot.as_view(), name="api-chart"),
    path(f"{SNAPSHOT}/profile", snapshots.Profile.as_view(), name="api-profile"),
    path(f"{SNAPSHOT}/history", diff.HistoryOfRecord.as_view(), name="api-history"),
    path("v1/diff/<str:before>..<str:after>", diff.DiffOfSnapshots.as_view(), name="api-diff"),
    path(f"{SNAPSHOT}/sql", sql.sql, name="api-sql"),
    path(
        f"{SNAPSHOT}/download.<str:kind>",
        downloads.Download.as_view(),
        name="api-download",
    ),
    path(
        "v1/datasets/<str:source>/<str:dataset>/latest",
        snapshots.Latest.as_view(),
        name="api-latest",
    ),
    path("v1/questions/<str:question>", questions.OneQuestion.as_view(), name="api-question"),
    path(
        "v1/datasets/<str:source>/<str:dataset>/series",
        charts.SeriesOfDataset.as_view(),
        name="api-series",
    ),
    path("v1/audit", audit.AuditLog.as_view(), name="api-audit"),
    path("schema", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api/docs.html"),
        name="api-docs",
    ),
]
