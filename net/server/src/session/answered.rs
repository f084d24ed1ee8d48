//! What was answered over one connection, by API and version: told when the connection ends, where
//! somebody listens at that level.
//!
//! Kept true: where nobody does, a request costs one look at an option. A connection keeps a number
//! for each API and version that is served, and one short name, whatever a stranger sends.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use net_wire::RequestHeader;
use net_wire::api;

use crate::handle::Client;
use crate::notice::{Answered, Answers};
use crate::session::frame::Frame;

/// The most characters of a name that a client gave itself, or its software, that are told.
const NAME_CHARACTERS_MAX: usize = 64;

/// An API and its version, as a request names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    key: i16,
    version: i16,
}

/// What was answered so far.
#[derive(Default)]
pub(crate) struct Record {
    counts: RefCell<BTreeMap<Asked, u64>>,
    client_id: RefCell<Option<String>>,
    is_named: Cell<bool>,
}

impl Record {
    /// What a request asks for, if it is served. The first one says what the client calls itself.
    pub(crate) fn asked(&self, frame: &Frame) -> Option<Asked> {
        let header = frame.read(|mut reader| RequestHeader::decode(&mut reader)).ok()?;
        if !self.is_named.replace(true) {
            *self.client_id.borrow_mut() = header.client_id.as_deref().map(short);
        }
        let (key, version) = (header.api_key, header.api_version);
        let is_served = api::find(key).is_some_and(|api| api.handles(version));
        is_served.then_some(Asked { key, version })
    }

    /// It was answered.
    pub(crate) fn answered(&self, asked: Asked) {
        *self.counts.borrow_mut().entry(asked).or_default() += 1;
    }

    /// What is told of it at the end, if anything was answered.
    pub(crate) fn told(&self, client: &Client) -> Option<Answered> {
        let count = |(asked, count): (&Asked, &u64)| Answers {
            api: api::find(asked.key).expect("because it is served").described.name,
            version: asked.version,
            count: *count,
        };
        let answers: Vec<Answers> = self.counts.borrow().iter().map(count).collect();
        let software = client.software.borrow();
        let software = software.as_ref().map(|(name, version)| (short(name), short(version)));
        let client_id = self.client_id.borrow().clone();
        (!answers.is_empty()).then_some(Answered {
            peer: client.peer,
            software,
            client_id,
            answers,
        })
    }
}

fn short(name: &str) -> String {
    name.chars().take(NAME_CHARACTERS_MAX).collect()
}
