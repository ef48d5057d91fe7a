//! JSON syntax: text to tree, as the JSON specification of HCL has it.

mod body;
mod expr;
mod parser;
mod string;

pub use parser::parse_json;
