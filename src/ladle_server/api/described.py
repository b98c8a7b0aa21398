"""What the site sends to others, for its OpenAPI description: takes nothing, gives what a webhook's receiver gets."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema

from ladle_server.api.shapes_of_webhooks import END

RUN_ENDED = OpenApiWebhook(
    name="runEnded",
    decorator=extend_schema(
        summary="A run has ended",
        description="Signed as https://www.standardwebhooks.com has it, and tried again until the answer is a 2xx.",
        request={"application/json": END},
        responses={
            "2XX": OpenApiResponse(description="It was heard."),
            410: OpenApiResponse(description="It is not wanted any more: the webhook is disabled."),
        },
    ),
)
