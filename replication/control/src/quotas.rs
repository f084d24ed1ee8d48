//! Quotas of clients: what was set on users, client ids and addresses, and which of it counts for a
//! client.
//!
//! Kept true: a value that was accepted is a number above zero; what has no value left is not
//! listed; of several quotas that fit a client the one counts that Kafka would take.

use std::collections::BTreeMap;

/// One name of a type, or the default for all names of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaName {
    /// Everybody who has nothing of their own.
    Default,
    /// This one.
    Named(String),
}

/// Whose quota it is. Either an address, or a user, a client id or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaEntity {
    /// The user that a client authenticated as.
    pub user: Option<QuotaName>,
    /// What a client calls itself.
    pub client_id: Option<QuotaName>,
    /// Where it connects from.
    pub ip: Option<QuotaName>,
}

/// What is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaKey {
    /// `producer_byte_rate`: bytes of Produce requests a second.
    ProducerBytes,
    /// `consumer_byte_rate`: bytes of batches fetched a second.
    ConsumerBytes,
    /// `request_percentage`: percent of a core.
    RequestPercentage,
    /// `controller_mutation_rate`: partitions created and deleted a second.
    Mutations,
    /// `connection_creation_rate`: connections a second.
    Connections,
}

impl QuotaKey {
    /// Every key.
    pub const ALL: [QuotaKey; 5] = [
        QuotaKey::ProducerBytes,
        QuotaKey::ConsumerBytes,
        QuotaKey::RequestPercentage,
        QuotaKey::Mutations,
        QuotaKey::Connections,
    ];

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            QuotaKey::ProducerBytes => "producer_byte_rate",
            QuotaKey::ConsumerBytes => "consumer_byte_rate",
            QuotaKey::RequestPercentage => "request_percentage",
            QuotaKey::Mutations => "controller_mutation_rate",
            QuotaKey::Connections => "connection_creation_rate",
        }
    }

    /// The key of this name.
    pub fn from_name(name: &str) -> Option<QuotaKey> {
        QuotaKey::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// The quotas that were set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quotas {
    by_entity: BTreeMap<QuotaEntity, BTreeMap<QuotaKey, f64>>,
}

impl Quotas {
    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.by_entity.is_empty()
    }

    /// Everything that is set, by whom it was set on.
    pub fn all(&self) -> impl Iterator<Item = (&QuotaEntity, &BTreeMap<QuotaKey, f64>)> {
        self.by_entity.iter()
    }

    /// What is set on an entity for a key.
    pub fn get(&self, entity: &QuotaEntity, key: QuotaKey) -> Option<f64> {
        self.by_entity.get(entity)?.get(&key).copied()
    }

    /// Whether any quota bounds this.
    pub fn bounds(&self, key: QuotaKey) -> bool {
        self.by_entity.values().any(|values| values.contains_key(&key))
    }

    /// What bounds a client, and who shares that bound: the clients for which this gives the same
    /// entity. The order is Kafka's: the user's quotas before those of all users, and those before
    /// the client id's.
    pub fn of_client(
        &self,
        key: QuotaKey,
        user: &str,
        client_id: &str,
    ) -> Option<(QuotaEntity, f64)> {
        let own_user = || Some(QuotaName::Named(user.to_owned()));
        let own_id = || Some(QuotaName::Named(client_id.to_owned()));
        let default = || Some(QuotaName::Default);
        let candidates = [
            (own_user(), own_id()),
            (own_user(), default()),
            (own_user(), None),
            (default(), own_id()),
            (default(), default()),
            (default(), None),
            (None, own_id()),
            (None, default()),
        ];
        candidates.into_iter().find_map(|(user, client_id)| {
            let found = QuotaEntity { user, client_id, ip: None };
            let bound = self.get(&found, key)?;
            // A default bounds each user and each client id apart.
            let shared_by = QuotaEntity {
                user: found.user.and(own_user()),
                client_id: found.client_id.and(own_id()),
                ip: None,
            };
            Some((shared_by, bound))
        })
    }

    /// What bounds an address: a second's connections.
    pub fn of_address(&self, ip: &str) -> Option<f64> {
        let entity = |name| QuotaEntity { ip: Some(name), ..QuotaEntity::default() };
        let own = self.get(&entity(QuotaName::Named(ip.to_owned())), QuotaKey::Connections);
        own.or_else(|| self.get(&entity(QuotaName::Default), QuotaKey::Connections))
    }

    /// Sets a value, or takes it away.
    pub(crate) fn put(&mut self, entity: QuotaEntity, key: QuotaKey, value: Option<f64>) {
        let values = self.by_entity.entry(entity.clone()).or_default();
        match value {
            Some(value) => _ = values.insert(key, value),
            None => _ = values.remove(&key),
        }
        if values.is_empty() {
            self.by_entity.remove(&entity);
        }
    }
}

#[cfg(test)]
#[path = "quotas_test.rs"]
mod quotas_test;
