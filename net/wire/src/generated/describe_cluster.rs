//! The cluster's id, its brokers and its controller.
//!
//! Generated from `net/wire/messages/describe_cluster.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeCluster",
    versions: Versions { min: 0, max: 2 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 60;

/// The cluster's id, its brokers and its controller.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterRequest {
    /// `IncludeClusterAuthorizedOperations`, always there.
    pub include_cluster_authorized_operations: bool,
    /// `EndpointType`, versions 1-2, default 1.
    /// 1: brokers; 2: controllers.
    pub endpoint_type: i8,
    /// `IncludeFencedBrokers`, versions 2.
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: Default::default(),
            endpoint_type: 1,
            include_fenced_brokers: Default::default(),
        }
    }
}

impl DescribeClusterRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.include_cluster_authorized_operations = r.bool()?;
        if v >= 1 {
            it.endpoint_type = r.int8()?;
        }
        if v >= 2 {
            it.include_fenced_brokers = r.bool()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.bool(self.include_cluster_authorized_operations);
        if v >= 1 {
            w.int8(self.endpoint_type);
        }
        if v >= 2 {
            w.bool(self.include_fenced_brokers);
        }
        w.no_tags();
    }
}

/// The cluster's id, its brokers and its controller.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `EndpointType`, versions 1-2, default 1.
    pub endpoint_type: i8,
    /// `ClusterId`, always there.
    pub cluster_id: String,
    /// `ControllerId`, always there, default -1.
    pub controller_id: i32,
    /// `Brokers`, always there.
    pub brokers: List<DescribeClusterBroker>,
    /// `ClusterAuthorizedOperations`, always there, default -2147483648.
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            endpoint_type: 1,
            cluster_id: Default::default(),
            controller_id: -1,
            brokers: Default::default(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl DescribeClusterResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        if v >= 1 {
            it.endpoint_type = r.int8()?;
        }
        it.cluster_id = r.string(true)?;
        it.controller_id = r.int32()?;
        it.brokers =
            r.array(true, DescribeClusterBroker::least_bytes(v), v, DescribeClusterBroker::read)?;
        it.cluster_authorized_operations = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        if v >= 1 {
            w.int8(self.endpoint_type);
        }
        w.string(true, &self.cluster_id);
        w.int32(self.controller_id);
        w.array(true, &self.brokers, v, DescribeClusterBroker::write);
        w.int32(self.cluster_authorized_operations);
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeClusterBroker {
    /// `BrokerId`, always there.
    pub broker_id: i32,
    /// `Host`, always there.
    pub host: String,
    /// `Port`, always there.
    pub port: i32,
    /// `Rack`, always there, may be null.
    pub rack: Option<String>,
    /// `IsFenced`, versions 2.
    pub is_fenced: bool,
}

impl DescribeClusterBroker {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.broker_id = r.int32()?;
        it.host = r.string(true)?;
        it.port = r.int32()?;
        it.rack = r.string_or_null(true, true)?;
        if v >= 2 {
            it.is_fenced = r.bool()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.broker_id);
        w.string(true, &self.host);
        w.int32(self.port);
        w.string_or_null(true, true, self.rack.as_deref());
        if v >= 2 {
            w.bool(self.is_fenced);
        }
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 11,
            _ => 12,
        }
    }
}

message!(DescribeClusterRequest);
message!(DescribeClusterResponse);
impl Request for DescribeClusterRequest {
    type Response = DescribeClusterResponse;

    fn throttled(response: &mut DescribeClusterResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
