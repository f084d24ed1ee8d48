//! What an operator is told of a connection that ended: which software asked for what.

use net_server::{Answered, Answers, Notice};
use net_wire::messages::api_versions::ApiVersionsRequest;
use net_wire::messages::metadata::MetadataRequest;
use net_wire::messages::produce::ProduceRequest;

use crate::scene::{Scene, batch, play, play_with, produce_request};

/// Asks in every way, then says what the operator was told.
async fn ask(scene: &Scene) -> Vec<Answered> {
    scene.create("t", 1, &[]).await;
    let mut peer = scene.peer().await;
    let versions = ApiVersionsRequest {
        client_software_name: "a-client".into(),
        client_software_version: "1.2".into(),
    };
    peer.ask(&versions, 4).await;
    for version in [12, 13, 12] {
        peer.ask(&MetadataRequest::default(), version).await;
    }
    let batch = batch(&["a"]);
    peer.ask_with(&produce_request("t", 0, batch.len()), 9, &[&batch]).await;
    let silent = ProduceRequest { acks: 0, ..produce_request("t", 0, batch.len()) };
    let bytes = peer.frame(&silent, 8, &[&batch]);
    peer.send(&bytes).await;
    // Of an API that is served, in a version that is not: answered with a refusal, not told.
    let mut bytes = peer.frame(&versions, 4, &[]);
    bytes[6..8].copy_from_slice(&99i16.to_be_bytes());
    peer.send(&bytes).await;
    peer.receive().await.expect("an answer");
    drop(peer);
    scene.stop().await;
    let told = scene.told().into_iter();
    told.filter_map(|notice| if let Notice::Answered(one) = notice { Some(one) } else { None })
        .collect()
}

#[test]
fn what_was_answered_is_told_at_the_end_of_a_connection() {
    play_with(
        1,
        |options| options.tells_answered = true,
        |scene| async move {
            let told = ask(&scene).await;
            assert_eq!(told.len(), 2, "the one that created the topic, and this: {told:?}");
            let last = &told[1];
            assert_eq!(last.software, Some(("a-client".into(), "1.2".into())));
            assert_eq!(last.client_id.as_deref(), Some("a test"));
            let answers = |api, version, count| Answers { api, version, count };
            let wanted = [
                answers("Produce", 8, 1),
                answers("Produce", 9, 1),
                answers("Metadata", 12, 2),
                answers("Metadata", 13, 1),
                answers("ApiVersions", 4, 1),
            ];
            assert_eq!(last.answers, wanted);
            let line = last.to_string();
            let end = "left: a-client/1.2 as \"a test\" was answered Produce:8=1 Produce:9=1 \
                       Metadata:12=2 Metadata:13=1 ApiVersions:4=1";
            assert!(line.ends_with(end), "{line}");
            assert_eq!(told[0].software, None);
        },
    );
}

#[test]
fn nobody_is_told_who_did_not_ask_for_it() {
    play(1, |scene| async move {
        assert_eq!(ask(&scene).await, []);
    });
}
