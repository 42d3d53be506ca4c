"""The only place where Python spells a term of the ontology or of a W3C vocabulary.

Plain strings, so that importing it costs nothing. Everything else that knows terms is Turtle or
SPARQL.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/dragoman/"
DIP: Final = f"{BASE}ontology/"
SHAPE: Final = f"{BASE}shape/"
INDIVIDUAL: Final = f"{BASE}id/"
ONTOLOGY: Final = f"{BASE}ontology"
SOURCE_GRAPH: Final = f"{INDIVIDUAL}source/"
RULE: Final = f"{BASE}rule/"
INFERRED_GRAPH: Final = f"{BASE}inferred"
# What follows from the accounts by rules.
RECORD_GRAPH: Final = f"{BASE}record"
# Where blank nodes get IRIs (RDF 1.1 Concepts, section 3.5).
GENID: Final = f"{BASE}.well-known/genid/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
SH: Final = "http://www.w3.org/ns/shacl#"
DASH: Final = "http://datashapes.org/dash#"
OA: Final = "http://www.w3.org/ns/oa#"
PROV: Final = "http://www.w3.org/ns/prov#"
DCTERMS: Final = "http://purl.org/dc/terms/"

RDF_TYPE: Final = f"{RDF}type"
RDF_LANG_STRING: Final = f"{RDF}langString"
RDF_DIR_LANG_STRING: Final = f"{RDF}dirLangString"
RDFS_LABEL: Final = f"{RDFS}label"
RDFS_DOMAIN: Final = f"{RDFS}domain"
RDFS_RANGE: Final = f"{RDFS}range"
RDFS_SUBCLASS_OF: Final = f"{RDFS}subClassOf"
RDFS_SUBPROPERTY_OF: Final = f"{RDFS}subPropertyOf"
# Their values are names of versions, not terms.
_OWL_VERSIONS: Final = (f"{OWL}versionIRI", f"{OWL}priorVersion", f"{OWL}backwardCompatibleWith")
VERSIONS: Final = (*_OWL_VERSIONS, f"{DCTERMS}conformsTo")
XSD_STRING: Final = f"{XSD}string"
# The classes of everything.
ANYTHING: Final = (f"{RDFS}Resource", f"{OWL}Thing")

SKOS_PREF_LABEL: Final = f"{SKOS}prefLabel"
SKOS_IN_SCHEME: Final = f"{SKOS}inScheme"
SKOS_ALT_LABEL: Final = f"{SKOS}altLabel"
SKOSXL_LITERAL_FORM: Final = f"{SKOSXL}literalForm"

SH_DECLARE: Final = f"{SH}declare"
SH_PREFIX: Final = f"{SH}prefix"
SH_NAMESPACE: Final = f"{SH}namespace"

# Says that rules write a term, and no file does.
DERIVED: Final = f"{DIP}derived"
NAME_OF: Final = f"{DIP}nameOf"
CODES: Final = (f"{DIP}alpha2Code", f"{DIP}alpha3Code", f"{DIP}numericCode")

# What the validator reads of a shapes graph and writes in a report (SHACL, W3C 2017).
SH_SELECTS: Final = (f"{SH}select", f"{SH}ask", f"{SH}construct", f"{SH}update")
SH_RULE: Final = f"{SH}rule"
SH_TARGET_CLASS: Final = f"{SH}targetClass"
SH_TARGET_OBJECTS_OF: Final = f"{SH}targetObjectsOf"
SH_PROPERTY: Final = f"{SH}property"
SH_OR: Final = f"{SH}or"
SH_PATH: Final = f"{SH}path"
SH_VIOLATION: Final = f"{SH}Violation"
SH_WARNING: Final = f"{SH}Warning"
SH_INFO: Final = f"{SH}Info"
SH_VALIDATION_REPORT: Final = f"{SH}ValidationReport"
SH_VALIDATION_RESULT: Final = f"{SH}ValidationResult"
SH_CONFORMS: Final = f"{SH}conforms"
SH_RESULT: Final = f"{SH}result"
SH_FOCUS_NODE: Final = f"{SH}focusNode"
SH_RESULT_PATH: Final = f"{SH}resultPath"
SH_VALUE: Final = f"{SH}value"
SH_RESULT_SEVERITY: Final = f"{SH}resultSeverity"
SH_SOURCE_SHAPE: Final = f"{SH}sourceShape"
SH_SOURCE_CONSTRAINT: Final = f"{SH}sourceConstraint"
SH_SOURCE_CONSTRAINT_COMPONENT: Final = f"{SH}sourceConstraintComponent"
SH_RESULT_MESSAGE: Final = f"{SH}resultMessage"
OWL_IMPORTS: Final = f"{OWL}imports"
SH_PREFIXES: Final = f"{SH}prefixes"
XSD_BOOLEAN: Final = f"{XSD}boolean"
LINT: Final = f"{BASE}lint/"
# What stands in a skeleton for a value that the user has to give.
PLACEHOLDER: Final = "…"

# What the reasoners read and write (OWL 2, W3C 2012).
RDF_FIRST: Final = f"{RDF}first"
RDF_REST: Final = f"{RDF}rest"
OWL_ANNOTATION_PROPERTY: Final = f"{OWL}AnnotationProperty"
OWL_CLASS: Final = f"{OWL}Class"
OWL_DATATYPE_PROPERTY: Final = f"{OWL}DatatypeProperty"
OWL_DEPRECATED: Final = f"{OWL}deprecated"
OWL_EQUIVALENT_CLASS: Final = f"{OWL}equivalentClass"
OWL_EQUIVALENT_PROPERTY: Final = f"{OWL}equivalentProperty"
OWL_HAS_KEY: Final = f"{OWL}hasKey"
OWL_INTERSECTION_OF: Final = f"{OWL}intersectionOf"
OWL_INVERSE_FUNCTIONAL_PROPERTY: Final = f"{OWL}InverseFunctionalProperty"
OWL_INVERSE_OF: Final = f"{OWL}inverseOf"
OWL_NOTHING: Final = f"{OWL}Nothing"
OWL_ON_CLASS: Final = f"{OWL}onClass"
OWL_ON_PROPERTY: Final = f"{OWL}onProperty"
OWL_ONE_OF: Final = f"{OWL}oneOf"
OWL_PROPERTY_CHAIN: Final = f"{OWL}propertyChainAxiom"
OWL_SAME_AS: Final = f"{OWL}sameAs"
OWL_SYMMETRIC_PROPERTY: Final = f"{OWL}SymmetricProperty"
OWL_CARDINALITIES: Final = tuple(
    f"{OWL}{name}"
    for name in (
        *("cardinality", "maxCardinality", "minCardinality"),
        *("qualifiedCardinality", "maxQualifiedCardinality", "minQualifiedCardinality"),
    )
)
# Those that say how many there may be at most.
OWL_MOST: Final = tuple(
    each for each in OWL_CARDINALITIES if not each.rpartition("#")[2].startswith("min")
)
# The annotation properties that OWL 2 brings, and what stands in the header of an ontology.
OWL_ANNOTATIONS: Final = (
    *(f"{RDFS}{name}" for name in ("comment", "isDefinedBy", "label", "seeAlso")),
    *(f"{OWL}{name}" for name in ("deprecated", "incompatibleWith", "versionInfo")),
    *_OWL_VERSIONS,
    OWL_IMPORTS,
)

# The spine: what is told, by whom, where (what `show`, `search` and `stats` follow).
ABOUT: Final = f"{DIP}about"
IDENTICAL_TO: Final = f"{DIP}identicalTo"
PART_OF: Final = f"{DIP}partOf"
STATUS: Final = f"{DIP}status"
SOURCE: Final = f"{DIP}source"
PASSAGE: Final = f"{DIP}passage"
WAS_ATTRIBUTED_TO: Final = f"{PROV}wasAttributedTo"
ACCOUNT: Final = f"{DIP}Account"
ANONYMOUS_VOICE: Final = f"{DIP}AnonymousVoice"
NAME_KIND: Final = f"{DIP}nameKind"
SHA256: Final = f"{DIP}sha256"
OA_HAS_SOURCE: Final = f"{OA}hasSource"
OA_HAS_SELECTOR: Final = f"{OA}hasSelector"
OA_POSITION: Final = f"{OA}TextPositionSelector"
OA_FRAGMENT: Final = f"{OA}FragmentSelector"
RDF_VALUE: Final = f"{RDF}value"
PASSAGE_CLASS: Final = f"{DIP}Passage"
PAGE: Final = f"{DIP}page"
PARAGRAPH: Final = f"{DIP}paragraph"
OA_START: Final = f"{OA}start"
OA_END: Final = f"{OA}end"
DCTERMS_IS_REPLACED_BY: Final = f"{DCTERMS}isReplacedBy"
DCTERMS_TITLE: Final = f"{DCTERMS}title"
SKOS_CONCEPT: Final = f"{SKOS}Concept"
OWL_FUNCTIONAL_PROPERTY: Final = f"{OWL}FunctionalProperty"
OWL_VERSION_INFO: Final = f"{OWL}versionInfo"
SH_PROPERTY_SHAPE: Final = f"{SH}PropertyShape"
SH_SPARQL_CONSTRAINT: Final = f"{SH}SPARQLConstraint"

# What a node of the record rests on.
PROV_WAS_DERIVED_FROM: Final = f"{PROV}wasDerivedFrom"

# The log of additions: what was done, when, by which version, with which files.
PROV_ACTIVITY: Final = f"{PROV}Activity"
PROV_ENTITY: Final = f"{PROV}Entity"
PROV_SOFTWARE_AGENT: Final = f"{PROV}SoftwareAgent"
PROV_STARTED_AT_TIME: Final = f"{PROV}startedAtTime"
PROV_USED: Final = f"{PROV}used"
PROV_GENERATED: Final = f"{PROV}generated"
PROV_INVALIDATED: Final = f"{PROV}invalidated"
PROV_SPECIALIZATION_OF: Final = f"{PROV}specializationOf"
PROV_WAS_ASSOCIATED_WITH: Final = f"{PROV}wasAssociatedWith"
XSD_DATE_TIME: Final = f"{XSD}dateTime"
XSD_INTEGER: Final = f"{XSD}integer"
SCHEMA_NAME: Final = "https://schema.org/name"
SCHEMA_SHA256: Final = "https://schema.org/sha256"
VOID_TRIPLES: Final = "http://rdfs.org/ns/void#triples"
DCTERMS_DESCRIPTION: Final = f"{DCTERMS}description"

# What a skeleton of a source is made of: the parts that shapes ask for, and what the user tells.
SH_CLASS: Final = f"{SH}class"
SH_DATATYPE: Final = f"{SH}datatype"
SH_LANGUAGE_IN: Final = f"{SH}languageIn"
SH_MESSAGE: Final = f"{SH}message"
SH_MAX_COUNT: Final = f"{SH}maxCount"
SH_MIN_COUNT: Final = f"{SH}minCount"
SH_QUALIFIED_MIN_COUNT: Final = f"{SH}qualifiedMinCount"
SH_QUALIFIED_VALUE_SHAPE: Final = f"{SH}qualifiedValueShape"
SKOS_DEFINITION: Final = f"{SKOS}definition"
SUBJECT: Final = f"{DIP}Subject"
STATE: Final = f"{DIP}State"
SOURCE_CLASS: Final = f"{DIP}Source"
AGENT: Final = f"{DIP}Agent"
ORGANIZATION: Final = f"{DIP}Organization"
PERSON: Final = f"{DIP}Person"
PLACE: Final = f"{DIP}Place"
POST: Final = f"{DIP}Post"
INSTITUTION: Final = f"{DIP}Institution"
EVENT: Final = f"{DIP}Event"
EVENT_TYPE: Final = f"{DIP}EventType"
MECHANISM: Final = f"{DIP}Mechanism"
# A session of the record, by its mechanism and its number.
SESSION_IN: Final = f"{DIP}sessionIn"
NUMBER: Final = f"{DIP}number"
TOPIC: Final = f"{DIP}Topic"
FULFILLED_STATUS: Final = f"{DIP}FulfilledStatus"
# A person and the posts that accounts see them in; a post and what it is in; that and its state.
SEEN_IN_POST: Final = f"{DIP}seenInPost"
POST_IN: Final = "http://www.w3.org/ns/org#postIn"
BELONGS_TO: Final = f"{DIP}belongsTo"
NAME: Final = f"{DIP}Name"
PARTICIPATION: Final = f"{DIP}Participation"
PARTICIPANT: Final = f"{DIP}person"
CAPACITY: Final = f"{DIP}capacity"
PORTFOLIO: Final = f"{DIP}portfolio"
LISTING: Final = f"{DIP}listing"
APPLIES_TO: Final = f"{DIP}appliesTo"
OF_EVENT_TYPE: Final = f"{DIP}eventType"
TEXT_HELD: Final = f"{DIP}textHeld"
TEXT_LENGTH: Final = f"{DIP}textLength"
DCTERMS_ISSUED: Final = f"{DCTERMS}issued"
DCTERMS_LANGUAGE: Final = f"{DCTERMS}language"
DCTERMS_PUBLISHER: Final = f"{DCTERMS}publisher"
SCHEMA_URL: Final = "https://schema.org/url"
XSD_ANY_URI: Final = f"{XSD}anyURI"
XSD_DATE: Final = f"{XSD}date"

# How an export describes itself: VoID and SPARQL service description (W3C 2011, 2013), DCAT 3
# (W3C 2024) and the checksums of SPDX 2.
VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SPDX: Final = "http://spdx.org/rdf/terms#"
DATASET: Final = f"{BASE}dataset/"
DESCRIBING: Final = {"dcat": DCAT, "dcterms": DCTERMS, "sd": SD, "spdx": SPDX, "void": VOID}
# What a source or an ontology says of itself that holds for its graph.
DESCRIBED_BY: Final = tuple(
    f"{DCTERMS}{name}"
    for name in (
        *("creator", "description", "issued", "language", "license", "modified", "publisher"),
        *("rights", "source", "title"),
    )
)
RDFS_COMMENT: Final = f"{RDFS}comment"
DCTERMS_LICENSE: Final = f"{DCTERMS}license"
DCTERMS_RIGHTS: Final = f"{DCTERMS}rights"
DCTERMS_SOURCE: Final = f"{DCTERMS}source"
DCTERMS_CONFORMS_TO: Final = f"{DCTERMS}conformsTo"
DCTERMS_IDENTIFIER: Final = f"{DCTERMS}identifier"
OWL_VERSION_IRI: Final = f"{OWL}versionIRI"
MEDIA_TYPE: Final = "https://www.iana.org/assignments/media-types/"

# The mapping of nodes to edges of a property graph.
PROPERTY_GRAPH: Final = f"{BASE}property-graph/"
PG_MAPPING: Final = f"{PROPERTY_GRAPH}Mapping"
PG_EDGE_RULE: Final = f"{PROPERTY_GRAPH}EdgeRule"
PG_FACTS_RULE: Final = f"{PROPERTY_GRAPH}FactsRule"
PG_MERGE_RULE: Final = f"{PROPERTY_GRAPH}MergeRule"
PG_NAMING: Final = f"{PROPERTY_GRAPH}Naming"
PG_OF: Final = f"{PROPERTY_GRAPH}of"
PG_FROM: Final = f"{PROPERTY_GRAPH}from"
PG_TO: Final = f"{PROPERTY_GRAPH}to"
PG_INTO: Final = f"{PROPERTY_GRAPH}into"
PG_TYPE: Final = f"{PROPERTY_GRAPH}type"
PG_COLUMN: Final = f"{PROPERTY_GRAPH}column"
PG_CARRIES: Final = f"{PROPERTY_GRAPH}carries"
PG_TOGETHER: Final = f"{PROPERTY_GRAPH}together"
PG_UNLESS: Final = f"{PROPERTY_GRAPH}unless"
PG_UNLESS_TOLD_BY: Final = f"{PROPERTY_GRAPH}unlessToldBy"
PG_PROPERTY: Final = f"{PROPERTY_GRAPH}property"
XSD_DOUBLE: Final = f"{XSD}double"
