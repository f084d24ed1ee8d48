//! Where the broker listens and what it tells clients to connect to.
//! Kept true: nothing unauthenticated listens off loopback unless that was asked for by name, and
//! no client is ever told to connect to a wildcard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use net_client::Address;

use super::sources::Sources;
use crate::failure::{Exit, Failure};

/// A listener as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    /// Its name, by which its advertised address is found.
    pub(crate) name: String,
    /// Whether the text named its protocol.
    explicit: bool,
    /// Where to bind; an empty host is every address of this machine.
    pub(crate) bind: Address,
    /// What clients are told.
    pub(crate) advertised: Address,
    /// Whether the start goes on if this address does not exist here: `--dev` on `[::1]`.
    pub(crate) optional: bool,
}

/// Kafka's port.
const PORT: u16 = 9092;

/// Clients are told the address of the listener whose name they came through, so names differ.
const TWO_NAMES: &str = "give each its own, as in PLAINTEXT://127.0.0.1:9092,INNER://10.0.0.1:9093 \
     with listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INNER:PLAINTEXT";

/// Reads listeners, advertised listeners and what belongs to them.
pub(crate) fn listeners(
    sources: &Sources,
    allow_plaintext: bool,
) -> Result<Vec<Listener>, Failure> {
    let protocols = protocol_map(sources)?;
    let controllers = names(sources, "controller.listener.names");
    let mut found = match sources.get("listeners") {
        None => loopback(),
        Some(setting) => {
            let mut found = Vec::new();
            for text in setting.value.split(',').map(str::trim).filter(|t| !t.is_empty()) {
                let (name, explicit, bind) = parse(text).map_err(|why| {
                    Failure::usage(format!("{}: listeners: \"{text}\": {why}", setting.origin))
                        .next("write them as PLAINTEXT://127.0.0.1:9092")
                })?;
                if controllers.contains(&name) {
                    continue;
                }
                served(&name, &protocols, text)?;
                let is_taken =
                    |other: &Listener| other.name == name && !are_pair(&other.bind, &bind);
                if found.iter().any(is_taken) {
                    let what = format!("{}: listeners: \"{text}\"", setting.origin);
                    return Err(
                        Failure::usage(format!("{what}: the name {name} is taken")).next(TWO_NAMES)
                    );
                }
                let advertised = bind.clone();
                found.push(Listener { name, explicit, bind, advertised, optional: false });
            }
            found
        }
    };
    if found.is_empty() {
        return Err(Failure::usage("listeners names no listener for clients")
            .next("add one, as in listeners=PLAINTEXT://127.0.0.1:9092"));
    }
    advertise(sources, &controllers, &mut found)?;
    found.iter().try_for_each(|listener| guard(listener, allow_plaintext))?;
    Ok(found)
}

/// Both loopbacks, each telling its own clients its own address.
fn loopback() -> Vec<Listener> {
    let listener = |name: &str, host: &str, optional| {
        let bind = Address::new(host, PORT);
        let advertised = bind.clone();
        Listener { name: name.into(), explicit: false, bind, advertised, optional }
    };
    vec![listener("PLAINTEXT", "127.0.0.1", false), listener("PLAINTEXT6", "::1", true)]
}

/// Splits `NAME://HOST:PORT`; without a name it is PLAINTEXT, not said explicitly.
fn parse(text: &str) -> Result<(String, bool, Address), String> {
    let (name, explicit, rest) = match text.split_once("://") {
        Some((name, rest)) => (name.to_ascii_uppercase(), true, rest),
        None => ("PLAINTEXT".to_string(), false, text),
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) {
        return Err("the listener's name is letters, digits, _, - and .".to_string());
    }
    let bind = match rest.strip_prefix(':') {
        // Kafka's `PLAINTEXT://:9092` is every address.
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
            let port = port.parse::<u16>().map_err(|_| "the port is a number up to 65535")?;
            Address::new("", port)
        }
        _ => match rest.strip_suffix(":0") {
            // The system chooses a free port; the banner tells which.
            Some(host) => Address { port: 0, ..format!("{host}:1").parse()? },
            None => rest.parse()?,
        },
    };
    Ok((name, explicit, bind))
}

/// The two families of one address: the only listeners that may share a name, as Kafka has it.
fn are_pair(a: &Address, b: &Address) -> bool {
    let is_six = |address: &Address| address.host.parse::<IpAddr>().map(|ip| ip.is_ipv6()).ok();
    let differ = matches!((is_six(a), is_six(b)), (Some(a), Some(b)) if a != b);
    a.port == b.port && differ
}

fn names(sources: &Sources, key: &str) -> Vec<String> {
    let value = sources.get(key).map(|setting| setting.value.as_str()).unwrap_or_default();
    value.split(',').map(|n| n.trim().to_ascii_uppercase()).filter(|n| !n.is_empty()).collect()
}

fn protocol_map(sources: &Sources) -> Result<Vec<(String, String)>, Failure> {
    let mut map = Vec::new();
    for entry in names(sources, "listener.security.protocol.map") {
        match entry.split_once(':') {
            Some((name, protocol)) => map.push((name.to_string(), protocol.to_string())),
            None => {
                return Err(Failure::usage(format!(
                    "listener.security.protocol.map: \"{entry}\" is no NAME:PROTOCOL"
                )));
            }
        }
    }
    Ok(map)
}

/// Refuses a listener whose protocol is not served.
fn served(name: &str, protocols: &[(String, String)], text: &str) -> Result<(), Failure> {
    let mapped = protocols.iter().find(|(n, _)| n == name).map(|(_, protocol)| protocol.as_str());
    match mapped.unwrap_or(name) {
        "PLAINTEXT" => Ok(()),
        protocol @ ("SSL" | "SASL_PLAINTEXT" | "SASL_SSL") => Err(Failure::usage(format!(
            "listeners: {text} asks for {protocol}: TLS and SASL are not served by this version"
        ))
        .next("listen on PLAINTEXT://127.0.0.1:9092, or on a network that you trust")),
        _ => Err(Failure::usage(format!("listeners: {text}: the protocol of {name} is not known"))
            .next(format!("add listener.security.protocol.map={name}:PLAINTEXT"))),
    }
}

/// Gives each listener what clients are told.
fn advertise(
    sources: &Sources,
    controllers: &[String],
    listeners: &mut [Listener],
) -> Result<(), Failure> {
    let Some(setting) = sources.get("advertised.listeners") else { return Ok(()) };
    for text in setting.value.split(',').map(str::trim).filter(|t| !t.is_empty()) {
        let bad = |why: &str| {
            let what = format!("{}: advertised.listeners: \"{text}\": {why}", setting.origin);
            Err(Failure::usage(what).next("write it as PLAINTEXT://kafka.example:9092"))
        };
        let (name, explicit, address) = match parse(text) {
            Ok(parts) => parts,
            Err(why) => return bad(&why),
        };
        if is_wildcard(&address.host) {
            return bad("clients cannot connect to every address; name one");
        }
        // What is told of controllers' listeners goes with them; every other name must be known.
        let is_known = listeners.iter().any(|l| l.name == name) || controllers.contains(&name);
        if explicit && !is_known {
            return bad(&format!("there is no listener {name}"));
        }
        for listener in listeners.iter_mut() {
            if !explicit || listener.name == name {
                listener.advertised = address.clone();
            }
        }
    }
    Ok(())
}

fn is_wildcard(host: &str) -> bool {
    let ip = host.parse::<IpAddr>();
    host.is_empty()
        || ip == Ok(Ipv4Addr::UNSPECIFIED.into())
        || ip == Ok(Ipv6Addr::UNSPECIFIED.into())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The rules that keep a listener from being open, or unreachable, by accident.
fn guard(listener: &Listener, allow_plaintext: bool) -> Result<(), Failure> {
    let (bind, name) = (&listener.bind, &listener.name);
    let port = bind.port;
    if !is_loopback(&bind.host) && !listener.explicit && !allow_plaintext {
        let what = format!(
            "{bind} is reachable from other machines and would take anyone without authentication"
        );
        return Err(Failure::new(Exit::Usage, what).next(format!(
            "add --allow-plaintext, or say so by name: --listen PLAINTEXT://{bind}"
        )));
    }
    if is_wildcard(&listener.advertised.host) {
        let what =
            format!("{name}://{bind} listens on every address, and clients need one to reach");
        return Err(Failure::new(Exit::Usage, what).next(format!(
            "add --advertise HOST:{port} (or the line advertised.listeners={name}://HOST:{port})"
        )));
    }
    Ok(())
}

#[cfg(test)]
#[path = "listeners_test.rs"]
mod listeners_test;
