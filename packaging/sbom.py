"""The parts as a bill of materials (CycloneDX 1.6), for those who look for known faults in them."""

import datetime
import json
import uuid


def document(parts, version, moment):
    """The same parts give the same document, its number too."""
    own = f"pkg:generic/kith@{version}"
    text = own + "".join(part.purl for part in parts)
    made = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": own, "name": "kith", "version": version},
        },
        "components": [component(part) for part in parts],
        "dependencies": [{"ref": own, "dependsOn": [part.purl for part in parts]}],
    }
    return json.dumps(told, indent=1) + "\n"


def component(part):
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "authors": [{"name": part.authors}],
        "licenses": [{"expression": part.licence}],
    }
