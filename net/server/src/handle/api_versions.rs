//! ApiVersions: what is served. A client asks this first, in a version that it may have guessed.
//!
//! Kept true: only what is built is offered; a version that is not known is answered in version 0
//! with error 35 and the versions of ApiVersions itself, so that the client can ask again; the
//! connection stays open.

use std::time::Duration;

use net_wire::messages::api_versions::{
    API, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use net_wire::{RequestHeader, api, frame};

use crate::acl::Acl;
use crate::features::{self, Feature};
use crate::handle::{AnswerTo, Answering, Ask, Handler, Outcome, malformed};
use crate::refusal::Code;

/// Handles ApiVersions.
pub(crate) struct ApiVersions;

impl Handler for ApiVersions {
    type Request = ApiVersionsRequest;

    /// Asked before anybody is known.
    const ACLS: &'static [Acl] = &[];

    fn memory(_ask: &Ask<ApiVersionsRequest>) -> usize {
        8 * 1024
    }

    async fn answer(ask: Ask<ApiVersionsRequest>) -> AnswerTo<ApiVersionsRequest> {
        let Ask { server, client, header, request, .. } = ask;
        if header.api_version < 3 {
            return Ok(api::versions_response().into());
        }
        let (name, version) = (request.client_software_name, request.client_software_version);
        if !(is_software(&name) && is_software(&version)) {
            let error_code = Code::INVALID_REQUEST.0;
            return Ok(ApiVersionsResponse { error_code, ..Default::default() }.into());
        }
        *client.software.borrow_mut() = Some((name, version));
        let told = api::versions_response();
        Ok(with_features(told, header.api_version, server.node.image().version).into())
    }
}

/// The version from which clients know features that a cluster may be without.
const FLOOR_ZERO_SINCE: i16 = 4;

/// The answer of a version with the cluster's features, as of this epoch of its facts.
fn with_features(response: ApiVersionsResponse, version: i16, epoch: u64) -> ApiVersionsResponse {
    let (name, level) = (|at: &Feature| at.name.to_owned(), |at: &Feature| at.level);
    let known = features::all().filter(|at| at.floor > 0 || version >= FLOOR_ZERO_SINCE);
    let supported = known.map(|at| SupportedFeatureKey {
        name: name(&at),
        min_version: at.floor,
        max_version: level(&at),
    });
    let finalized = features::all().map(|at| FinalizedFeatureKey {
        name: name(&at),
        max_version_level: level(&at),
        min_version_level: level(&at),
    });
    ApiVersionsResponse {
        supported_features: supported.collect(),
        finalized_features: finalized.collect(),
        finalized_features_epoch: i64::try_from(epoch).unwrap_or(i64::MAX),
        ..response
    }
}

/// The answer to a version that is not known.
pub(crate) fn of_unknown_version(header: &RequestHeader) -> Answering {
    let response = api::versions_refusal(Code::UNSUPPORTED_VERSION.0);
    let encoded =
        frame::response(&API, 0, header.correlation_id, |writer| response.encode(writer, 0));
    let outcome = match encoded {
        Ok(encoded) => Outcome::Answer {
            encoded,
            batches: Vec::new(),
            grants: [None, None],
            throttle: Duration::ZERO,
        },
        Err(why) => Outcome::Close(malformed(API.name, why)),
    };
    Box::pin(std::future::ready(outcome))
}

/// `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?`, as KIP-511 has it.
fn is_software(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::is_software;

    #[test]
    fn software_is_named_as_kip_511_says() {
        for good in ["a", "apache-kafka-java", "1.2.3", "A-.-b"] {
            assert!(is_software(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "é", ".", "a."] {
            assert!(!is_software(bad), "{bad}");
        }
    }
}
