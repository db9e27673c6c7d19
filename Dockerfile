# One image for web, worker and scheduler; what it does is the command that compose gives it.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data tracker && install -d -o tracker -g tracker -m 700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
# Static files and translations are the same in every container: made once, with a key that is used for nothing else.
RUN SECRET_KEY=build DATA_DIR=/app/build deploy/build
ENV STATIC_ROOT=/app/build/static
USER tracker
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["deploy/start"]
CMD ["web"]
