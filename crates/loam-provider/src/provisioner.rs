//! Provisioners: what runs with an object that was created, or before one is destroyed.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use loam_diag::Diagnostics;
use loam_value::{Type, Value};

use crate::{Attribute, Block};

/// A kind of `provisioner` block, such as `local-exec`.
#[async_trait]
pub trait Provisioner: Send + Sync {
    /// The label of its blocks.
    fn name(&self) -> &str;

    /// The arguments of its blocks.
    fn schema(&self) -> &Block;

    /// What is wrong with the arguments that the schema does not say. Parts of them may be
    /// unknown; marks are gone.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// What is wrong with how the object is to be reached: the value of a block of
    /// [`connection_schema`], parts of which may be unknown. By default nothing is, because
    /// the object is not reached at all.
    fn validate_connection(&self, connection: Option<&Value>) -> Diagnostics {
        let _ = connection;
        Diagnostics::new()
    }

    /// Runs it. The errors: it failed, and the object is not as it should be. They hold
    /// nothing of `config` or of what was put out if the request says that it is secret.
    async fn run(
        &self,
        request: ProvisionRequest<'_>,
        observer: &dyn ProvisionObserver,
    ) -> Diagnostics;
}

/// What a provisioner is to do.
#[derive(Clone, Copy, Debug)]
pub struct ProvisionRequest<'a> {
    /// The arguments, wholly known and without marks.
    pub config: &'a Value,
    /// How the object is reached: the value of a block of [`connection_schema`], wholly
    /// known, with its marks.
    pub connection: Option<&'a Value>,
    /// Something in the arguments must not be shown, so nothing that follows from them may.
    pub secret: bool,
}

/// Takes what a provisioner puts out, and tells it to stop.
pub trait ProvisionObserver: Send + Sync {
    /// Takes a line, or several.
    fn output(&self, text: &str);

    /// True once the user wants to stop: what runs is to be ended, and counts as failed.
    fn stopping(&self) -> bool;
}

/// The arguments of `connection` blocks, of every type of connection. The facts are those
/// of Terraform's documentation of `connection`.
pub fn connection_schema() -> &'static Block {
    static SCHEMA: LazyLock<Block> = LazyLock::new(|| {
        let mut block = Block::default();
        let strings = [
            "type",
            "user",
            "password",
            "timeout",
            "script_path",
            "target_platform",
            "private_key",
            "certificate",
            "host_key",
            "agent_identity",
            "proxy_scheme",
            "proxy_host",
            "proxy_user_name",
            "proxy_user_password",
            "bastion_host",
            "bastion_host_key",
            "bastion_user",
            "bastion_password",
            "bastion_private_key",
            "bastion_certificate",
            "cacert",
        ];
        let mut add = |name: &str, attribute: Attribute| {
            block.attributes.insert(Arc::from(name), attribute);
        };
        add("host", Attribute::required(Type::String));
        for name in strings {
            add(name, Attribute::optional(Type::String));
        }
        for name in ["port", "proxy_port", "bastion_port"] {
            add(name, Attribute::optional(Type::Number));
        }
        for name in ["agent", "https", "insecure", "use_ntlm"] {
            add(name, Attribute::optional(Type::Bool));
        }
        block
    });
    &SCHEMA
}
