//! UpdateFeatures: every feature has the one level that is served.
//!
//! Kept true: one update that cannot be refuses all, as by a Kafka 4.3.1 node; one that is so
//! already succeeds and changes nothing.

use net_wire::messages::update_features::{
    UpdatableFeatureResult, UpdateFeaturesRequest, UpdateFeaturesResponse,
};

use crate::acl::{self, Acl, Operation};
use crate::features;
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::Code;

/// What version 0 asks for: it has no field for it.
const UPGRADE: i8 = 1;

/// Handles UpdateFeatures.
pub(crate) struct UpdateFeatures;

impl Handler for UpdateFeatures {
    type Request = UpdateFeaturesRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Alter)];

    fn memory(ask: &Ask<UpdateFeaturesRequest>) -> usize {
        1024 + ask.request.feature_updates.len() * 300
    }

    async fn answer(ask: Ask<UpdateFeaturesRequest>) -> AnswerTo<UpdateFeaturesRequest> {
        let updates = &ask.request.feature_updates;
        bounded(&ask.server, "UpdateFeatures", updates.len())?;
        let node = ask.node().options().node_id.0;
        let refused = updates.iter().find_map(|update| {
            let upgrade_type = if ask.version() == 0 { UPGRADE } else { update.upgrade_type };
            features::refuse(&update.feature, update.max_version_level, upgrade_type, node)
        });
        let response = match refused {
            Some(why) => UpdateFeaturesResponse {
                error_code: Code::FEATURE_UPDATE_FAILED.0,
                error_message: Some(format!(
                    "The update failed for all features since the following feature had an error: \
                     {why}"
                )),
                ..Default::default()
            },
            None => UpdateFeaturesResponse {
                results: updates
                    .iter()
                    .map(|update| UpdatableFeatureResult {
                        feature: update.feature.clone(),
                        error_code: Code::NONE.0,
                        // Kafka's own word where nothing is wrong.
                        error_message: Some("NONE".to_owned()),
                    })
                    .collect(),
                ..Default::default()
            },
        };
        Ok(response.into())
    }
}
