//! Quotas of clients: seen and changed. Kept true: what is changed of one entity is changed
//! together or not at all.

use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::describe_client_quotas::{
    ComponentData, DescribeClientQuotasRequest, EntryData,
};

use crate::admin::Admin;
use crate::code::Code;
use crate::coordinator::unsaid;
use crate::error::ClientError;

/// Whose quota: types (`user`, `client-id`, `ip`), each with a name or none for the default.
pub type QuotaEntity = Vec<(String, Option<String>)>;

/// Quotas as they are set on one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct SetQuotas {
    /// Whose.
    pub entity: QuotaEntity,
    /// Keys and their bounds.
    pub values: Vec<(String, f64)>,
}

/// How an entity is looked for by one of its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotaMatch {
    /// It has this name.
    Named(String),
    /// It is the default.
    Default,
    /// Whatever its name.
    Any,
}

impl Admin {
    /// The quotas of the entities that have these types, and no others.
    pub async fn describe_quotas(
        &self,
        of: &[(String, QuotaMatch)],
    ) -> Result<Vec<SetQuotas>, ClientError> {
        let component = |(kind, wanted): &(String, QuotaMatch)| {
            let (match_type, r#match) = match wanted {
                QuotaMatch::Named(name) => (0, Some(name.clone())),
                QuotaMatch::Default => (1, None),
                QuotaMatch::Any => (2, None),
            };
            ComponentData { entity_type: kind.clone(), match_type, r#match }
        };
        let components = of.iter().map(component).collect();
        let request = DescribeClientQuotasRequest { components, strict: true };
        let answer = self.client.any().await?.call(&request).await?.response;
        if answer.error_code != 0 {
            let message = answer.error_message.as_deref();
            return Err(ClientError::refused(Code(answer.error_code), "quotas", message));
        }
        let set = |entry: EntryData| SetQuotas {
            entity: entry.entity.into_iter().map(|e| (e.entity_type, e.entity_name)).collect(),
            values: entry.values.into_iter().map(|value| (value.key, value.value)).collect(),
        };
        Ok(answer.entries.unwrap_or_default().into_iter().map(set).collect())
    }

    /// Sets quotas of one entity, or takes them away (`None`).
    pub async fn alter_quotas(
        &self,
        entity: &QuotaEntity,
        values: &[(String, Option<f64>)],
    ) -> Result<(), ClientError> {
        let part = |(kind, name): &(String, Option<String>)| RequestEntityData {
            entity_type: kind.clone(),
            entity_name: name.clone(),
        };
        let op = |(key, value): &(String, Option<f64>)| OpData {
            key: key.clone(),
            value: value.unwrap_or_default(),
            remove: value.is_none(),
        };
        let entry = RequestEntryData {
            entity: entity.iter().map(part).collect(),
            ops: values.iter().map(op).collect(),
        };
        let request = AlterClientQuotasRequest { entries: [entry].into(), validate_only: false };
        let answer = self.client.any().await?.call(&request).await?.response;
        match answer.entries.first() {
            None => Err(unsaid("AlterClientQuotas", "quotas")),
            Some(done) if done.error_code == 0 => Ok(()),
            Some(done) => {
                let message = done.error_message.as_deref();
                Err(ClientError::refused(Code(done.error_code), "quotas", message))
            }
        }
    }
}
