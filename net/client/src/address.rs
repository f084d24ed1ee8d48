//! Where a broker is: a host and a port, and the socket addresses behind them.
//! Kept true: a text is one address or is refused; the port is never guessed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use engine_rt::Core;

use crate::error::{ClientError, ErrorKind};

/// A host (a name or an address without brackets) and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// A name, or an address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl Address {
    /// An address of its parts.
    pub fn new(host: impl Into<String>, port: u16) -> Address {
        Address { host: host.into(), port }
    }

    /// The socket addresses behind the host, IPv4 first (brokers that listen on one family listen
    /// on that one). Names other than `localhost` are looked up by the system and block this core
    /// while they are.
    pub async fn resolve(&self, core: &Core) -> Result<Vec<SocketAddr>, ClientError> {
        if let Some(known) = self.literal() {
            return Ok(known);
        }
        let unknown = |why: String| {
            ClientError::new(ErrorKind::Unreachable, format!("{self}: the name is unknown{why}"))
                .next("check the spelling, or give the address itself")
        };
        let found = core.resolve(&self.host, self.port).await;
        let mut found = found.map_err(|error| unknown(format!(" ({error})")))?;
        found.sort_by_key(SocketAddr::is_ipv6);
        found.dedup();
        if found.is_empty() { Err(unknown(String::new())) } else { Ok(found) }
    }

    /// What needs no looking up: an address, or `localhost`.
    fn literal(&self) -> Option<Vec<SocketAddr>> {
        if let Ok(ip) = self.host.parse::<IpAddr>() {
            return Some(vec![SocketAddr::new(ip, self.port)]);
        }
        let loopbacks: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let here = self.host == "localhost";
        here.then(|| loopbacks.map(|ip| SocketAddr::new(ip, self.port)).to_vec())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        let no = |why: &str| Err(format!("\"{text}\" is no broker address: {why}"));
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.starts_with('[') => (host, port),
            Some(_) if !text.ends_with(']') => {
                return no("an IPv6 address needs brackets and a port, as in [::1]:9092");
            }
            _ => return no("it needs a port, as in 127.0.0.1:9092"),
        };
        let host = match host.strip_prefix('[') {
            Some(rest) => match rest.strip_suffix(']') {
                Some(inner) if inner.parse::<Ipv6Addr>().is_ok() => inner,
                _ => return no("what stands in brackets is no IPv6 address"),
            },
            None => host,
        };
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || "/[],".contains(c)) {
            return no("it needs a host, as in 127.0.0.1:9092");
        }
        match port.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Address::new(host, port)),
            _ => no("the port is a number from 1 to 65535"),
        }
    }
}

/// Reads a list as in `bootstrap.servers`: separated by commas.
pub fn parse_list(text: &str) -> Result<Vec<Address>, String> {
    text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        let good = [
            ("127.0.0.1:9092", "127.0.0.1", 9092),
            ("kafka.example:1", "kafka.example", 1),
            ("[::1]:9092", "::1", 9092),
        ];
        for (text, host, port) in good {
            let address: Address = text.parse().expect("an address");
            assert_eq!(address, Address::new(host, port));
            assert_eq!(address.to_string(), text);
        }
        let bad = [
            "localhost",
            ":9092",
            "::1:9092",
            "[::1]",
            "[x]:1",
            "a:0",
            "a:65536",
            "a:b",
            "a b:1",
            "",
            "PLAINTEXT://a:1",
        ];
        for text in bad {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        assert_eq!(parse_list("a:1, b:2,").expect("a list").len(), 2);
    }

    #[test]
    fn localhost_is_both_loopbacks_and_v4_first() {
        let found = Address::new("localhost", 7).literal().expect("loopbacks");
        assert_eq!(found.len(), 2);
        assert!(found[0].is_ipv4() && found[1].is_ipv6());
    }
}
