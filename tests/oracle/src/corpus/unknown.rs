//! What is not served: keys and versions that nobody has, and bytes that are no request.

use anyhow::Result;
use net_wire::frame;
use net_wire::messages::metadata::MetadataRequest;
use net_wire::messages::metadata::MetadataResponse;

use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let good = frame::request(&MetadataRequest::default(), 1, 7, Some("oracle"))?.join(&[]);
    let with = |from: usize, value: i16| {
        let mut frame = good.clone();
        frame[from..from + 2].copy_from_slice(&value.to_be_bytes());
        frame
    };
    for key in [-1, 999, i16::MAX] {
        side.send::<MetadataResponse>(&format!("key {key}"), 1, &with(4, key))?;
    }
    for version in [-1, 14, i16::MAX] {
        side.send::<MetadataResponse>(&format!("version {version}"), 1, &with(6, version))?;
    }
    // The length says less than the request needs.
    let mut short = good[..good.len() - 2].to_vec();
    let length = i32::try_from(short.len()).unwrap_or(i32::MAX) - 4;
    short[..4].copy_from_slice(&length.to_be_bytes());
    side.send::<MetadataResponse>("a request that ends early", 1, &short)?;
    let mut long = good.clone();
    long.extend([1, 2, 3]);
    let length = i32::try_from(long.len()).unwrap_or(i32::MAX) - 4;
    long[..4].copy_from_slice(&length.to_be_bytes());
    side.send::<MetadataResponse>("bytes after the request", 1, &long)?;
    for length in [-1i32, 0, i32::MAX] {
        let what = format!("a frame of {length} bytes");
        side.send::<MetadataResponse>(&what, 1, &length.to_be_bytes())?;
    }
    Ok(())
}
