"""The part of OSCAL's catalog model that checklists are written in; what else a catalog holds is passed over."""

from pydantic import BaseModel, ConfigDict, Field

OSCAL_VERSION = "1.2.1"


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=_kebab, populate_by_name=True)


class Prop(_Model):
    name: str
    ns: str | None = None
    value: str
    kind: str | None = Field(default=None, alias="class")
    remarks: str | None = None


class Link(_Model):
    href: str
    rel: str | None = None
    text: str | None = None


class Passage(_Model):
    """OSCAL's ``part``."""

    id: str | None = None
    name: str
    ns: str | None = None
    kind: str | None = Field(default=None, alias="class")
    title: str | None = None
    props: tuple[Prop, ...] = ()
    prose: str | None = None
    parts: "tuple[Passage, ...]" = ()
    links: tuple[Link, ...] = ()


class Control(_Model):
    id: str
    kind: str | None = Field(default=None, alias="class")
    title: str
    props: tuple[Prop, ...] = ()
    links: tuple[Link, ...] = ()
    parts: tuple[Passage, ...] = ()


class Group(_Model):
    id: str | None = None
    kind: str | None = Field(default=None, alias="class")
    title: str
    props: tuple[Prop, ...] = ()
    links: tuple[Link, ...] = ()
    parts: tuple[Passage, ...] = ()
    controls: tuple[Control, ...] = ()


class Role(_Model):
    id: str
    title: str
    props: tuple[Prop, ...] = ()


class Revision(_Model):
    version: str | None = None
    remarks: str | None = None


class Metadata(_Model):
    title: str
    last_modified: str
    version: str
    oscal_version: str
    revisions: tuple[Revision, ...] = ()
    props: tuple[Prop, ...] = ()
    roles: tuple[Role, ...] = ()
    remarks: str | None = None


class DocumentId(_Model):
    identifier: str


class Resource(_Model):
    uuid: str
    title: str | None = None
    description: str | None = None
    props: tuple[Prop, ...] = ()
    document_ids: tuple[DocumentId, ...] = ()


class BackMatter(_Model):
    resources: tuple[Resource, ...] = ()


class Catalog(_Model):
    uuid: str
    metadata: Metadata
    groups: tuple[Group, ...] = ()
    back_matter: BackMatter = BackMatter()


class Document(_Model):
    catalog: Catalog


Passage.model_rebuild()
