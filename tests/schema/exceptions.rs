//! Where our reader is not as the suite has it, and why.

/// How much an exception speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    /// One test, which differs.
    Test,
    /// A group, or a file.
    Several,
}

const REMOTE: &str = "nothing is fetched: references lead to places in the schema";
const IDS: &str = "an $id below the top is refused: one document is one schema";
const DYNAMIC: &str = "$dynamicRef and $dynamicAnchor are refused";
const DIALECT: &str = "another dialect is refused";
const UNKNOWN: &str =
    "keywords that there are not are refused, since a misspelt one would ask nothing";
const ASSERTED: &str = "format is asserted where Kith can tell";
const NOBODYS: &str = "quoted names and hosts that are addresses are nobody's mail address";
const UNTOLD: &str = "Kith cannot tell, and takes any text";

/// File, group and test, where empty is all of them, and why.
const EXCEPTIONS: [(&str, &str, &str, &str); 53] = [
    ("anchor", "Location-independent identifier with absolute URI", "", IDS),
    ("anchor", "Location-independent identifier with base URI change in subschema", "", IDS),
    ("anchor", "same $anchor with different base uri", "", IDS),
    ("defs", "", "", REMOTE),
    ("dynamicRef", "", "", DYNAMIC),
    ("format", "date-time format", "", ASSERTED),
    ("format", "date format", "", ASSERTED),
    ("format", "time format", "", ASSERTED),
    ("format", "email format", "", ASSERTED),
    ("format", "uri format", "", ASSERTED),
    ("format", "uuid format", "", ASSERTED),
    ("format", "ipv4 format", "", ASSERTED),
    ("format", "ipv6 format", "", ASSERTED),
    ("ref", "remote ref, containing refs itself", "", REMOTE),
    ("ref", "Recursive references between schemas", "", IDS),
    ("ref", "refs with relative uris and defs", "", IDS),
    ("ref", "relative refs with absolute uris and defs", "", IDS),
    ("ref", "$id must be resolved against nearest parent, not just immediate parent", "", IDS),
    ("ref", "order of evaluation: $id and $ref", "", IDS),
    ("ref", "order of evaluation: $id and $anchor and $ref", "", IDS),
    ("ref", "URN ref with nested pointer ref", "", IDS),
    ("ref", "ref to if", "", IDS),
    ("ref", "ref to then", "", IDS),
    ("ref", "ref to else", "", IDS),
    ("ref", "ref with absolute-path-reference", "", IDS),
    ("refRemote", "", "", REMOTE),
    ("unevaluatedItems", "unevaluatedItems with $dynamicRef", "", DYNAMIC),
    ("unevaluatedProperties", "unevaluatedProperties with $dynamicRef", "", DYNAMIC),
    ("vocabulary", "", "", DIALECT),
    ("optional/cross-draft", "", "", REMOTE),
    ("optional/dependencies-compatibility", "", "", UNKNOWN),
    ("optional/dynamicRef", "", "", DYNAMIC),
    ("optional/format-assertion", "", "", DIALECT),
    ("optional/id", "", "", IDS),
    ("optional/refOfUnknownKeyword", "", "", UNKNOWN),
    ("optional/unknownKeyword", "", "", UNKNOWN),
    ("optional/format/duration", "", "", UNTOLD),
    ("optional/format/ecmascript-regex", "", "", UNTOLD),
    (
        "optional/format/email",
        "validation of e-mail addresses",
        "a quoted string with a space in the local part is valid",
        NOBODYS,
    ),
    (
        "optional/format/email",
        "validation of e-mail addresses",
        "a quoted string with a double dot in the local part is valid",
        NOBODYS,
    ),
    (
        "optional/format/email",
        "validation of e-mail addresses",
        "a quoted string with a @ in the local part is valid",
        NOBODYS,
    ),
    (
        "optional/format/email",
        "validation of e-mail addresses",
        "an IPv4-address-literal after the @ is valid",
        NOBODYS,
    ),
    (
        "optional/format/email",
        "validation of e-mail addresses",
        "an IPv6-address-literal after the @ is valid",
        NOBODYS,
    ),
    ("optional/format/hostname", "", "", UNTOLD),
    ("optional/format/idn-email", "", "", UNTOLD),
    ("optional/format/idn-hostname", "", "", UNTOLD),
    ("optional/format/iri-reference", "", "", UNTOLD),
    ("optional/format/iri", "", "", UNTOLD),
    ("optional/format/json-pointer", "", "", UNTOLD),
    ("optional/format/regex", "", "", UNTOLD),
    ("optional/format/relative-json-pointer", "", "", UNTOLD),
    ("optional/format/uri-reference", "", "", UNTOLD),
    ("optional/format/uri-template", "", "", UNTOLD),
];

/// The exception that a test falls under.
pub(super) fn exception(file: &str, group: &str, test: &str) -> Option<Exception> {
    let (_, _, of_test, _) = EXCEPTIONS.iter().find(|(of_file, of_group, of_test, _)| {
        *of_file == file
            && (of_group.is_empty() || *of_group == group)
            && (of_test.is_empty() || *of_test == test)
    })?;
    Some(if of_test.is_empty() { Exception::Several } else { Exception::Test })
}
