//! Functions of hashes, identifiers and decryption.

use std::fs::File;
use std::io::Read;

use loam_value::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use super::argument::{int, quoted, str};
use super::datetime::unknown_string;
use super::signature::{function, number, returns_string, string};
use super::{base64, path, rsa};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

/// The largest bcrypt cost. Each step doubles the time; this one takes about a minute.
const MAX_COST: u32 = 20;
const STR: &str = "The string whose UTF-8 bytes are hashed.";
const PATH: &str = "The path of the file.";

pub(super) fn all() -> Vec<Function> {
    let of_string = |name, description, call| {
        function(
            name,
            description,
            vec![string("str", STR)],
            returns_string,
            call,
        )
    };
    let of_file = |name, description, call| {
        function(
            name,
            description,
            vec![string("path", PATH)],
            returns_string,
            call,
        )
    };
    vec![
        of_string("md5", "`md5` gives the MD5 hash of a string in hexadecimal.", |_, a| {
            Ok(hex(&Md5::digest(str(a, 0)?)))
        }),
        of_string("sha1", "`sha1` gives the SHA-1 hash of a string in hexadecimal.", |_, a| {
            Ok(hex(&Sha1::digest(str(a, 0)?)))
        }),
        of_string("sha256", "`sha256` gives the SHA-256 hash of a string in hexadecimal.", |_, a| {
            Ok(hex(&Sha256::digest(str(a, 0)?)))
        }),
        of_string("sha512", "`sha512` gives the SHA-512 hash of a string in hexadecimal.", |_, a| {
            Ok(hex(&Sha512::digest(str(a, 0)?)))
        }),
        of_string("base64sha256", "`base64sha256` gives the SHA-256 hash of a string in Base64.", |_, a| {
            Ok(Value::string(base64::encode(&Sha256::digest(str(a, 0)?))))
        }),
        of_string("base64sha512", "`base64sha512` gives the SHA-512 hash of a string in Base64.", |_, a| {
            Ok(Value::string(base64::encode(&Sha512::digest(str(a, 0)?))))
        }),
        of_file("filemd5", "`filemd5` gives the MD5 hash of a file in hexadecimal.", |c, a| {
            Ok(hex(&of_bytes::<Md5>(c, a)?))
        }),
        of_file("filesha1", "`filesha1` gives the SHA-1 hash of a file in hexadecimal.", |c, a| {
            Ok(hex(&of_bytes::<Sha1>(c, a)?))
        }),
        of_file("filesha256", "`filesha256` gives the SHA-256 hash of a file in hexadecimal.", |c, a| {
            Ok(hex(&of_bytes::<Sha256>(c, a)?))
        }),
        of_file("filesha512", "`filesha512` gives the SHA-512 hash of a file in hexadecimal.", |c, a| {
            Ok(hex(&of_bytes::<Sha512>(c, a)?))
        }),
        of_file("filebase64sha256", "`filebase64sha256` gives the SHA-256 hash of a file in Base64.", |c, a| {
            Ok(Value::string(base64::encode(&of_bytes::<Sha256>(c, a)?)))
        }),
        of_file("filebase64sha512", "`filebase64sha512` gives the SHA-512 hash of a file in Base64.", |c, a| {
            Ok(Value::string(base64::encode(&of_bytes::<Sha512>(c, a)?)))
        }),
        function(
            "bcrypt",
            "`bcrypt` hashes a password with a random salt, as password files have it. While planning the result is unknown.",
            vec![string("str", "The password, of at most 72 bytes.")],
            returns_string,
            bcrypt,
        )
        .more(number("cost", "How costly the hash is to compute: each step doubles it; 10 if not given.")),
        function(
            "rsadecrypt",
            "`rsadecrypt` decrypts text that was encrypted with an RSA public key (PKCS #1 v1.5).",
            vec![
                string("ciphertext", "The encrypted text in Base64."),
                string("privatekey", "The private key in PEM format, not protected by a password."),
            ],
            returns_string,
            rsadecrypt,
        ),
        function(
            "uuid",
            "`uuid` gives a random identifier. While planning it is unknown.",
            vec![],
            returns_string,
            |context, _| {
                Ok(if context.impure_known {
                    Value::string(Uuid::new_v4().to_string())
                } else {
                    unknown_string()
                })
            },
        ),
        function(
            "uuidv5",
            "`uuidv5` gives the identifier of a name in a namespace, always the same one.",
            vec![
                string("namespace", "`dns`, `url`, `oid`, `x500`, or an identifier that is a namespace."),
                string("name", "The name."),
            ],
            returns_string,
            uuidv5,
        ),
    ]
}

fn hex(bytes: &[u8]) -> Value {
    Value::string(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
}

/// The hash of a file's content.
fn of_bytes<D: Digest>(context: &CallContext, args: &[Value]) -> Result<Vec<u8>> {
    let path = path::resolve(context, str(args, 0)?)?;
    let failed = |e| path::cannot_read(&path, &e, args);
    let mut file = File::open(&path).map_err(failed)?;
    let mut digest = D::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        digest.update(buffer.get(..count).unwrap_or_default());
    }
    Ok(digest.finalize().to_vec())
}

fn bcrypt(context: &CallContext, args: &[Value]) -> Result {
    if args.len() > 2 {
        return Err(FunctionError::call(
            "bcrypt() takes no more than two arguments",
        ));
    }
    let password = str(args, 0)?;
    let cost = match args.get(1) {
        Some(_) => int(args, 1)?,
        None => 10,
    };
    // Below the least cost there is, the usual one is taken.
    let cost = u32::try_from(cost)
        .ok()
        .filter(|c| *c >= 4)
        .unwrap_or(10)
        .max(4);
    if cost > MAX_COST {
        return Err(FunctionError::argument(
            1,
            format!("a cost above {MAX_COST} is refused because it takes minutes or more"),
        ));
    }
    if password.len() > 72 {
        return Err(FunctionError::argument(
            0,
            "must not be longer than 72 bytes",
        ));
    }
    if !context.impure_known {
        return Ok(unknown_string());
    }
    let hash = bcrypt::hash_with_result(password, cost)
        .map_err(|_| FunctionError::call("cannot compute the hash"))?;
    Ok(Value::string(
        hash.format_for_version(bcrypt::Version::TwoA),
    ))
}

fn rsadecrypt(_: &CallContext, args: &[Value]) -> Result {
    let ciphertext = base64::decode(str(args, 0)?).ok_or_else(|| {
        FunctionError::argument(
            0,
            "failed to decode the input: cipher text must be base64-encoded",
        )
    })?;
    let key = rsa::PrivateKey::from_pem(str(args, 1)?)
        .map_err(|e| FunctionError::argument(1, format!("invalid private key: {e}")))?;
    let plain = key.decrypt(&ciphertext).ok_or_else(|| {
        FunctionError::call("failed to decrypt: the text was not encrypted for this key")
    })?;
    String::from_utf8(plain)
        .map(Value::string)
        .map_err(|_| FunctionError::call("the decrypted text is not valid UTF-8"))
}

fn uuidv5(_: &CallContext, args: &[Value]) -> Result {
    let namespace = match str(args, 0)? {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|e| {
            FunctionError::blame(
                0,
                format!("uuidv5() doesn't support namespace {} ({e})", quoted(other)),
            )
        })?,
    };
    Ok(Value::string(
        Uuid::new_v5(&namespace, str(args, 1)?.as_bytes()).to_string(),
    ))
}
