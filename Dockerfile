# The container image: a drop-in for tecnativa/docker-socket-proxy.
#
#	docker build -t proxyd .

FROM debian:bookworm-slim AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends make
WORKDIR /src
COPY . .
RUN make deps && make install PREFIX=/usr DESTDIR=/out

FROM debian:bookworm-slim
# wget: for health checks inside the container, as compose files have them.
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
	libbsd0 libevent-core-2.1-7 libseccomp2 wget && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --no-create-home --home-dir /var/empty \
	--shell /usr/sbin/nologin _proxyd && \
    install -d -m 555 /var/empty
COPY --from=build /out/ /
ENV PROXYD_LISTEN=tcp://:2375
EXPOSE 2375
STOPSIGNAL SIGTERM
CMD ["proxyd", "-d"]
