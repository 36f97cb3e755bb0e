# One image for web, worker and beat; compose.yaml says which is which.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/uv.txt requirements/runtime.txt ./
RUN python -m venv /venv \
    && pip install --no-cache-dir --require-hashes --only-binary :all: -r uv.txt \
    && uv pip sync --no-cache --require-hashes --compile-bytecode --python /venv/bin/python runtime.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/netcrm netcrm
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY netcrm netcrm
COPY contacts contacts
COPY introductions introductions
COPY followups followups
COPY templates templates
COPY static static
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=netcrm.settings.production \
    NETCRM_VAR=/var/lib/netcrm \
    STATIC_ROOT=/app/staticfiles
# Collecting needs settings that start, not settings that work: nothing here is kept.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build REDIS_URL=redis://build \
    EMAIL_URL=smtp://build SITE_URL=https://build \
    python manage.py collectstatic --noinput --verbosity 0
USER netcrm
EXPOSE 8000
CMD ["gunicorn", "netcrm.wsgi", "--bind", "0.0.0.0:8000", "--config", "netcrm/runner/gunicorn_conf.py"]
