//! Functions of IP networks.

use loam_value::{Type, Value};
use num_bigint::BigInt;

use super::argument::{int, number, quoted, str};
use super::cidr::{Network, parse_address};
use super::signature::{
    function, number as number_param, returns_bool, returns_string, returns_string_list, string,
};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const PREFIX: &str = "A network in CIDR notation, such as `10.0.0.0/8` or `fd00::/48`.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "cidrhost",
            "`cidrhost` gives the address of a host by its number in a network.",
            vec![
                string("prefix", PREFIX),
                number_param(
                    "hostnum",
                    "The number of the host; if negative, counted from the end.",
                ),
            ],
            returns_string,
            cidrhost,
        ),
        function(
            "cidrnetmask",
            "`cidrnetmask` gives the subnet mask of an IPv4 network.",
            vec![string("prefix", PREFIX)],
            returns_string,
            cidrnetmask,
        ),
        function(
            "cidrsubnet",
            "`cidrsubnet` gives a subnet of a network by its number.",
            vec![
                string("prefix", PREFIX),
                number_param("newbits", "How many bits the subnet's prefix is longer."),
                number_param("netnum", "The number of the subnet, which those bits hold."),
            ],
            returns_string,
            cidrsubnet,
        ),
        function(
            "cidrsubnets",
            "`cidrsubnets` gives subnets of a network that follow one another.",
            vec![string("prefix", PREFIX)],
            returns_string_list,
            cidrsubnets,
        )
        .more(number_param(
            "newbits",
            "How many bits each subnet's prefix is longer.",
        )),
        function(
            "cidrcontains",
            "`cidrcontains` tells whether an address or a whole network is in another network.",
            vec![
                string("containing_prefix", PREFIX),
                string(
                    "contained_ip_or_prefix",
                    "An address, or a network in CIDR notation.",
                ),
            ],
            returns_bool,
            cidrcontains,
        ),
    ]
}

fn network(args: &[Value], index: usize) -> Result<Network> {
    let text = str(args, index)?;
    Network::parse(text).ok_or_else(|| {
        FunctionError::blame(
            index,
            format!(
                "invalid CIDR expression: {} is not an address and a prefix length",
                quoted(text)
            ),
        )
    })
}

fn whole(args: &[Value], index: usize) -> Result<BigInt> {
    number(args, index)?
        .to_bigint()
        .ok_or_else(|| FunctionError::blame(index, "value must be a whole number"))
}

fn cidrhost(_: &CallContext, args: &[Value]) -> Result {
    let hostnum = whole(args, 1)?;
    let network = network(args, 0)?;
    network
        .host(&hostnum)
        .map(Value::string)
        .map_err(FunctionError::call)
}

fn cidrnetmask(_: &CallContext, args: &[Value]) -> Result {
    network(args, 0)?
        .netmask()
        .map(Value::string)
        .map_err(|e| FunctionError::argument(0, e))
}

fn cidrsubnet(_: &CallContext, args: &[Value]) -> Result {
    let newbits = int(args, 1)?;
    let netnum = whole(args, 2)?;
    network(args, 0)?
        .subnet(newbits, &netnum)
        .map(Value::string)
        .map_err(FunctionError::call)
}

fn cidrsubnets(_: &CallContext, args: &[Value]) -> Result {
    let network = network(args, 0).map_err(FunctionError::of_argument)?;
    let mut subnets = Vec::new();
    let mut previous: Option<Network> = None;
    for index in 1..args.len() {
        let newbits = int(args, index).map_err(FunctionError::of_argument)?;
        let wrong = |message: String| FunctionError::argument(index, message);
        if newbits < 1 {
            return Err(wrong("must extend prefix by at least one bit".into()));
        }
        if newbits > 32 {
            return Err(wrong("may not extend prefix by more than 32 bits".into()));
        }
        let next = network
            .subnet_after(previous.as_ref(), newbits)
            .map_err(wrong)?;
        subnets.push(Value::string(next.to_string()));
        previous = Some(next);
    }
    Ok(Value::list(Type::String, subnets))
}

fn cidrcontains(_: &CallContext, args: &[Value]) -> Result {
    let containing = network(args, 0)?;
    let text = str(args, 1)?;
    let contained = match parse_address(text) {
        Some(address) => address,
        None => Network::parse(text).ok_or_else(|| {
            FunctionError::argument(1, format!("invalid IP address or prefix: {}", quoted(text)))
        })?,
    };
    containing
        .contains(&contained)
        .map(Value::bool)
        .ok_or_else(|| {
            FunctionError::call(format!(
                "address family mismatch: {} vs. {}",
                str(args, 0).unwrap_or_default(),
                text
            ))
        })
}
