"""Renders the chart with the values on standard input, by Helm itself, and holds the result against Kubernetes' schemas.

Prints, as JSON, what is wrong (`wrong`), and the objects, if there are any.
"""

import json
import os
import sys

import helm_python
import helm_python.chart
import kubernetes_validate
import yaml

WARNING = 2
# What extensions of Kubernetes define, whose schemas Kubernetes does not have.
OTHERS = ("PodMonitor", "PrometheusRule")


def look(folder, values):
    report = helm_python.chart.lint(folder, values, strict=True)
    wrong = [message["error"] for message in report["messages"] if message["severity"] >= WARNING]
    try:
        texts = helm_python.chart.Chart.load(folder).render(values, name="shop", namespace="shops")
    except helm_python.HelmError as error:
        return {"wrong": [*wrong, str(error)], "objects": []}
    texts = [text for name, text in texts.items() if name.endswith(".yaml")]
    objects = [one for text in texts for one in yaml.safe_load_all(text) if one]
    return {"wrong": wrong + [problem for one in objects for problem in problems(one)], "objects": objects}


def problems(one):
    if one["kind"] in OTHERS:
        return
    try:
        kubernetes_validate.validate(one, "1.30", strict=True)
    except Exception as error:
        yield f"{one['kind']}: {error}"


if __name__ == "__main__":
    # Helm tells of links on standard output, which is for the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps(look(sys.argv[1], json.load(sys.stdin))), file=answer)
