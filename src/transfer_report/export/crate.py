"""A Workflow Run RO-Crate: the study, its settings and its results as one archive that others can read.

Profiles: Workflow Run Crate 0.5 with Process Run Crate 0.5 and Workflow RO-Crate 1.0 (Leo et al., PLOS ONE 19, 2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rocrate.model.computerlanguage import ComputerLanguage
from rocrate.model.contextentity import ContextEntity
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"


@dataclass(frozen=True)
class CrateFile:
    """A file of the crate."""

    path: str
    """Relative to the crate."""
    name: str
    media_type: str
    sha256: str = ""


@dataclass(frozen=True)
class StudyRun:
    """Description of a study for a crate."""

    title: str
    description: str
    author: str
    affiliation: str
    licence: str
    """An SPDX identifier, or a sentence."""
    workflow: CrateFile
    """`dvc.yaml`."""
    inputs: Sequence[CrateFile]
    """Settings and claims."""
    outputs: Sequence[CrateFile]
    """Report, tables, predictions, network."""
    software: Mapping[str, str]
    """Versions of what ran."""
    commit: str
    date: str
    """Of that commit, ISO 8601."""


def crate_metadata(study: StudyRun) -> dict[str, Any]:
    """The contents of `ro-crate-metadata.json`; the same study gives the same."""
    crate = ROCrate(version="1.1")  # that of the profiles
    # What the library takes from the clock is the commit's.
    date = study.date.replace("Z", "+00:00")  # as the profiles' own checks want it
    crate.root_dataset["datePublished"] = date
    crate.name, crate.description = study.title, study.description
    crate.license = study.licence
    crate.metadata.extra_contexts.append(TERMS)
    crate.metadata["conformsTo"] = [{"@id": crate.metadata["conformsTo"]}, {"@id": WORKFLOW_CRATE}]
    profiles = [
        crate.add(ContextEntity(crate, url, properties={"@type": "CreativeWork", "name": name, "version": version}))
        for url, (name, version) in PROFILES.items()
    ]
    crate.root_dataset["conformsTo"] = profiles
    author = crate.add(Person(crate, "#author", properties=_named(study.author, affiliation=study.affiliation)))
    crate.root_dataset["author"] = author
    workflow = _workflow(crate, study)
    inputs = [_file(crate, one) for one in study.inputs]
    outputs = [_file(crate, one) for one in study.outputs]
    run = crate.add(
        ContextEntity(
            crate,
            "#run",
            properties={
                "@type": "CreateAction",
                "name": f"Run of {study.title}",
                "description": f"The pipeline at commit {study.commit}",
                "endTime": date,
                "actionStatus": "http://schema.org/CompletedActionStatus",
            },
        )
    )
    run["instrument"], run["agent"] = workflow, author
    run["object"], run["result"] = inputs, outputs
    crate.root_dataset["mentions"] = run
    generated: dict[str, Any] = crate.metadata.generate()
    return generated


def _workflow(crate: ROCrate, study: StudyRun) -> Any:
    language = crate.add(
        ComputerLanguage(
            crate,
            "https://dvc.org",
            properties={"name": "DVC pipeline", "url": "https://dvc.org", "version": study.software.get("dvc", "")},
        )
    )
    workflow = crate.add_file(
        dest_path=study.workflow.path,
        properties={
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": study.workflow.name,
            "encodingFormat": study.workflow.media_type,
            "version": study.commit,
        },
    )
    workflow["programmingLanguage"] = language
    workflow["softwareRequirements"] = [
        crate.add(
            ContextEntity(
                crate,
                f"#{name}",
                properties={"@type": "SoftwareApplication", "name": name, "version": version},
            )
        )
        for name, version in study.software.items()
    ]
    crate.mainEntity = workflow
    return workflow


def _file(crate: ROCrate, one: CrateFile) -> Any:
    return crate.add_file(
        dest_path=one.path, properties=_named(one.name, encodingFormat=one.media_type, sha256=one.sha256)
    )


def _named(name: str, **properties: str) -> dict[str, str]:
    return {"name": name} | {key: value for key, value in properties.items() if value}
