//! Bodies opened with a schema: [`Body::content`] and its relatives.

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use rustc_hash::FxHashMap;

use crate::ast::{
    Attribute, AttributeSchema, Block, BlockSchema, Body, BodySchema, Content, NativeBody,
};

impl Body {
    /// All attributes and blocks of a body that may hold only what the schema names.
    /// Whatever is right is given even if there are problems; the diagnostics name all of
    /// them: arguments and blocks that are not expected, with the nearest name that is;
    /// missing and repeated arguments; wrong numbers of labels.
    pub fn content(&self, schema: &BodySchema) -> (Content, Diagnostics) {
        let opened = self.open(schema, true);
        (opened.content, opened.diags)
    }

    /// The attributes and blocks that the schema names, and a body with all others.
    pub fn partial_content(&self, schema: &BodySchema) -> (Content, Body, Diagnostics) {
        let opened = self.open(schema, false);
        (opened.content, opened.remainder, opened.diags)
    }

    /// The attributes of a body that may have any, but no blocks.
    pub fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        match self {
            Body::Native(b) => b.just_attributes(),
            Body::Json(b) => b.attributes(),
        }
    }

    /// The place of the whole body: from brace to brace, or the file.
    pub fn span(&self) -> Span {
        match self {
            Body::Native(b) => b.span,
            Body::Json(b) => b.span,
        }
    }

    /// Where something that the body lacks is reported: at its opening brace, in JSON at
    /// its closing brace.
    pub fn missing_item_span(&self) -> Span {
        match self {
            Body::Native(b) => b.span.at_start(),
            Body::Json(b) => b.end,
        }
    }

    fn open(&self, schema: &BodySchema, whole: bool) -> Opened {
        let index = SchemaIndex::new(schema);
        let mut opened = match self {
            Body::Native(b) => b.open(&index, whole),
            Body::Json(b) => b.open(&index, whole),
        };
        for required in schema.attributes.iter().filter(|a| a.required) {
            let set = opened
                .content
                .attributes
                .iter()
                .any(|a| a.name.name == required.name);
            if !set {
                opened.diags.push(
                    Diagnostic::error(
                        "Missing required argument",
                        format!(
                            "The argument \"{}\" is required, but no definition was found.",
                            required.name
                        ),
                    )
                    .at(self.missing_item_span()),
                );
            }
        }
        opened
    }
}

/// What opening a body gives.
pub(crate) struct Opened {
    pub(crate) content: Content,
    pub(crate) remainder: Body,
    pub(crate) diags: Diagnostics,
}

/// A schema by name.
pub(crate) struct SchemaIndex<'a> {
    schema: &'a BodySchema,
    attributes: FxHashMap<&'a str, &'a AttributeSchema>,
    blocks: FxHashMap<&'a str, &'a BlockSchema>,
}

impl<'a> SchemaIndex<'a> {
    fn new(schema: &'a BodySchema) -> SchemaIndex<'a> {
        SchemaIndex {
            schema,
            attributes: schema.attributes.iter().map(|a| (&*a.name, a)).collect(),
            blocks: schema.blocks.iter().map(|b| (&*b.kind, b)).collect(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&'a AttributeSchema> {
        self.attributes.get(name).copied()
    }

    pub(crate) fn block(&self, kind: &str) -> Option<&'a BlockSchema> {
        self.blocks.get(kind).copied()
    }

    /// The nearest attribute that is not set yet.
    fn nearest_attribute(&self, name: &str, content: &[Attribute]) -> Option<&'a str> {
        let free = self
            .schema
            .attributes
            .iter()
            .map(|a| &*a.name)
            .filter(|n| !content.iter().any(|a| &*a.name.name == *n));
        nearest(name, free)
    }

    fn nearest_block(&self, kind: &str) -> Option<&'a str> {
        nearest(kind, self.schema.blocks.iter().map(|b| &*b.kind))
    }

    /// The nearest name of either kind, for JSON, which shows no difference.
    pub(crate) fn nearest_any(&self, name: &str, content: &Content) -> Option<&'a str> {
        self.nearest_attribute(name, &content.attributes)
            .or_else(|| self.nearest_block(name))
    }
}

impl NativeBody {
    fn open(&self, index: &SchemaIndex<'_>, whole: bool) -> Opened {
        let mut content = Content::default();
        let mut diags = Diagnostics::new();
        let mut rest = NativeBody {
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.span,
            end: self.end,
        };
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        for attribute in &self.attributes {
            let name = &*attribute.name.name;
            if let Some(first) = seen.get(name) {
                diags.push(redefined(name, attribute.name.span, *first));
                continue;
            }
            seen.insert(name, attribute.name.span);
            if index.attribute(name).is_some() {
                content.attributes.push(attribute.clone());
            } else if whole {
                diags.push(unsupported_argument(attribute, index, &self.attributes));
            } else {
                rest.attributes.push(attribute.clone());
            }
        }
        for block in &self.blocks {
            if let Some(schema) = index.block(&block.kind.name) {
                match wrong_labels(block, schema) {
                    Some(d) => diags.push(d),
                    None => content.blocks.push(block.clone()),
                }
            } else if whole {
                diags.push(unsupported_block(block, index));
            } else {
                rest.blocks.push(block.clone());
            }
        }
        Opened {
            content,
            remainder: Body::Native(rest.into()),
            diags,
        }
    }

    fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        let mut attributes = Vec::with_capacity(self.attributes.len());
        let mut diags = Diagnostics::new();
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        for attribute in &self.attributes {
            let (name, span) = (&*attribute.name.name, attribute.name.span);
            match seen.get(name) {
                Some(first) => diags.push(redefined(name, span, *first)),
                None => {
                    seen.insert(name, span);
                    attributes.push(attribute.clone());
                }
            }
        }
        for block in &self.blocks {
            diags.push(
                Diagnostic::error(
                    format!("Unexpected \"{}\" block", block.kind.name),
                    "Blocks are not allowed here, only arguments.",
                )
                .at(block.kind.span)
                .hint(format!(
                    "To set an argument, write `{} = …`.",
                    block.kind.name
                )),
            );
        }
        (attributes, diags)
    }
}

fn redefined(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        "Attribute redefined",
        format!("The argument \"{name}\" is set already. Each argument may be set only once."),
    )
    .at(at)
    .label(first, "it is set here first")
}

fn unsupported_argument(
    attribute: &Attribute,
    index: &SchemaIndex<'_>,
    set: &[Attribute],
) -> Diagnostic {
    let name = &*attribute.name.name;
    let diagnostic = Diagnostic::error(
        "Unsupported argument",
        format!("An argument named \"{name}\" is not expected here."),
    )
    .at(attribute.name.span);
    if index.block(name).is_some() {
        return diagnostic.hint(format!(
            "Did you mean to define a block of type \"{name}\"?"
        ));
    }
    if let Some(near) = index.nearest_attribute(name, set) {
        return diagnostic.hint(format!("Did you mean \"{near}\"?"));
    }
    match index.nearest_block(name) {
        Some(near) => diagnostic.hint(format!(
            "Did you mean to define a block of type \"{near}\"?"
        )),
        None => diagnostic,
    }
}

fn unsupported_block(block: &Block, index: &SchemaIndex<'_>) -> Diagnostic {
    let kind = &*block.kind.name;
    let diagnostic = Diagnostic::error(
        "Unsupported block type",
        format!("Blocks of type \"{kind}\" are not expected here."),
    )
    .at(block.kind.span);
    if index.attribute(kind).is_some() {
        return diagnostic.hint(format!(
            "Did you mean to define argument \"{kind}\"? If so, use the equals sign to assign it a value."
        ));
    }
    match index.nearest_block(kind) {
        Some(near) => diagnostic.hint(format!("Did you mean \"{near}\"?")),
        None => diagnostic,
    }
}

fn wrong_labels(block: &Block, schema: &BlockSchema) -> Option<Diagnostic> {
    let kind = &*block.kind.name;
    let wanted = schema.labels.len();
    let names = schema.labels.join(", ");
    let plural = if wanted == 1 { "label" } else { "labels" };
    if let Some(extra) = block.labels.get(wanted) {
        let detail = if wanted == 0 {
            format!("No labels are expected for {kind} blocks.")
        } else {
            format!("Only {wanted} {plural} ({names}) are expected for {kind} blocks.")
        };
        let diagnostic = Diagnostic::error(format!("Extraneous label for {kind}"), detail);
        return Some(diagnostic.at(extra.span).within(block.header));
    }
    let missing = schema.labels.get(block.labels.len())?;
    Some(
        Diagnostic::error(
            format!("Missing {missing} for {kind}"),
            format!("All {kind} blocks must have {wanted} {plural} ({names})."),
        )
        .at(block.header),
    )
}
