# One image for every part of Cordon: `cordon serve intake`, `cordon front`, ... It needs no network when it runs.
FROM python:3.11.16-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84 AS python

# The very files of requirements.lock, by hash and as wheels alone; then the project, for which nothing is fetched.
FROM python AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv --without-pip /opt/cordon
WORKDIR /build
COPY requirements.lock ./
RUN python -m pip --python /opt/cordon/bin/python install --only-binary :all: --require-hashes --requirement requirements.lock
COPY pyproject.toml LICENSE ./
COPY schemas schemas
COPY infra infra
COPY services services
COPY demo demo
RUN --network=none python -m pip --python /opt/cordon/bin/python install --no-deps --no-build-isolation --no-index .

FROM python
ENV PATH=/opt/cordon/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=built /opt/cordon /opt/cordon
COPY --chmod=0644 infra/deploy/compose/keys.sh /srv/cordon/keys.sh
# A new volume takes over whose the directory is that it is mounted at, and who may enter it: the keys' are closed.
RUN groupadd --gid 10001 cordon \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /srv/cordon --shell /usr/sbin/nologin cordon \
    && own() { install --directory --mode 0700 --owner 10001 --group 10001 "$@"; } \
    && own /srv/cordon/data /srv/cordon/keys /srv/cordon/issuer \
    && for service in $(python -c "from services.__main__ import all_services; print(*(one.name for one in all_services()))"); \
        do own "/srv/cordon/keys-of/$service" || exit 1; done
WORKDIR /srv/cordon
USER 10001:10001
EXPOSE 8000
# Whether the process answers; whether all is well with it says /health/readiness.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/health/liveness', timeout=4)"]
ENTRYPOINT ["cordon"]
