# SPDX-License-Identifier: BSD-3-Clause
# The program alone in an image, built from this tree the way toolchain/dev builds it anywhere.
# Where no Docker engine runs: toolchain/dev image.
ARG BASE=debian:12
FROM ${BASE} AS build
COPY . /rawswarm
WORKDIR /rawswarm
RUN toolchain/dev build

FROM scratch
COPY --from=build /rawswarm/build/release/rawswarm /rawswarm
ENTRYPOINT ["/rawswarm"]
