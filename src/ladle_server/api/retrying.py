"""Trying again over HTTP: takes an incomplete run, gives a new one that fetches only what it lacks."""

from __future__ import annotations

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle_server.api import lists, shapes
from ladle_server.api.once import KEY, made_once
from ladle_server.api.runs import find
from ladle_server.catalog.models import RequestedBy
from ladle_server.catalog.retrying import retry
from ladle_server.catalog.telling_runs import told_run


class RetryOfRun(APIView):
    """The gaps of one run."""

    @extend_schema(request=None, parameters=[KEY], responses={202: shapes.RunShape, **shapes.problems(400, 404, 409)})
    def post(self, request: Request, run: str) -> Response:
        """Start a run for the gaps of an incomplete one; it is at the address that Location gives."""
        lists.check_keys(request.query_params, ())
        before = find(run).pk

        def make() -> str:
            return retry(before, requested_by=RequestedBy.API).pk

        started = made_once(request, make, find=find, what="retries", wish=before)
        headers = {"Location": reverse("api-run", args=[started.pk])}
        return Response(told_run(started), status=HTTPStatus.ACCEPTED, headers=headers)
