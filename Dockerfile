# syntax=docker/dockerfile:1
# Two images from one set of files. The default, `cluster`, has no embedded ClickHouse: engines are servers, named by URL.
# `--target embedded` has everything, and runs `freshet start`. deploy/image/*.txt say what each leaves out.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS packages
ARG TARGETARCH=amd64
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
# No package's install script is needed: native parts come inside the packages, and Node with the base image.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY deploy/image deploy/image
RUN cat deploy/image/in-no-image.txt "deploy/image/not-on-${TARGETARCH}.txt" | xargs rm -rf --

FROM packages AS cluster-packages
RUN xargs rm -rf -- < deploy/image/not-in-cluster.txt

FROM ${NODE_IMAGE} AS freshet
LABEL org.opencontainers.image.title="Freshet" \
  org.opencontainers.image.description="Streaming analytics and recommendations for commerce" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
  FRESHET_HOST=0.0.0.0 \
  FRESHET_PORT=8080 \
  FRESHET_DATA=/data
WORKDIR /app
# A volume mounted here takes over its owner.
RUN install --directory --owner=node --group=node /data
COPY . .
USER 1000:1000
EXPOSE 8080
# Freshet drains on SIGTERM, within 20 s; it starts no processes, so that an init is optional (`docker run --init`).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "deploy/image/probe.ts", "http://127.0.0.1:8080/livez"]
ENTRYPOINT ["node", "app/main.ts"]

FROM freshet AS embedded
COPY --from=packages /app/node_modules node_modules
CMD ["start"]

FROM freshet AS cluster
COPY --from=cluster-packages /app/node_modules node_modules
CMD ["--help"]
