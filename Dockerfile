# The container image: a drop-in for tecnativa/docker-socket-proxy and
# linuxserver/socket-proxy.
#
#	docker build -t proxyd .

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
RUN apt-get update && \
    apt-get install -y --no-install-recommends make && \
    make deps-image && \
    make image-root DESTDIR=/image

# Static programs, presets, /etc/passwd, and a check for health: no shell, no
# library, nothing to write to.
FROM scratch
COPY --from=build /image/ /
LABEL org.opencontainers.image.title="proxyd" \
    org.opencontainers.image.description="Proxy for the Docker socket" \
    org.opencontainers.image.licenses="ISC"
EXPOSE 2375
STOPSIGNAL SIGTERM
# Of the policy of the environment.  One in a file has to pass ping for
# localhost, or the compose file says "healthcheck" itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
    CMD ["/usr/bin/wget", "-q", "--spider", "http://localhost:2375/_ping"]
CMD ["proxyd", "-d"]
