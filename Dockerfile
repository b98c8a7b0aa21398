# Takes the tree, gives an image that serves, works or runs any other command of Ladle: `docker run ladle --help`.
ARG PYTHON=3.13-slim

# Everything is put together here, so that nothing goes along which only building needs.
FROM python:${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore UV_NO_CACHE=1
WORKDIR /build
COPY requirements/tool.txt requirements/stack.txt requirements/
RUN python -m venv --without-pip /opt/ladle \
    && python -m venv /opt/tools \
    && /opt/tools/bin/pip install --require-hashes -r requirements/tool.txt \
    && /opt/tools/bin/uv pip install --python /opt/ladle/bin/python --compile-bytecode --require-hashes -r requirements/stack.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && /opt/tools/bin/uv pip install --python /opt/ladle/bin/python --compile-bytecode --no-deps wheels/*.whl

FROM python:${PYTHON}
RUN useradd --uid 10001 --user-group --create-home --home-dir /var/lib/ladle --shell /usr/sbin/nologin ladle
COPY --from=build /opt/ladle /opt/ladle
ENV PATH=/opt/ladle/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LADLE_HOME=/var/lib/ladle
USER 10001:10001
WORKDIR /var/lib/ladle
VOLUME /var/lib/ladle
EXPOSE 8000
# For the site; a worker has no port, so whoever starts one says how it is known to be well, or HEALTHCHECK NONE.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); exit(c.getresponse().status != 200)"]
ENTRYPOINT ["ladle"]
# Who can reach the container's port is for `docker run -p` to say; Ladle asks for LADLE_ALLOWED_HOSTS, LADLE_SECRET_KEY and a first user.
CMD ["serve", "--host", "0.0.0.0"]
