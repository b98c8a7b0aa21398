"""Webhooks over HTTP: takes whom to tell of runs' ends, gives each with what became of its deliveries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle.errors import BadInput, NotFound
from ladle_server.api import lists, shapes, shapes_of_webhooks
from ladle_server.api.formats import boolean, object_of, shown
from ladle_server.api.once import KEY, made_once
from ladle_server.catalog.hooks import outbox, webhooks
from ladle_server.catalog.ids import number_of
from ladle_server.catalog.models import Delivery, Webhook
from ladle_server.catalog.posting.calls import again
from ladle_server.catalog.telling_hooks import told_delivery, told_webhook

NUMBER = shapes.numbered("webhook")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}")
NOT_KEPT = {"Cache-Control": "no-store"}


class Webhooks(APIView):
    """All webhooks, and new ones."""

    @extend_schema(
        responses={200: shapes.listed(shapes_of_webhooks.WebhookShape), **shapes.problems(400)},
        parameters=shapes.WINDOW,
    )
    def get(self, request: Request) -> Response:
        """All webhooks, oldest first, each with its latest delivery."""
        part = lists.window(request)
        known = Webhook.objects.all()
        results = [told_webhook(row) for row in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=known.count(), results=results)

    @extend_schema(
        request=shapes_of_webhooks.NewWebhook,
        parameters=[KEY],
        responses={201: shapes_of_webhooks.WebhookShape, **shapes.problems(400, 409, 415)},
    )
    def post(self, request: Request) -> Response:
        """Have an address told when runs end; this answer alone holds the secret that its calls are signed with."""
        lists.check_keys(request.query_params, ())
        body = object_of(request.data, ("url", "datasets", "ends", "site"))
        url, datasets, ends = _text(body, "url"), _texts(body, "datasets"), _texts(body, "ends")
        wanted, site = webhooks.checked(url, datasets=datasets, ends=ends), _site(body, lists.address(request, "/"))
        shown_once: dict[str, str] = {}

        def make() -> str:
            added = webhooks.add(wanted, site=site)
            shown_once[str(added.row.pk)] = added.secret
            return str(added.row.pk)

        row = made_once(request, make, find=webhooks.get, what="webhooks", wish=dict(body))
        headers = {"Location": reverse("api-webhook", args=[row.pk]), **NOT_KEPT}
        told = told_webhook(row, secret=shown_once.get(str(row.pk)))
        return Response(told, status=HTTPStatus.CREATED, headers=headers)


class OneWebhook(APIView):
    """One webhook."""

    @extend_schema(parameters=[NUMBER], responses={200: shapes_of_webhooks.WebhookShape, **shapes.problems(400, 404)})
    def get(self, request: Request, webhook: str) -> Response:
        """Whom it tells of what, and how its latest delivery went."""
        lists.check_keys(request.query_params, ())
        return Response(told_webhook(webhooks.get(webhook)), headers=NOT_KEPT)

    @extend_schema(
        parameters=[NUMBER],
        request=shapes_of_webhooks.ChangedWebhook,
        responses={200: shapes_of_webhooks.WebhookShape, **shapes.problems(400, 404, 415)},
    )
    def patch(self, request: Request, webhook: str) -> Response:
        """Let it rest, or go on after an answer of 410 disabled it."""
        lists.check_keys(request.query_params, ())
        body, row = object_of(request.data, ("disabled",)), webhooks.get(webhook)
        disabled = boolean(body, "disabled")
        changed = row if disabled is None else webhooks.disable(webhook, disabled)
        return Response(told_webhook(changed), headers=NOT_KEPT)

    @extend_schema(parameters=[NUMBER], responses={204: None, **shapes.problems(400, 404)})
    def delete(self, request: Request, webhook: str) -> Response:
        """Tell the address nothing more; what was to be delivered is forgotten."""
        lists.check_keys(request.query_params, ())
        webhooks.remove(webhook)
        return Response(status=HTTPStatus.NO_CONTENT)


class TestOfWebhook(APIView):
    """A call that tells of nothing."""

    @extend_schema(
        parameters=[NUMBER],
        request=None,
        responses={202: shapes_of_webhooks.DeliveryShape, **shapes.problems(400, 404, 409)},
    )
    def post(self, request: Request, webhook: str) -> Response:
        """Have a test sent; how it went is told among the deliveries."""
        lists.check_keys(request.query_params, ())
        row = outbox.put_test(webhooks.get(webhook))
        return Response(told_delivery(row), status=HTTPStatus.ACCEPTED, headers=NOT_KEPT)


class DeliveriesOfWebhook(APIView):
    """What a webhook has told, and is to tell."""

    @extend_schema(
        responses={200: shapes.listed(shapes_of_webhooks.DeliveryShape), **shapes.problems(400, 404)},
        parameters=[NUMBER, *shapes.WINDOW],
    )
    def get(self, request: Request, webhook: str) -> Response:
        """Its deliveries, newest first; the last 200 are kept."""
        part = lists.window(request)
        known = webhooks.get(webhook).deliveries.all()
        results = [told_delivery(row) for row in known[part.offset : part.offset + part.limit]]
        return lists.answer(request, part, count=known.count(), results=results)


class DeliveryAgain(APIView):
    """One delivery, once more."""

    @extend_schema(
        parameters=[NUMBER, shapes.numbered("delivery")],
        request=None,
        responses={202: shapes_of_webhooks.DeliveryShape, **shapes.problems(400, 404, 409)},
    )
    def post(self, request: Request, webhook: str, delivery: str) -> Response:
        """Have it sent again, whatever became of it, under the same webhook-id."""
        lists.check_keys(request.query_params, ())
        row = again(find(webhook, delivery))
        return Response(told_delivery(row), status=HTTPStatus.ACCEPTED, headers=NOT_KEPT)


def find(webhook: str, delivery: str) -> Delivery:
    """The delivery of that number, if it is that webhook's; raises NotFound."""
    found = webhooks.get(webhook).deliveries.filter(pk=number_of(delivery)).first()
    if found is None:
        raise NotFound(f'There is no delivery "{delivery[:40]}" of this webhook.', hint="The last 200 are kept.")
    return found


def _text(body: Mapping[str, Any], key: str) -> str:
    if not isinstance(body.get(key), str):
        raise BadInput(f'"{key}" is {shown(body.get(key))}.', hint='Send {"url": "https://example.org/hook"}.')
    return str(body[key])


def _site(body: Mapping[str, Any], here: str) -> str:
    """Where links of what is sent lead: where it is said, else where this was asked."""
    site = body.get("site", here)
    if not isinstance(site, str) or not _ADDRESS.fullmatch(site):
        raise BadInput(f'"site" is {shown(site)}.', hint='Send {"site": "https://ladle.example.org"}, or leave it out.')
    return site


def _texts(body: Mapping[str, Any], key: str) -> list[str]:
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadInput(f'"{key}" is {shown(value)}.', hint="It is a list of texts.")
    return value
