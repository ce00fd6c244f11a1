# For instructors: an image that grades. From the course's folder:
#   docker build -t course .
#   docker run --rm -v "$PWD/class:/class:ro" -v "$PWD/graded:/graded" course grade /class --out /graded
# No privileges are needed: as Docker documents it, its own seccomp profile lets the lock-down through. What is written
# belongs to root; `--user "$(id -u)" -e AUTOGRADER_CACHE=/graded/.cache` makes it yours.
FROM python:3.13-slim-bookworm AS base
# No versions: the image's release decides them.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libseccomp2 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /course

# What .devcontainer/ builds on; the course itself is mounted there.
FROM base AS develop
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium git make \
    && rm -rf /var/lib/apt/lists/*

FROM base AS grade
COPY . .
ENV PIP_NO_CACHE_DIR=1
RUN python autograder/release/start.py --venv /opt/venv autograder/constraints.txt '.[instructor]' \
    && /opt/venv/bin/autograder --version
ENTRYPOINT ["/opt/venv/bin/autograder"]
CMD ["doctor"]
