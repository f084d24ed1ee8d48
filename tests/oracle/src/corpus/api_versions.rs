//! ApiVersions and DescribeCluster: who is there, and what it speaks.

use anyhow::Result;
use net_wire::frame;
use net_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use net_wire::messages::describe_cluster::DescribeClusterRequest;

use super::versions;
use crate::names::Own;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let named = |name: &str, version: &str| ApiVersionsRequest {
        client_software_name: name.to_owned(),
        client_software_version: version.to_owned(),
    };
    for version in versions::<ApiVersionsRequest>() {
        side.ask_naming("what is served", version, &named("oracle", "1.0"), epoch)?;
        side.ask("no software", version, &named("", ""))?;
        side.ask("odd software", version, &named("-oracle", "1.0"))?;
        side.ask("odd software version", version, &named("oracle", "1 0"))?;
        let long = named(&"x".repeat(300), "1.0-SNAPSHOT");
        side.ask_naming("long software", version, &long, epoch)?;
    }
    for unknown in [5, 99, i16::MAX, -1] {
        // Only the header counts: a version that is known is written, and another one named.
        let bytes = frame::request(&named("oracle", "1"), 3, 7, Some("oracle"))?.join(&[]);
        let bytes = renamed(bytes, unknown);
        side.send::<ApiVersionsResponse>(&format!("version {unknown}"), 0, &bytes)?;
    }
    for version in versions::<DescribeClusterRequest>() {
        for endpoint_type in [1, 2, 3, 0, -1] {
            for flag in [false, true] {
                let request = DescribeClusterRequest {
                    include_cluster_authorized_operations: flag,
                    endpoint_type,
                    include_fenced_brokers: flag,
                };
                let what = format!("endpoints {endpoint_type}, everything {flag}");
                side.ask(&what, version, &request)?;
            }
        }
    }
    Ok(())
}

/// Where its log of metadata stood when a broker finalized its features.
fn epoch(answer: &ApiVersionsResponse) -> Vec<Own> {
    let is_told = answer.finalized_features_epoch >= 0;
    let epoch = answer.finalized_features_epoch;
    let own = is_told.then(|| Own::Number("finalizedFeaturesEpoch", epoch, "EPOCH".to_owned()));
    own.into_iter().collect()
}

/// The frame with another version in its header.
fn renamed(mut frame: Vec<u8>, version: i16) -> Vec<u8> {
    frame[6..8].copy_from_slice(&version.to_be_bytes());
    frame
}
