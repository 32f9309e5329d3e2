# syntax=docker/dockerfile:1

# ── build: everything by hash, into one folder ───────────────────────────────────────────────────────────────────────
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
WORKDIR /srv

COPY requirements/bootstrap.txt requirements/run.txt requirements/
RUN ["python", "-m", "venv", "/tools"]
RUN ["/tools/bin/python", "-m", "pip", "install", "--require-hashes", "-r", "requirements/bootstrap.txt"]
RUN ["/tools/bin/uv", "venv", "--python", "/usr/local/bin/python", "/app"]
RUN ["/tools/bin/uv", "pip", "install", "--python", "/app/bin/python", "--require-hashes", "-r", "requirements/run.txt"]

# The service stays a tree in /srv, for its migrations and checklists stand beside it; its wheel only points there.
COPY pyproject.toml README.md LICENSE ./
COPY service service
RUN ["/tools/bin/python", "-m", "hatchling", "build", "-t", "wheel:editable", "-d", "/wheels"]
COPY sdk /sdk
WORKDIR /sdk
RUN ["/tools/bin/python", "-m", "hatchling", "build", "-t", "wheel", "-d", "/wheels"]
RUN ["/tools/bin/uv", "pip", "install", "--python", "/app/bin/python", "--no-deps", "--no-index", "--find-links", "/wheels", "stocktake", "stocktake-service"]

# ── run: no compiler, no pip, no uv; nobody's home ───────────────────────────────────────────────────────────────────
FROM python:3.13-slim
LABEL org.opencontainers.image.title="stocktake-service" org.opencontainers.image.licenses="Apache-2.0"

RUN ["useradd", "--uid", "10001", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "stocktake"]
RUN ["install", "--directory", "--owner", "10001", "--group", "10001", "--mode", "0700", "/data"]

COPY --from=build /app /app
COPY service /srv/service
COPY migrations /srv/migrations
COPY checklists /srv/checklists
RUN ["/app/bin/python", "-m", "compileall", "-q", "/srv/service"]

# The root may be read-only: only /data (the SQLite file, unneeded with PostgreSQL) and a tmpfs on /tmp are written to.
ENV PATH=/app/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STOCKTAKE_DATABASE_URL=sqlite:////data/stocktake.db
WORKDIR /srv
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4).read()"]

ENTRYPOINT ["stocktake-service"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
