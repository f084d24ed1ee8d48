//! A client made of bytes, over the simulated loopback.

use engine_rt::{Core, Slice, Stream};
use net_wire::{Message, Reader, Request, frame};

/// One connection.
pub(crate) struct Peer {
    core: Core,
    stream: Stream,
    received: Vec<u8>,
    correlation: i32,
}

impl Peer {
    pub(crate) fn new(core: &Core, stream: Stream) -> Peer {
        Peer { core: core.clone(), stream, received: Vec::new(), correlation: 0 }
    }

    /// The frame of the next request.
    pub(crate) fn frame<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        records: &[&[u8]],
    ) -> Vec<u8> {
        self.correlation += 1;
        let encoded = frame::request(request, version, self.correlation, Some("a test"));
        encoded.expect("it can be encoded").join(records)
    }

    /// Sends bytes as they are; whoever closed meanwhile does not matter here.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let (_sent, _) = self.stream.send(vec![Slice::copy_of(&self.core, bytes)]).await;
    }

    /// Sends a request and reads its response.
    pub(crate) async fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.ask_with(request, version, &[]).await
    }

    pub(crate) async fn ask_with<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        records: &[&[u8]],
    ) -> R::Response {
        let bytes = self.frame(request, version, records);
        self.send(&bytes).await;
        self.response::<R>(version).await.1
    }

    /// Reads the next response; gives its correlation id too.
    pub(crate) async fn response<R: Request>(&mut self, version: i16) -> (i32, R::Response) {
        let bytes = self.receive().await.expect("an answer, not the end");
        decode::<R>(&bytes, version)
    }

    /// Reads the next frame, its length taken off; `None` once the broker has closed.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some((length, rest)) = self.received.split_first_chunk::<4>() {
                let length = usize::try_from(u32::from_be_bytes(*length)).expect("a length");
                if rest.len() >= length {
                    let frame = rest[..length].to_vec();
                    self.received.drain(..4 + length);
                    return Some(frame);
                }
            }
            let (received, buf) = self.stream.recv(self.core.buf(64 << 10)).await;
            match received {
                Ok(bytes) if bytes > 0 => self.received.extend_from_slice(buf.filled()),
                _ => return None,
            }
        }
    }
}

/// Reads a response; gives its correlation id too.
pub(crate) fn decode<R: Request>(bytes: &[u8], version: i16) -> (i32, R::Response) {
    let slices = [bytes];
    let mut reader = Reader::new(&slices);
    let correlation = frame::response_header(&mut reader, R::API, version).expect("a header");
    let response = <R::Response as Message>::decode(&mut reader, version).expect("a response");
    assert_eq!(reader.remaining(), 0, "nothing after the response");
    (correlation, response)
}
