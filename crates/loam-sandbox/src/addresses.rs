//! IP addresses for machines: handed out in order, not used again before 65,000 others.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::store::{Db, StoreError};

/// Addresses of a pool: a /16 without its first ten.
const POOL: i64 = 65_000;

/// The next address of a cloud's pool; `network` is its first two octets.
pub fn next_v4(db: &Db<'_>, cloud: &'static str, network: [u8; 2]) -> Result<Ipv4Addr, StoreError> {
    let number = db.next_number(cloud, "address", 0)?.rem_euclid(POOL);
    let [high, low] = u16::try_from(number + 10).unwrap_or(10).to_be_bytes();
    Ok(Ipv4Addr::new(network[0], network[1], high, low))
}

/// The IPv6 address that goes with an IPv4 address, from the range for documentation.
pub fn v6_of(address: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = address.octets();
    Ipv6Addr::new(
        0x2001,
        0xdb8,
        u16::from(a),
        u16::from(b),
        0,
        0,
        u16::from(c),
        u16::from(d),
    )
}
