#!/bin/sh
# The Python that serves S3 to the tests.
exec "$(dirname "$0")/python.sh" "${1:-$HOME/.cache/kith/s3-1}" moto.server "moto[server]==5.2.5"
