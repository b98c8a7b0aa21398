"""What Django refuses before any view has a say: takes the request, gives a page for people, a problem for programs."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views import defaults

from ladle_server import logs
from ladle_server.api.errors import in_log, is_for_api, problem_response
from ladle_server.middleware import OnTheLoop


class NotAllowed(OnTheLoop):
    """Middleware: a method that an address does not take gets a page, where Django leaves the browser with nothing."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The same answer, with words for whoever asked for a page."""
        bare = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.streaming and not response.content
        if not bare or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = render(request, "405.html", {"method": request.method}, status=HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = response["Allow"]
        return page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An unknown Host, a body that is too large, or what can't be read."""
    if isinstance(exception, DisallowedHost):
        return _strange_host(request)
    if isinstance(exception, RequestDataTooBig):
        return _too_large(request)
    if is_for_api(request):
        return problem_response(HTTPStatus.BAD_REQUEST, str(exception) or "The request could not be read.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No route leads there."""
    if is_for_api(request):
        detail = f'There is nothing at "{request.path}". See /api/docs/ for what there is.'
        return problem_response(HTTPStatus.NOT_FOUND, detail)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something that nobody foresaw; the log has its trace."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if is_for_api(request):
        detail = "Ladle failed at this request and wrote the reason to its log. Please report it."
        return problem_response(status, detail, **in_log(status))
    # Without the request, as Django does it: what is wrong may be in what a page knows of it.
    page = loader.get_template("500.html").render({"request_id": logs.current("request")})
    return HttpResponse(page, status=status)


def _strange_host(request: HttpRequest) -> HttpResponse:
    host = request.headers.get("Host", "")[:100]
    if is_for_api(request):
        detail = f'The Host "{host}" is not this site: it answers to localhost, 127.0.0.1 and LADLE_ALLOWED_HOSTS.'
        return problem_response(HTTPStatus.BAD_REQUEST, detail)
    # The name without the port, as the setting has it.
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return render(request, "400_host.html", {"name": name}, status=HTTPStatus.BAD_REQUEST)


def _too_large(request: HttpRequest) -> HttpResponse:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if is_for_api(request):
        return problem_response(status, "The body is larger than what is read here.")
    return render(request, "413.html", status=status)
