# The server with all its extras: `docker build -t symphainy .`, then `docker run -p 127.0.0.1:8000:8000 -v symphainy:/data symphainy`.
# What it keeps is in /data. Settings are variables, see src/symphainy/config.py.

FROM node:22-bookworm-slim AS page
WORKDIR /build/symphainy-frontend
COPY symphainy-frontend/package.json symphainy-frontend/package-lock.json symphainy-frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY symphainy-frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
ARG EXTRAS=all
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /build
COPY pyproject.toml requirements.lock hatch_build.py README.md CHANGELOG.md LICENSE ./
COPY src src
COPY --from=page /build/src/symphainy/web src/symphainy/web
RUN uv build --quiet --wheel --out-dir dist
# Versions and hashes are those of the lock file, tools for development are left out.
RUN uv venv --quiet --python python3.11 /opt/symphainy \
  && uv pip install --quiet --no-cache --link-mode copy --compile-bytecode --python /opt/symphainy/bin/python \
    --constraint requirements.lock "symphainy[${EXTRAS}] @ file://$(echo /build/dist/*.whl)"

FROM python:3.11-slim-bookworm
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tesseract-ocr-eng \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin symphainy \
  && install --directory --owner symphainy /data
COPY --from=packages /opt/symphainy /opt/symphainy
ENV PATH=/opt/symphainy/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 SYMPHAINY_HOST=0.0.0.0 SYMPHAINY_PORT=8000 SYMPHAINY_DATA=/data
USER symphainy
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['SYMPHAINY_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["symphainy"]
CMD ["serve"]
