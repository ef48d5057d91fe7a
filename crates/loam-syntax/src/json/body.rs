//! JSON objects opened with a schema.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span};

use super::expr::to_expr;
use crate::ast::{
    Attribute, Block, BlockSchema, Body, Content, Ident, JsonBody, JsonKind, JsonNode, JsonProperty,
};
use crate::schema::{Opened, SchemaIndex};

/// The property that holds a comment.
const COMMENT: &str = "//";

/// The body that a value is: of an object, or of several in an array.
pub(super) fn from_node(node: &JsonNode, expected: &str, diags: &mut Diagnostics) -> JsonBody {
    let mut body = JsonBody {
        properties: Vec::new(),
        span: node.span,
        end: closing(node.span),
    };
    collect(node, expected, diags, &mut |p| {
        body.properties.push(p.clone())
    });
    body
}

/// The closing bracket of an object or array.
fn closing(span: Span) -> Span {
    Span {
        start: span.end.saturating_sub(1).max(span.start),
        ..span
    }
}

/// Visits the properties of an object or of the objects in an array. Null has none.
fn collect<'a>(
    node: &'a JsonNode,
    expected: &str,
    diags: &mut Diagnostics,
    visit: &mut dyn FnMut(&'a JsonProperty),
) {
    match &node.kind {
        JsonKind::Object(properties) => properties.iter().for_each(visit),
        JsonKind::Literal(v) if v.is_null() => {}
        JsonKind::Array(items) => {
            for item in items {
                match &item.kind {
                    JsonKind::Object(properties) => properties.iter().for_each(&mut *visit),
                    _ => diags.push(wrong_type(expected, item.span)),
                }
            }
        }
        _ => diags.push(wrong_type(expected, node.span)),
    }
}

fn wrong_type(expected: &str, at: Span) -> Diagnostic {
    Diagnostic::error("Incorrect JSON value type", expected).at(at)
}

impl JsonBody {
    pub(crate) fn open(&self, index: &SchemaIndex<'_>, whole: bool) -> Opened {
        let mut content = Content::default();
        let mut rest = Vec::new();
        let mut diags = Diagnostics::new();
        for p in &self.properties {
            let name: &str = &p.name.text;
            if let Some(attribute) = index.attribute(name) {
                let attribute = self.attribute(p, attribute.name.clone(), &mut diags);
                if let Some(first) = content.attributes.iter().find(|a| &*a.name.name == name) {
                    diags.push(duplicate(name, p.name.span, first.name.span));
                } else {
                    content.attributes.push(attribute);
                }
            } else if let Some(schema) = index.block(name) {
                let mut blocks = Blocks {
                    schema,
                    kind: Ident {
                        name: schema.kind.clone(),
                        span: p.name.span,
                    },
                    out: &mut content.blocks,
                    diags: &mut diags,
                };
                blocks.unpack(&p.value, &mut Vec::new());
            } else if name == COMMENT {
                // Not a setting.
            } else if whole {
                diags.push(self.extraneous(p, index, &content));
            } else {
                rest.push(p.clone());
            }
        }
        let remainder = JsonBody {
            properties: rest,
            span: self.span,
            end: self.end,
        };
        Opened {
            content,
            remainder: Body::Json(remainder.into()),
            diags,
        }
    }

    fn attribute(&self, p: &JsonProperty, name: Arc<str>, diags: &mut Diagnostics) -> Attribute {
        Attribute {
            name: Ident {
                name,
                span: p.name.span,
            },
            expr: to_expr(&p.value, diags),
            span: p.name.span.to(p.value.span),
        }
    }

    fn extraneous(
        &self,
        p: &JsonProperty,
        index: &SchemaIndex<'_>,
        content: &Content,
    ) -> Diagnostic {
        let name: &str = &p.name.text;
        let diagnostic = Diagnostic::error(
            "Extraneous JSON object property",
            format!("No argument or block type is named \"{name}\"."),
        )
        .at(p.name.span);
        match index.nearest_any(name, content) {
            Some(near) => diagnostic.hint(format!("Did you mean \"{near}\"?")),
            None => diagnostic,
        }
    }

    pub(crate) fn attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(self.properties.len());
        let mut first = indexmap::IndexMap::new();
        let mut diags = Diagnostics::new();
        for p in &self.properties {
            let name: &str = &p.name.text;
            if name == COMMENT {
                continue;
            }
            let attribute = self.attribute(p, p.name.text.clone(), &mut diags);
            match first.get(name) {
                Some(span) => diags.push(duplicate(name, p.name.span, *span)),
                None => {
                    first.insert(name, p.name.span);
                    attributes.push(attribute);
                }
            }
        }
        (attributes, diags)
    }
}

fn duplicate(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        "Duplicate argument",
        format!("The argument \"{name}\" is set already. Each argument may be set only once."),
    )
    .at(at)
    .label(first, "it is set here first")
}

/// The blocks that one property makes.
struct Blocks<'a> {
    schema: &'a BlockSchema,
    kind: Ident,
    out: &'a mut Vec<Block>,
    diags: &'a mut Diagnostics,
}

impl Blocks<'_> {
    fn unpack(&mut self, node: &JsonNode, labels: &mut Vec<Ident>) {
        if let Some(label) = self.schema.labels.get(labels.len()) {
            let expected = format!(
                "An object is expected here, or an array of objects, whose properties name the {label} of each `{}` block.",
                self.kind.name
            );
            let mut properties = Vec::new();
            let before = self.diags.0.len();
            collect(node, &expected, self.diags, &mut |p| properties.push(p));
            if properties.is_empty() && self.diags.0.len() == before {
                self.diags.push(
                    Diagnostic::error(
                        "Missing block label",
                        format!("At least one property is expected here, whose name is the {label} of the `{}` block.", self.kind.name),
                    )
                    .at(node.span),
                );
            }
            for p in properties {
                labels.push(p.name.ident());
                self.unpack(&p.value, labels);
                labels.pop();
            }
            return;
        }
        match &node.kind {
            JsonKind::Literal(v) if v.is_null() => {}
            JsonKind::Object(_) => self.push(node, labels),
            JsonKind::Array(items) => {
                for item in items {
                    self.push(item, labels);
                }
            }
            _ => self.diags.push(wrong_type(
                &format!(
                    "An object is expected here, or an array of objects: the content of one or more `{}` blocks.",
                    self.kind.name
                ),
                node.span,
            )),
        }
    }

    fn push(&mut self, node: &JsonNode, labels: &[Ident]) {
        let body = from_node(
            node,
            "An object is expected here, with arguments and nested blocks.",
            self.diags,
        );
        self.out.push(Block {
            kind: self.kind.clone(),
            labels: labels.to_vec(),
            body: Body::Json(body.into()),
            header: labels.last().map_or(self.kind.span, |l| l.span),
        });
    }
}
