//! IP networks as numbers: an address of 32 or 128 bits and the length of its prefix.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive};

/// A network; the bits of its address after the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: u128,
    prefix: u32,
    bits: u32,
}

impl Network {
    /// Parses CIDR notation. Digits may have zeros in front, in the address as in the
    /// prefix length; they are decimal.
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = text.split_once('/')?;
        let (address, bits) = parse_ip(address)?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let prefix: u32 = prefix.parse().ok().filter(|p| *p <= bits)?;
        Some(Network {
            address: address & mask(prefix, bits),
            prefix,
            bits,
        })
    }

    /// IPv6 addresses that stand for IPv4 ones are treated as those in some respects.
    fn is_ipv4(&self) -> bool {
        self.bits == 32 || is_mapped(self.address)
    }

    /// The address of a host by number; negative numbers count from the end.
    pub(super) fn host(&self, number: &BigInt) -> Result<String, String> {
        let host_bits = self.bits - self.prefix;
        let greatest: BigInt = (BigInt::one() << host_bits) - 1;
        let (number, checked) = if number.is_negative() {
            let from_end: BigInt = -number - 1;
            let checked = BigInt::from(low_bits(&from_end) as i64);
            (&greatest - from_end, checked)
        } else {
            // Only the low 64 bits are held against the limit: that is how the language
            // has always done it.
            (number.clone(), BigInt::from(low_bits(number) as i64))
        };
        if checked > greatest {
            return Err(format!(
                "prefix of {} does not accommodate a host numbered {number}",
                self.prefix
            ));
        }
        let shift = self.bits - if self.is_ipv4() { 32 } else { 128 };
        Ok(show(self.or(number << shift)?, self.bits))
    }

    /// The subnet mask, of IPv4 networks only.
    pub(super) fn netmask(&self) -> Result<String, String> {
        if !self.is_ipv4() {
            return Err("IPv6 addresses cannot have a netmask".to_owned());
        }
        Ok(show(mask(self.prefix, self.bits), self.bits))
    }

    /// A subnet by number. The arithmetic wraps where numbers do not fit as it always
    /// did, so that the same arguments go on giving the same networks.
    pub(super) fn subnet(&self, newbits: i64, number: &BigInt) -> Result<String, String> {
        let prefix = i64::from(self.prefix).saturating_add(newbits);
        if prefix > i64::from(self.bits) {
            return Err(format!(
                "insufficient address space to extend prefix of {} by {newbits}",
                self.prefix
            ));
        }
        let greatest = match u32::try_from(newbits) {
            Ok(n) if n < 64 => (1u64 << n) - 1,
            _ => u64::MAX,
        };
        if low_bits(number) > greatest {
            return Err(format!(
                "prefix extension of {newbits} does not accommodate a subnet numbered {number}"
            ));
        }
        let Some(prefix) = u32::try_from(prefix).ok() else {
            return Err(format!(
                "prefix of {} cannot be shortened by {}",
                self.prefix, -newbits
            ));
        };
        let address = self.or(number.clone() << (self.bits - prefix))?;
        Ok(show_network(address, prefix, self.bits))
    }

    /// The next subnet, `newbits` longer than this network, after the one before it.
    pub(super) fn subnet_after(
        &self,
        previous: Option<&Network>,
        newbits: i64,
    ) -> Result<Network, String> {
        let prefix = i64::from(self.prefix) + newbits;
        let Some(prefix) = u32::try_from(prefix).ok().filter(|p| *p <= self.bits) else {
            return Err(format!(
                "would extend prefix to {prefix} bits, which is too long for an {} address",
                if self.bits == 32 { "IPv4" } else { "IPv6" }
            ));
        };
        let all = mask(self.bits, self.bits);
        let last = match previous {
            Some(p) => p.address | (all ^ mask(p.prefix, p.bits)),
            None => self.address.wrapping_sub(1) & all,
        };
        let last = last | (all ^ mask(prefix, self.bits));
        let address = last.wrapping_add(1) & all;
        // After the last address comes zero; a network that begins there has no
        // subnets for this function, as it always was.
        if address == 0 || address & mask(self.prefix, self.bits) != self.address {
            return Err(format!(
                "not enough remaining address space for a subnet with a prefix of {prefix} bits{}",
                previous.map_or(String::new(), |p| format!(" after {p}"))
            ));
        }
        Ok(Network {
            address,
            prefix,
            bits: self.bits,
        })
    }

    /// Whether all of another network is in this one; nothing if one is IPv4 and the
    /// other IPv6.
    pub(super) fn contains(&self, other: &Network) -> Option<bool> {
        if self.is_ipv4() != other.is_ipv4() {
            return None;
        }
        let (a, b) = (self.narrow(), other.narrow());
        Some(a.prefix <= b.prefix && b.address & mask(a.prefix, 32.max(a.bits)) == a.address)
    }

    /// An IPv6 network that stands for an IPv4 one as that.
    fn narrow(&self) -> Network {
        if self.bits == 128 && is_mapped(self.address) && self.prefix >= 96 {
            Network {
                address: self.address & 0xffff_ffff,
                prefix: self.prefix - 96,
                bits: 32,
            }
        } else {
            *self
        }
    }

    /// The address with other bits set in it; an error if they do not fit.
    fn or(&self, bits: BigInt) -> Result<u128, String> {
        let merged = BigInt::from(self.address) | bits;
        let magnitude = merged.magnitude();
        if magnitude.bits() > u64::from(self.bits) {
            return Err("the number does not fit the address".to_owned());
        }
        magnitude
            .to_u128()
            .ok_or_else(|| "the number does not fit the address".to_owned())
    }
}

/// The low 64 bits of a number's magnitude.
fn low_bits(n: &BigInt) -> u64 {
    n.magnitude().iter_u64_digits().next().unwrap_or(0)
}

/// An address by itself, as a network of its own.
pub(super) fn parse_address(text: &str) -> Option<Network> {
    let (address, bits) = parse_ip(text)?;
    Some(Network {
        address,
        prefix: bits,
        bits,
    })
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show_network(self.address, self.prefix, self.bits))
    }
}

fn is_mapped(address: u128) -> bool {
    address >> 32 == 0xffff
}

fn mask(prefix: u32, bits: u32) -> u128 {
    let all = if bits == 32 {
        u128::from(u32::MAX)
    } else {
        u128::MAX
    };
    let host = bits.saturating_sub(prefix);
    if host >= bits { 0 } else { all & (all << host) }
}

fn show(address: u128, bits: u32) -> String {
    match (bits, u32::try_from(address & 0xffff_ffff)) {
        (32, Ok(v4)) => Ipv4Addr::from(v4).to_string(),
        (_, Ok(v4)) if is_mapped(address) => Ipv4Addr::from(v4).to_string(),
        _ => Ipv6Addr::from(address).to_string(),
    }
}

fn show_network(address: u128, prefix: u32, bits: u32) -> String {
    // The prefix of an address that stands for an IPv4 one counts from there.
    let prefix = if bits == 128 && is_mapped(address) {
        prefix.saturating_sub(96)
    } else {
        prefix
    };
    format!("{}/{prefix}", show(address, bits))
}

/// An address and how many bits it has.
fn parse_ip(text: &str) -> Option<(u128, u32)> {
    if let Some(v4) = parse_v4(text) {
        return Some((u128::from(v4), 32));
    }
    parse_v6(text).map(|v6| (v6, 128))
}

/// Four decimal numbers up to 255, zeros in front allowed.
fn parse_v4(text: &str) -> Option<u32> {
    let mut address = 0;
    let mut parts = text.split('.');
    for _ in 0..4 {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 16 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let n: u64 = part.parse().ok().filter(|n| *n <= 255)?;
        address = (address << 8) | n as u32;
    }
    parts.next().is_none().then_some(address)
}

fn parse_v6(text: &str) -> Option<u128> {
    // An IPv4 address at the end becomes two groups.
    let mut text = text.to_owned();
    if let Some((head, tail)) = text.rsplit_once(':')
        && tail.contains('.')
    {
        let v4 = parse_v4(tail)?;
        text = format!("{head}:{:x}:{:x}", v4 >> 16, v4 & 0xffff);
    }
    let groups = |part: &str| -> Option<Vec<u16>> {
        if part.is_empty() {
            return Some(Vec::new());
        }
        part.split(':')
            .map(|g| {
                let hex = !g.is_empty() && g.bytes().all(|b| b.is_ascii_hexdigit());
                // Zeros in front do not count towards the size.
                let n = u64::from_str_radix(g, 16)
                    .ok()
                    .filter(|_| hex && g.len() <= 16)?;
                u16::try_from(n).ok()
            })
            .collect()
    };
    let all: Vec<u16> = match text.split_once("::") {
        None => groups(&text)?,
        Some((head, tail)) => {
            let (head, tail) = (groups(head)?, groups(tail)?);
            let missing = 8usize
                .checked_sub(head.len() + tail.len())
                .filter(|n| *n > 0)?;
            let zeros = std::iter::repeat_n(0, missing);
            head.into_iter().chain(zeros).chain(tail).collect()
        }
    };
    let address = all.iter().fold(0u128, |a, g| (a << 16) | u128::from(*g));
    (all.len() == 8).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, shown) in [
            ("010.000.0.1/08", "10.0.0.0/8"),
            ("fd00::1/64", "fd00::/64"),
            ("::ffff:1.2.3.4/104", "1.0.0.0/8"),
            ("1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(
                Network::parse(text).map(|n| n.to_string()).as_deref(),
                Some(shown)
            );
        }
        for text in [
            "10.0.0/8",
            "10.0.0.0/33",
            "10.0.0.256/8",
            "::1::/64",
            "1:2/64",
            "g::/8",
            "10.0.0.0/",
            "10.0.0.0",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
