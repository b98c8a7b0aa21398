"""The pages' addresses: takes none, gives the view of each; the same path with `.json` or `.csv` gives the data."""

from __future__ import annotations

from django.urls import path

from ladle_server.pages.views import (
    charts,
    control,
    counts,
    diff,
    history,
    maps,
    own,
    record,
    retrying,
    runs,
    schedules,
    snapshots,
    sources,
    sql,
    stopping,
    versions,
)

app_name = "pages"

urlpatterns = [
    path("", sources.index, name="index"),
    path("sources/new/", own.new, name="new-source"),
    path("sources/<slug:name>/edit/", own.edit, name="edit-source"),
    path("sources/<slug:name>/remove/", own.remove, name="remove-source"),
    path("sources/<slug:name>/", sources.source, name="source"),
    path("datasets/<slug:source_name>/<slug:name>/", sources.dataset, name="dataset"),
    path("datasets/<slug:source_name>/<slug:name>.<slug:kind>", versions.data, name="dataset-data"),
    path("runs/", runs.index, name="runs"),
    path("runs/now/", runs.now, name="now"),
    path("runs/<slug:run_id>/", runs.run, name="run"),
    path("runs/<slug:run_id>/live/", runs.live, name="run-live"),
    path("runs/<slug:run_id>/pause/", control.pause, name="run-pause"),
    path("runs/<slug:run_id>/cancel/", control.cancel, name="run-cancel"),
    path("runs/<slug:run_id>/resume/", control.resume, name="run-resume"),
    path("runs/<slug:run_id>/retry/", retrying.retry, name="retry"),
    path("schedules/", schedules.index, name="schedules"),
    path("schedules/<int:number>/", schedules.one, name="schedule"),
    path("schedules/<int:number>/pause/", schedules.pause, name="schedule-pause"),
    path("schedules/<int:number>/resume/", schedules.resume, name="schedule-resume"),
    path("schedules/<int:number>/remove/", schedules.remove, name="schedule-remove"),
    path("snapshots/", snapshots.index, name="snapshots"),
    path("snapshots/<slug:snapshot_id>/", snapshots.rows, name="snapshot"),
    path("snapshots/<slug:snapshot_id>.<slug:kind>", snapshots.rows_data, name="snapshot-data"),
    path("snapshots/<slug:snapshot_id>/columns/", snapshots.columns, name="columns"),
    path("snapshots/<slug:snapshot_id>/rows/<int:number>/", record.row, name="row"),
    path("snapshots/<slug:snapshot_id>/rows/<int:number>.<slug:kind>", record.row_data, name="row-data"),
    path("snapshots/<slug:snapshot_id>/history/", history.page, name="history"),
    path("snapshots/<slug:snapshot_id>/history.<slug:kind>", history.data, name="history-data"),
    path("snapshots/<slug:snapshot_id>/counts/", counts.counts, name="counts"),
    path("snapshots/<slug:snapshot_id>/counts.<slug:kind>", counts.counts_data, name="counts-data"),
    path("snapshots/<slug:snapshot_id>/chart/", charts.chart, name="chart"),
    path("snapshots/<slug:snapshot_id>/chart.<slug:kind>", charts.chart_data, name="chart-data"),
    path("snapshots/<slug:snapshot_id>/map/", maps.page, name="map"),
    path("snapshots/<slug:snapshot_id>/map.<slug:kind>", maps.data, name="map-data"),
    path("questions/stop/", stopping.stop, name="stop"),
    path("diff/<slug:before>..<slug:after>/", diff.page, name="diff"),
    path("diff/<slug:before>..<slug:after>.<slug:kind>", diff.data, name="diff-data"),
    path("snapshots/<slug:snapshot_id>/sql/", sql.sql, name="sql"),
    path("snapshots/<slug:snapshot_id>/sql.<slug:kind>", sql.sql_data, name="sql-data"),
]
