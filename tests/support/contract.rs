//! Holds every answer against the OpenAPI document, so that a client made from it is never surprised.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{Method, Request};
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use super::Reply;

/// The name that the document has for the one who reads its schemas.
const DOCUMENT: &str = "https://kith.example/openapi.json";
const JSON: &str = "application/json";
/// Other spellings, and what the document has them under.
const OTHERWISE: [(&str, &str); 4] = [
    ("/track/", "/track"),
    ("/tracker/", "/tracker"),
    ("/demo/", "/demo"),
    ("/healthcheck", "/health"),
];

/// The document of this build, which is read once for all tests.
static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::new);

/// What is asked for.
pub(crate) struct Asked {
    method: Method,
    path: String,
}

impl Asked {
    pub(crate) fn of<Body>(request: &Request<Body>) -> Self {
        Self { method: request.method().clone(), path: request.uri().path().to_owned() }
    }

    /// What the document does not say about such an answer: method, path, status, and where.
    pub(crate) fn misfit(&self, reply: &Reply) -> Option<String> {
        let template = CONTRACT.template(&self.path)?;
        let why = CONTRACT.check(&self.method, template, reply).err()?;
        Some(format!("{} {template}: {}: {why}", self.method, reply.status))
    }
}

struct Contract {
    document: Value,
    schemas: Schemas,
    /// By the places of the answers in the document.
    answers: BTreeMap<String, SchemaIndex>,
}

impl Contract {
    fn new() -> Self {
        let document = serde_json::to_value(kith::http::document()).unwrap();
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource(DOCUMENT, document.clone()).unwrap();
        let answers = answers(&document).into_iter().map(|answer| {
            let schema = format!("{answer}{}", pointer(&["content", JSON, "schema"]));
            let schema = schema.replace('{', "%7B").replace('}', "%7D");
            let schema = compiler.compile(&format!("{DOCUMENT}#{schema}"), &mut schemas);
            (answer, schema.unwrap_or_else(|error| panic!("{error:#}")))
        });
        let answers = answers.collect();
        Self { document, schemas, answers }
    }

    /// The path of the document that this one is led to; none for what it leaves out.
    fn template(&self, path: &str) -> Option<&str> {
        let spelt = OTHERWISE.iter().find(|(spelling, _)| *spelling == path);
        let path = spelt.map_or(path, |(_, path)| path);
        let templates = self.document["paths"].as_object().unwrap().keys();
        let fitting = templates.filter(|template| fits(template, path));
        // As the router has it: what is said in full goes before what may be anything.
        fitting.min_by_key(|template| template.matches('{').count()).map(String::as_str)
    }

    fn check(&self, method: &Method, template: &str, reply: &Reply) -> Result<(), String> {
        let is_head = method == Method::HEAD;
        let name = if is_head { "get".to_owned() } else { method.as_str().to_lowercase() };
        if self.document["paths"][template].get(&name).is_none() {
            // Who is too much is turned away before anybody looks at what they want.
            let is_other = [405, 503].contains(&reply.status.as_u16());
            let is_other = is_other || *method == Method::OPTIONS;
            return if is_other { Ok(()) } else { Err("there is no such method".to_owned()) };
        }
        let place = pointer(&["paths", template, &name, "responses", reply.status.as_str()]);
        let described = self.document.pointer(&place).ok_or("the status is not described")?;
        let shared = described["$ref"].as_str().and_then(|shared| shared.strip_prefix('#'));
        let place = shared.unwrap_or(&place);
        let kinds = &self.document.pointer(place).ok_or("it refers to nothing")?["content"];
        if kinds.is_null() || is_head {
            return Ok(());
        }
        let kind = reply.header("content-type").split(';').next().unwrap_or_default();
        if kinds.get(kind).is_none() {
            return Err(format!("the content type {kind:?} is not described"));
        }
        let Some(schema) = self.answers.get(place).filter(|_| kind == JSON) else { return Ok(()) };
        let body = serde_json::from_str(&reply.text).map_err(|error| error.to_string())?;
        self.schemas.validate(&body, *schema).map_err(|error| error.to_string())
    }
}

/// The places of all answers in JSON.
fn answers(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let statuses = operation["responses"].as_object().unwrap().keys();
            places.extend(statuses.map(|s| pointer(&["paths", path, method, "responses", s])));
        }
    }
    let shared = document["components"]["responses"].as_object().unwrap().keys();
    places.extend(shared.map(|name| pointer(&["components", "responses", name])));
    places.retain(|place| !document.pointer(place).unwrap()["content"][JSON]["schema"].is_null());
    places
}

fn fits(template: &str, path: &str) -> bool {
    let (parts, said) = (template.split('/'), path.split('/'));
    let fits =
        |(part, said): (&str, &str)| part == said || (part.starts_with('{') && !said.is_empty());
    parts.clone().count() == said.clone().count() && parts.zip(said).all(fits)
}

/// A JSON pointer.
fn pointer(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}
