# The build needs only npm ci and nest build: no package compiles native code when it is installed.
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY nest-cli.json tsconfig.json .swcrc ./
COPY src src
COPY projections projections
RUN npx nest build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-slim
ENV NODE_ENV=production REDRESS_DATA=/data REDRESS_HOST=0.0.0.0 REDRESS_PORT=3000
WORKDIR /app
# The program files are owned by root and read-only for the service, which writes only to /data and, for the results of
# bulk requests, to /tmp.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY bin bin
COPY scripts/setup.mjs scripts/eventstoredb-user.mjs scripts/
COPY LICENSE ./
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.REDRESS_PORT + '/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/redress.mjs", "serve"]
